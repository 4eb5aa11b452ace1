import { describe, expect, it } from 'vitest';
import { catalogues as desk } from './desk';
import { catalogues as office } from './office';
import { catalogues as room } from './room';
import { languageOf, languages, Words, type Catalogue } from './words';
import type { MessageId } from './ids';

function ids(catalogues: readonly Catalogue[], lang: 'zh-CN' | 'en'): string[] {
  return catalogues
    .flatMap((catalogue) => [...catalogue[lang].matchAll(/^([a-z][a-z0-9-]*) *=/gm)].map((match) => match[1] ?? ''))
    .sort();
}

describe.each([
  ['room', room],
  ['desk', desk],
  ['office', office],
])('catalogue of %s', (_, catalogues) => {
  it('has the same messages in every language', () => {
    expect(ids(catalogues, 'en')).toEqual(ids(catalogues, 'zh-CN'));
  });

  it('words each of its messages', () => {
    for (const lang of languages) {
      const words = new Words(lang, catalogues);
      for (const id of ids(catalogues, lang)) expect(words.say(id as MessageId, { count: 1 })).not.toBe(id);
    }
  });
});

describe('a text', () => {
  const [zh, en] = [new Words('zh-CN', []), new Words('en', [])];

  it('is read in the language of the page, its base language, that of the meeting, or the first', () => {
    const both = { zh: '宁波', en: 'Ningbo' };
    expect([zh.pick(both), en.pick(both), zh.pick({ ...both, 'zh-CN': '宁波市' })]).toEqual([
      '宁波',
      'Ningbo',
      '宁波市',
    ]);
    const further = { zh: '', en: '', bo: 'ཉིང་པོ', ug: 'نىڭبو' };
    expect([zh.pick(further, 'ug'), en.pick(further), en.pick({ zh: '宁波', en: '' }, 'ug')]).toEqual([
      'نىڭبو',
      'ཉིང་པོ',
      '宁波',
    ]);
    expect(en.pick({ zh: '', en: '' })).toBe('');
  });
});

describe('languages', () => {
  it('are told by the first part of a tag', () => {
    expect([
      languageOf('zh-Hans-CN'),
      languageOf('en-GB'),
      languageOf('EN'),
      languageOf('fr'),
      languageOf(null),
    ]).toEqual(['zh-CN', 'en', 'en', undefined, undefined]);
  });
});
