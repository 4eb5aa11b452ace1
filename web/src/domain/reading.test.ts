import { describe, expect, it } from 'vitest';
import { Reading } from './reading';

/** Gives reports 200 ms apart; answers with what was shown after each. */
function shown(reports: readonly (number | undefined)[]): (number | undefined)[] {
  const reading = new Reading();
  return reports.map((level, index) => {
    reading.take(index * 200, level);
    return reading.shown;
  });
}

describe('number beside a meter', () => {
  it('stays when every other report is empty', () => {
    expect(shown([undefined, -18, undefined, -18, undefined, -18])).toEqual([undefined, -18, -18, -18, -18, -18]);
  });

  it('changes twice a second at most', () => {
    expect(shown([-18, -20, -22, -24, -26, -28])).toEqual([-18, -18, -18, -24, -24, -24]);
  });

  it('goes after a second of empty reports, and comes back with the first that is none', () => {
    expect(shown([-18, undefined, undefined, undefined, undefined, undefined, -30])).toEqual([
      -18,
      -18,
      -18,
      -18,
      -18,
      undefined,
      -30,
    ]);
  });

  it('lets the meter pass over an empty report, and fall when sound has gone', () => {
    const reading = new Reading();
    expect(reading.take(0, -18)).toBe(true);
    expect(reading.take(200, undefined)).toBe(false);
    expect(reading.take(1000, undefined)).toBe(true);
  });

  it('says silence a second after the last report, if that was an empty one and none comes any more', () => {
    const reading = new Reading();
    reading.take(0, -38);
    expect(reading.pass(5000), 'a steady level is told once').toBe(false);
    reading.take(5200, -38);
    reading.take(5400, undefined);
    expect([reading.pass(6000), reading.shown]).toEqual([false, -38]);
    expect([reading.pass(6200), reading.shown]).toEqual([true, undefined]);
  });
});
