import { expect, test } from 'vitest';
import type { RundownSection, Summary } from '../contract';
import { heldRows, spokenRows } from './summary';

const minute = 60_000;
const item = (id: string, minutes: number) => ({
  id,
  title: { zh: id, en: id },
  minutes,
  start: null,
  person: null,
  venue: null,
  began: null,
});
const rundown: RundownSection = { items: [item('i1', 5), item('i2', 30)], current: null, since: null };
const summary: Summary = {
  from: 0,
  to: 90 * minute,
  items: [
    { item: 'i2', began: 0, ended: 20 * minute },
    { item: 'gone', began: 20 * minute, ended: 25 * minute },
    { item: 'i2', began: 25 * minute, ended: 90 * minute },
  ],
  speeches: [],
  venues: 3,
  expected: 4,
};

test('items stand as they were held, one that was come back to twice, beside what was planned', () => {
  expect(
    heldRows(summary, rundown).map(({ number, began, ms, minutes, turn }) => [number, began, ms, minutes, turn]),
  ).toEqual([
    [2, 0, 20 * minute, 30, 1],
    [null, 20 * minute, 5 * minute, null, 1],
    [2, 25 * minute, 65 * minute, 30, 2],
  ]);
});

test('without a rundown the items have their ids alone', () => {
  expect(heldRows(summary, undefined).map(({ item, title }) => [item, title])).toEqual([
    ['i2', null],
    ['gone', null],
    ['i2', null],
  ]);
});

test('speaking time adds up by venue, in rank order, with a venue that has gone last', () => {
  const speech = (venue: string, seconds: number) => ({ venue, person: null, began: 0, seconds, item: null });
  const speeches = [speech('gone', 7), speech('v2', 60), speech('v1', 30), speech('v2', 45)];
  const rank = new Map([
    ['v1', 0],
    ['v2', 1],
  ]);
  expect(spokenRows(speeches, rank)).toEqual([
    { venue: 'v1', seconds: 30, times: 1 },
    { venue: 'v2', seconds: 105, times: 2 },
    { venue: 'gone', seconds: 7, times: 1 },
  ]);
  expect(spokenRows([], rank)).toEqual([]);
});
