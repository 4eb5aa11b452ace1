import { describe, expect, it } from 'vitest';
import { firstWords, triesAlone, wordsOf, type FetchCatalogue } from './loading';
import type { Lang } from './words';

const names = ['common', 'marks'] as const;

/** A net that lets nothing of a language through before its try of that number; a try asks for each catalogue once. */
function net(from: Record<Lang, number>): { fetchCatalogue: FetchCatalogue; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    fetchCatalogue: (lang, name) => {
      asked.push(`${lang}/${name}`);
      const tries = asked.filter((entry) => entry === `${lang}/${name}`).length;
      return Promise.resolve(tries < from[lang] ? undefined : `product = ${lang}`);
    },
  };
}

async function first(asked: Lang, from: Record<Lang, number>): Promise<[Lang, number]> {
  let pauses = 0;
  const words = await firstWords(asked, names, net(from).fetchCatalogue, () => {
    pauses += 1;
    return Promise.resolve();
  });
  return [words.lang, pauses];
}

describe('the words that a page opens with', () => {
  it('are those of the language asked for, and no other is fetched', async () => {
    const { fetchCatalogue, asked } = net({ 'zh-CN': 1, en: 1 });
    const words = await firstWords('en', names, fetchCatalogue, () => Promise.reject(new Error('no pause')));
    expect([words.lang, words.say('product'), asked]).toEqual(['en', 'en', ['en/common', 'en/marks']]);
  });

  it('are waited for a few tries before another language takes their place', async () => {
    expect(await first('en', { 'zh-CN': 1, en: triesAlone - 1 })).toEqual(['en', triesAlone - 2]);
    expect(await first('en', { 'zh-CN': 1, en: Infinity })).toEqual(['zh-CN', triesAlone - 1]);
  });

  it('are tried for until they come', async () => {
    expect(await first('zh-CN', { 'zh-CN': 40, en: Infinity })).toEqual(['zh-CN', 39]);
  });

  it('are never half there', async () => {
    const half: FetchCatalogue = (_, name) => Promise.resolve(name === 'marks' ? undefined : 'product = x');
    expect(await wordsOf('en', names, half)).toBeUndefined();
  });
});
