import { expect, test } from 'vitest';
import { eastOf } from './zone';

test('a zone is as far east as its clocks say at that moment', () => {
  const january = Date.UTC(2027, 0, 15, 1);
  const july = Date.UTC(2027, 6, 15, 1);
  expect([january, july].map((at) => eastOf('Asia/Shanghai', at))).toEqual([480, 480]);
  expect([january, july].map((at) => eastOf('Europe/Berlin', at))).toEqual([60, 120]);
  expect(eastOf('Asia/Kolkata', january)).toBe(330);
  expect(eastOf('America/New_York', january + 29_000)).toBe(-300);
});

test('a zone is as far east in every second of a minute', () => {
  const minute = Date.UTC(2027, 0, 15, 1, 7);
  const seconds = Array.from({ length: 60 }, (_, second) => minute + second * 1000 + 999);
  for (const [zone, east] of [
    ['Asia/Shanghai', 480],
    ['America/New_York', -300],
    ['Asia/Kolkata', 330],
  ] as const)
    expect(new Set(seconds.map((at) => eastOf(zone, at)))).toEqual(new Set([east]));
  // Before 1970 too.
  expect(eastOf('UTC', -15_000)).toBe(0);
});

test('a zone that the browser does not know has no clocks', () => {
  expect(eastOf('Mars/Olympus', 0)).toBeUndefined();
});
