// The browser's side of the catalogues: files of their own beside the scripts, so that a page loads the language that it shows.

import type { CatalogueName } from '../ids';
import type { Lang } from '../words';

/** Milliseconds after which a catalogue counts as not come. */
const fetchMaxMs = 8000;

const addresses = new Map(
  Object.entries(import.meta.glob<string>('$i18n/*/*.ftl', { query: '?url', import: 'default', eager: true })).map(
    ([path, address]) => [path.split('/').slice(-2).join('/'), address],
  ),
);

/** Fetches a catalogue; undefined if it does not come. */
export async function fetchCatalogue(lang: Lang, name: CatalogueName): Promise<string | undefined> {
  const address = addresses.get(`${lang}/${name}.ftl`);
  if (address === undefined) return undefined;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(fetchMaxMs) });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined;
  }
}
