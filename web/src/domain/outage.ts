// While the log of the meeting cannot be written, closing is all that can be done (R16, R17).

import type { Act, ActKind } from '../contract';

/** Acts that are done all the same: they close something, or are never logged. `end` closes every branch and must be given again. */
const possible: readonly ActKind[] = ['close_floor', 'mute_all', 'end_call_on', 'slate', 'end', 'acknowledge'];

/** Whether an act is done while the log cannot be written. */
export function doneWithoutLog(act: Act): boolean {
  return possible.some((kind) => kind in act);
}
