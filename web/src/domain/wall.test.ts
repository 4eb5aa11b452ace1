import { describe, expect, it } from 'vitest';
import { sampleDirectory, sampleVenue } from './sample';
import {
  connected,
  flow,
  keepOnly,
  passes,
  step,
  tallyUp,
  wallRows,
  worstFirst,
  type WallCell,
  type WallRow,
} from './wall';

const key = (cell: WallCell | null) =>
  cell === null ? '' : cell.kind === 'source' ? cell.source : cell.kind === 'unit' ? `(${cell.unit})` : cell.venue;
const drawn = (rows: readonly WallRow[]) =>
  rows.flatMap((row) => row.lines.map((line) => line.cells.map(key).join(' ')));

describe('rows of the wall', () => {
  it('gives the single camera of a main venue no chip of its own', () => {
    expect(drawn(wallRows(sampleDirectory([1], [], 1), 'main', 10))[0]).toBe('main');
  });

  it('begins with the main venue and its cameras, then one row per city in rank order', () => {
    const rows = wallRows(sampleDirectory([2, 0, 1]), 'main', 10);
    expect(drawn(rows)).toEqual(['main main-1 main-2', 'c0 c0-1 c0-2', 'c1', 'c2 c2-1']);
  });

  it('gives a city of more than nine counties a second line from the second column', () => {
    const rows = wallRows(sampleDirectory([11]), 'main', 10);
    expect(rows[1]?.lines.map((line) => line.cells.length)).toEqual([10, 3]);
    expect(drawn(rows)[2]).toBe(' c0-10 c0-11');
    expect(rows[1]?.venues).toHaveLength(12);
  });

  it('keeps the first column for a city that has no venue of its own', () => {
    expect(drawn(wallRows(sampleDirectory([2], [0]), 'main', 10))[1]).toBe('(u0) c0-1 c0-2');
  });

  it('lets an organisation of two tiers flow without cities', () => {
    const rows = wallRows(sampleDirectory([0, 0, 0, 0, 0]), 'main', 4);
    expect(drawn(rows)).toEqual(['main main-1', 'main-2', 'c0 c1 c2 c3', 'c4']);
  });

  it('drops lines without a kept venue and leaves the others in their columns', () => {
    const rows = wallRows(sampleDirectory([2, 1]), 'main', 10);
    expect(drawn(keepOnly(rows, new Set(['c0-2'])))).toEqual(['c0 c0-1 c0-2']);
  });
});

describe('filters and orders', () => {
  it('passes a venue by what it is', () => {
    expect(passes('alarms', sampleVenue({ state: 'lost' }))).toBe(true);
    expect(passes('alarms', sampleVenue({ state: 'absent' }))).toBe(false);
    expect(passes('hands', sampleVenue({ hand: 2 }))).toBe(true);
    expect(passes('absent', undefined)).toBe(false);
  });

  it('puts lost before degraded before absent, and keeps the rank among equals', () => {
    const states = new Map([
      ['c0', sampleVenue()],
      ['c1', sampleVenue({ state: 'absent' })],
      ['c2', sampleVenue({ state: 'lost' })],
      ['main', sampleVenue()],
      ['c0-1', sampleVenue({ state: 'warn' })],
    ]);
    expect(worstFirst(sampleDirectory([1, 0, 0]), (venue) => states.get(venue))).toEqual([
      'c2',
      'c0-1',
      'c1',
      'main',
      'c0',
    ]);
  });

  it('counts every state in one walk', () => {
    const states = new Map([
      ['a', sampleVenue({ hand: 1 })],
      ['b', sampleVenue({ state: 'lost' })],
      ['c', sampleVenue({ state: 'absent' })],
      ['d', sampleVenue({ state: 'warn' })],
    ]);
    const state = (venue: string) => states.get(venue);
    expect(tallyUp(['a', 'b', 'c', 'd'], state)).toEqual({ all: 4, alarms: 2, hands: 1, absent: 1, connected: 2 });
    expect(connected(['a', 'b', 'd'], state)).toBe(2);
  });
});

describe('the roving focus', () => {
  const lines = wallRows(sampleDirectory([11, 1], [1]), 'main', 10).flatMap((row) => row.lines);

  it('moves along a line and stops at its ends', () => {
    expect(step(lines, [1, 0], 'right')).toEqual([1, 1]);
    expect(step(lines, [1, 0], 'left')).toEqual([1, 0]);
    expect(step(lines, [1, 9], 'right')).toEqual([1, 9]);
    expect(step(lines, [1, 4], 'home')).toEqual([1, 0]);
    expect(step(lines, [1, 4], 'end')).toEqual([1, 9]);
  });

  it('goes down to the nearest chip, past empty places and city names', () => {
    expect(step(lines, [1, 9], 'down')).toEqual([2, 2]);
    expect(step(lines, [1, 0], 'down')).toEqual([2, 1]);
    expect(step(lines, [2, 1], 'down')).toEqual([3, 1]);
    expect(step(lines, [3, 1], 'down')).toEqual([3, 1]);
    expect(step(lines, [3, 1], 'first')).toEqual([0, 1]);
    expect(step(lines, [0, 0], 'last')).toEqual([3, 1]);
  });

  it('reaches every venue by arrows alone', () => {
    const seen = new Set<string>();
    let at: readonly [number, number] = step(lines, [0, 0], 'first');
    for (let line = 0; line < lines.length; line += 1) {
      at = step(lines, at, 'home');
      for (let column = 0; column < 12; column += 1) {
        seen.add(key(lines[at[0]]?.cells[at[1]] ?? null));
        at = step(lines, at, 'right');
      }
      at = step(lines, at, 'down');
    }
    expect(seen.size).toBe(3 + 12 + 1);
  });
});

it('cuts a list into lines', () => {
  expect(drawn([flow('worst', ['a', 'b', 'c'], 2)])).toEqual(['a b', 'c']);
});
