import { expect, it } from 'vitest';
import type { ItemEntry, QueueEntry } from '../contract';
import { exclusive, limitSeconds, speaker } from './floor';

it('a call-on closes every open microphone but its own and the chair’s', () => {
  const open = ['main', 'a', 'b', 'c'].map((venue) => ({ venue, kind: 'open' as const, since: 0 }));
  expect(exclusive({ open }, 'main', 'b')).toEqual(['a', 'c']);
  expect(exclusive({ open }, 'main', 'main')).toEqual(['a', 'b', 'c']);
  expect(exclusive(undefined, 'main', 'b')).toEqual([]);
});

const item: ItemEntry = {
  id: 'i1',
  title: { zh: '', en: '' },
  minutes: 25,
  start: null,
  person: 'p1',
  venue: 'a',
  began: 0,
};

it('a speech is limited by what was chosen, else by the item, and by nothing where there is none', () => {
  expect(limitSeconds(3, item)).toBe(180);
  expect(limitSeconds('item', item)).toBe(1500);
  expect(limitSeconds('none', item)).toBeNull();
  expect(limitSeconds('item', null)).toBeNull();
  expect(limitSeconds('item', { ...item, minutes: 0 })).toBeNull();
  expect(limitSeconds('item', { ...item, minutes: 600 })).toBe(14_400);
});

it('speaks whom the request names, else whom the item names at that venue, else nobody by name', () => {
  const asked = { person: 'p2' } as QueueEntry;
  expect(speaker('a', asked, item)).toEqual({ person: 'p2', by: 'asked' });
  expect(speaker('a', { ...asked, person: null }, item)).toEqual({ person: 'p1', by: 'item' });
  expect(speaker('b', undefined, item)).toBeNull();
  expect(speaker('a', undefined, null)).toBeNull();
});
