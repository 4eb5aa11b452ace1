// Words of a refusal. The id follows from the code, so a code without words does not compile.

import type { RefusalCode, Role } from '../contract';
import { t } from '../state/language.svelte';

type Kebab<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}-${Kebab<Tail>}` : S;

function kebab<S extends string>(code: S): Kebab<S> {
  return code.replaceAll('_', '-') as Kebab<S>;
}

/** Why an act was refused, and by whom it may be done. `holder` is what stands in the way, by name. */
export function refusedSaid(code: RefusalCode, holder: string, may: readonly Role[]): string {
  if (code === 'no_right' && may.length > 0)
    return t('refused-no-right-who', { roles: may.map((role) => t(`role-${role}`)).join(t('list-join')) });
  return t(`refused-${kebab(code)}`, { holder });
}
