// Catalogues come over the net, those of one language at a time. Pure: how one is fetched, and how time passes, are arguments.

import type { CatalogueName } from './ids';
import { languages, Words, type Lang } from './words';

/** Fetches a catalogue; undefined if it did not come. */
export type FetchCatalogue = (lang: Lang, name: CatalogueName) => Promise<string | undefined>;

/** Tries of the language asked for before another one takes its place. */
export const triesAlone = 3;

/** The words of a language; undefined unless all its catalogues came. */
export async function wordsOf(
  lang: Lang,
  names: readonly CatalogueName[],
  fetchCatalogue: FetchCatalogue,
): Promise<Words | undefined> {
  const texts = await Promise.all(names.map((name) => fetchCatalogue(lang, name)));
  const came = texts.filter((text) => text !== undefined);
  return came.length === names.length ? new Words(lang, came) : undefined;
}

/**
 * The words that a page opens with: in the language asked for, after some tries in another one. It never gives up, for
 * nobody stands beside a hall's screen to load it again. `pause` is waited for after each try in vain.
 */
export async function firstWords(
  asked: Lang,
  names: readonly CatalogueName[],
  fetchCatalogue: FetchCatalogue,
  pause: (tries: number) => Promise<void>,
): Promise<Words> {
  const others = languages.filter((lang) => lang !== asked);
  for (let tries = 1; ; tries++) {
    for (const lang of tries < triesAlone ? [asked] : [asked, ...others]) {
      const words = await wordsOf(lang, names, fetchCatalogue);
      if (words) return words;
    }
    await pause(tries);
  }
}
