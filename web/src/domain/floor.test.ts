import { expect, it } from 'vitest';
import { exclusive } from './floor';

it('a call-on closes every open microphone but its own and the chair’s', () => {
  const open = ['main', 'a', 'b', 'c'].map((venue) => ({ venue, kind: 'open' as const, since: 0 }));
  expect(exclusive({ open }, 'main', 'b')).toEqual(['a', 'c']);
  expect(exclusive({ open }, 'main', 'main')).toEqual(['a', 'b', 'c']);
  expect(exclusive(undefined, 'main', 'b')).toEqual([]);
});
