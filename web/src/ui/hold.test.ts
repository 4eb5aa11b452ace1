import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Hold } from './hold.svelte';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function held(during: (say: (what: string) => void, hold: Hold) => void): string[] {
  const done: string[] = [];
  let what = 'a';
  const hold = new Hold(300, () => done.push('fired'), { what: () => what, changed: () => done.push(`is ${what}`) });
  hold.begin();
  vi.advanceTimersByTime(200);
  during((now) => (what = now), hold);
  vi.advanceTimersByTime(100);
  return done;
}

test('a hold fires if it is about the same as when it began', () => {
  expect(held(() => undefined)).toEqual(['fired']);
});

test('a hold that is about another by now does nothing, and says so', () => {
  expect(held((say) => say('b'))).toEqual(['is b']);
});

test('a hold that is let go early does nothing', () => {
  expect(held((_, hold) => void hold.cancel())).toEqual([]);
});
