import { describe, expect, it } from 'vitest';
import type { Act } from '../contract';
import { doneWithoutLog, kindOf } from './outage';

describe('while the log cannot be written', () => {
  it('what closes is done, and what opens, shows or asks is not', () => {
    const closing: Act[] = [
      { close_floor: { venue: 'v1' } },
      { mute_all: {} },
      { end_call_on: {} },
      { slate: {} },
      { end: {} },
      { acknowledge: { alarm: 'a1' } },
    ];
    const others: Act[] = [
      { start: {} },
      { preview: { source: null } },
      { take: {} },
      { call_on: { venue: 'v1' } },
      { open_floor: { venue: 'v1' } },
      { raise: {} },
      { withdraw: {} },
      { drop: { request: 'r1' } },
      { item: { item: 'i1' } },
    ];
    expect(closing.filter((act) => !doneWithoutLog(kindOf(act)))).toEqual([]);
    expect(others.filter((act) => doneWithoutLog(kindOf(act)))).toEqual([]);
  });
});
