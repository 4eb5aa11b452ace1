import { describe, expect, it } from 'vitest';
import { desk, watch, room } from './bundles';
import { languageOf, languages, Words, type Lang } from './words';
import type { CatalogueName, MessageId } from './ids';

const files = import.meta.glob<string>('$i18n/*/*.ftl', { query: '?raw', import: 'default', eager: true });

function texts(lang: Lang, names: readonly CatalogueName[]): string[] {
  return names.map((name) => Object.entries(files).find(([path]) => path.endsWith(`/${lang}/${name}.ftl`))?.[1] ?? '');
}

function ids(lang: Lang, names: readonly CatalogueName[]): string[] {
  return texts(lang, names)
    .flatMap((text) => [...text.matchAll(/^([a-z][a-z0-9-]*) *=/gm)].map((match) => match[1] ?? ''))
    .sort();
}

describe.each([
  ['room', room],
  ['desk', desk],
  ['watch', watch],
])('catalogues of %s', (_, names) => {
  it('have the same messages in every language', () => {
    expect(ids('en', names).length).toBeGreaterThan(30);
    expect(ids('en', names)).toEqual(ids('zh-CN', names));
  });

  it('word each of their messages', () => {
    for (const lang of languages) {
      const words = new Words(lang, texts(lang, names));
      for (const id of ids(lang, names)) expect(words.say(id as MessageId, { count: 1 })).not.toBe(id);
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
