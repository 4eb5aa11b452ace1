// Words of a hint. The id follows from it, so a hint without words does not compile.

import type { Hint, HintId } from '../../domain/keys';
import { t } from '../../state/language.svelte';

type Kebab<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}-${Kebab<Tail>}` : S;

/** Why nothing was done, or what was done beside. */
export function hintSaid({ id, name = '', count = 0 }: Hint): string {
  return t(`desk-hint-${id.replaceAll('_', '-') as Kebab<HintId>}`, { name, count });
}
