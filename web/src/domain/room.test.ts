import { describe, expect, it } from 'vitest';
import type { JournalLine, ProgrammeSection, RundownSection, Scene } from '../contract';
import { mayReload, roomPhase, seen, seesReturn, takenOff, windowOf } from './room';

const full = (source: string): Scene => ({ kind: 'full', source });
const slate: Scene = { kind: 'slate' };
const programme = (scene: Scene, shown: Scene): ProgrammeSection => ({ scene, shown, shown_at: 0, waiting: false });

describe('phase of a venue', () => {
  it('follows the meeting, and the tally while it runs', () => {
    expect(roomPhase(undefined, 'none')).toBe('idle');
    expect(roomPhase('waiting', 'next')).toBe('waiting');
    expect(roomPhase('live', 'none')).toBe('watching');
    expect(roomPhase('live', 'next')).toBe('next');
    expect(roomPhase('live', 'air')).toBe('on-air');
    expect(roomPhase('ended', 'air')).toBe('ended');
  });
});

describe('a new version', () => {
  it('is loaded while nobody watches, and never while watching, next or on air', () => {
    expect((['idle', 'waiting', 'ended'] as const).map(mayReload)).toEqual([true, true, true]);
    expect((['watching', 'next', 'on-air', 'live'] as const).map(mayReload)).toEqual([false, false, false, false]);
  });
});

describe('return picture', () => {
  it('is seen from the decision until none of the own sources is shown: a hall never sees itself (R6)', () => {
    const own = ['a1', 'a2'];
    expect(seesReturn(programme(full('b1'), full('b1')), own)).toBe(false);
    expect(seesReturn(programme(full('a1'), full('b1')), own)).toBe(true);
    expect(seesReturn(programme(full('a1'), full('a1')), own)).toBe(true);
    expect(seesReturn(programme(full('b1'), full('a2')), own)).toBe(true);
    expect(seesReturn(programme(slate, slate), own)).toBe(false);
    expect(seesReturn(undefined, own)).toBe(false);
  });
});

describe('who is seen', () => {
  const rundown: RundownSection = {
    items: [
      { id: 'i1', title: { zh: '一', en: 'one' }, minutes: 5, start: null, person: 'p1', venue: 'v1', began: null },
    ],
    current: 'i1',
    since: 0,
  };
  const call = (venue: string, person: string | null) => ({
    running: { venue, source: `${venue}-1`, person, request: null, began: 0, limit_s: null },
  });

  it('is the person called on before the one that the item names', () => {
    expect(seen('v1', call('v1', 'p9'), rundown)).toEqual({ venue: 'v1', person: 'p9' });
    expect(seen('v1', { running: null }, rundown)).toEqual({ venue: 'v1', person: 'p1' });
  });

  it('is nobody by name if the venue called gave none, and in a venue that neither names', () => {
    expect(seen('v1', call('v1', null), rundown).person).toBeNull();
    expect(seen('v2', call('v1', 'p9'), rundown)).toEqual({ venue: 'v2', person: null });
  });
});

describe('part of a list that fits', () => {
  it('has the current row second, and never an empty end', () => {
    expect(windowOf(10, 0, 4)).toEqual({ from: 0, to: 4 });
    expect(windowOf(10, 5, 4)).toEqual({ from: 4, to: 8 });
    expect(windowOf(10, 9, 4)).toEqual({ from: 6, to: 10 });
    expect(windowOf(3, 2, 8)).toEqual({ from: 0, to: 3 });
    expect(windowOf(0, 0, 4)).toEqual({ from: 0, to: 0 });
  });
});

describe('a request that control took off', () => {
  const line = (seq: number, kind: JournalLine['kind'], venue = 'v1'): JournalLine => ({
    seq,
    at: seq * 1000,
    kind,
    actor: 'director',
    venue,
    source: null,
    person: null,
    item: null,
  });

  it('is told until the venue asks again or is called', () => {
    expect(takenOff([line(1, 'raised'), line(2, 'dropped')], 'v1')?.seq).toBe(2);
    expect(takenOff([line(3, 'raised'), line(2, 'dropped'), line(1, 'raised')], 'v1')).toBeUndefined();
    expect(takenOff([line(2, 'dropped'), line(3, 'call_on')], 'v1')).toBeUndefined();
  });

  it('is not told of another venue, nor of a request that was withdrawn', () => {
    expect(takenOff([line(1, 'raised'), line(2, 'dropped', 'v2')], 'v1')).toBeUndefined();
    expect(takenOff([line(1, 'raised'), line(2, 'withdrawn')], 'v1')).toBeUndefined();
    expect(takenOff([], 'v1')).toBeUndefined();
  });
});
