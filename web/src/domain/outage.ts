// While the log of the meeting cannot be written, closing is all that can be done (R16, R17).

import type { Act, ActKind } from '../contract';

/** Acts that are done all the same: they close something, or are never logged. `end` closes every branch and must be given again. */
const possible: readonly ActKind[] = ['close_floor', 'mute_all', 'end_call_on', 'slate', 'end', 'acknowledge'];

/** Whether an act is done while the log cannot be written. */
export function doneWithoutLog(kind: ActKind): boolean {
  return possible.includes(kind);
}

/** Which act it is. */
export function kindOf(act: Act): ActKind {
  // The contract writes an act as an object of one key, its kind.
  return Object.keys(act)[0] as ActKind;
}
