import { expect, it } from 'vitest';
import type { VenueEntry } from '../contract';
import { find, fold } from './search';

const venue = (id: string, zh: string, en: string, ...search: string[]): VenueEntry => ({
  id,
  unit: 'u',
  tier: 1,
  name: { zh: `${zh}市会场`, en: `${en} City` },
  short: { zh, en },
  sources: [],
  search,
});
const venues = [
  venue('v1', '宁波', 'Ningbo', '0200', 'ningbo', 'nb'),
  venue('v2', '云霭', "Yun'ai", '0904', 'yunai', 'ya'),
  venue('v3', '宁海', 'Ninghai', '0201', 'ninghai', 'nh'),
];
const found = (query: string) => find(venues, query).map((entry) => entry.id);

it('finds a venue by name, pinyin, initials and code alike', () => {
  for (const query of ['宁波', 'ningbo', 'NB', 'nb', '0200', 'Ning bo']) expect(found(query)[0]).toBe('v1');
});

it('finds by beginnings, in rank order', () => {
  expect(found('ning')).toEqual(['v1', 'v3']);
  expect(found('02')).toEqual(['v1', 'v3']);
});

it('finds Han inside a name and Latin only at its beginning', () => {
  expect(found('海')).toEqual(['v3']);
  expect(found('hai')).toEqual([]);
});

it('reads over apostrophes and finds nothing for nothing', () => {
  expect(found("yun'ai")).toEqual(['v2']);
  expect(found('yun ai')).toEqual(['v2']);
  expect(found('  ')).toEqual([]);
  expect(fold('Yun’ai')).toBe('yunai');
});
