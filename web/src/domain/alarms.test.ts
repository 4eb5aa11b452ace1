import { describe, expect, it } from 'vitest';
import { alarmValue, lengthParts, cardRoom, cardsAbove, cardsBelow } from './alarms';

describe('cards of alarms', () => {
  const gap = 4;
  const sign = 20;
  const room = (heights: readonly number[], room: number) => cardRoom(heights, { room, gap, sign });

  it('all stand where they find room, the last gap aside', () => {
    expect(room([84, 84, 84], 260)).toEqual({ height: 260, over: false });
    expect(room([], 100)).toEqual({ height: 0, over: false });
  });

  it('stand whole where they do not, above the line that says how many more there are', () => {
    expect(room([84, 84, 84], 259)).toEqual({ height: 172, over: true });
    expect(room([180, 84, 84], 290)).toEqual({ height: 268, over: true });
    expect(room([180, 84, 84], 287)).toEqual({ height: 180, over: true });
  });

  it('scroll in all the room where one alone is higher', () => {
    expect(room([180], 120)).toEqual({ height: 100, over: true });
  });

  it('are counted below and above what is seen', () => {
    const heights = [180, 84, 84];
    expect([cardsBelow(heights, gap, 180, 0), cardsAbove(heights, gap, 0)]).toEqual([2, 0]);
    expect([cardsBelow(heights, gap, 180, 184), cardsAbove(heights, gap, 184)]).toEqual([0, 1]);
    expect(cardsBelow([180], gap, 100, 0)).toBe(1);
  });
});

describe('numbers of alarms', () => {
  it('are told as what they are', () => {
    const told = (['loss', 'silent', 'packets_too_large', 'log', 'lost'] as const).map((code) => alarmValue(code, 84));
    expect(told).toEqual(['8.4%', '1:24', '84', '', '']);
    expect(alarmValue('loss', null)).toBe('');
  });

  it('are lengths of time in their two largest units', () => {
    expect([7200, 7261, 90_061, 3605, 40, 0].map(lengthParts)).toEqual([
      [['hours', 2]],
      [
        ['hours', 2],
        ['minutes', 1],
      ],
      [
        ['days', 1],
        ['hours', 1],
      ],
      [['hours', 1]],
      [['seconds', 40]],
      [['seconds', 0]],
    ]);
  });
});
