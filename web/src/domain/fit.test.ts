import { describe, expect, it } from 'vitest';
import { fitWall, type WallRoom } from './fit';

const at1080: WallRoom = { height: 574, lines: 22, chips: 10, columns: 11, chip_min: 24, gap: 2, card: 186, sign: 24 };

describe('the wall fills its room', () => {
  it('shows 22 rows of 24 px at 1080 without scrolling, with the card over it', () => {
    const fit = fitWall(at1080);
    expect(fit).toMatchObject({ chip: 24, span: 1, card: 'over', scrolls: false });
    expect(fit.height).toBeLessThanOrEqual(574);
  });

  it('grows the chips to 48 px and gives the card a place of its own where there are few rows', () => {
    expect(fitWall({ ...at1080, lines: 7, chips: 4 })).toMatchObject({
      chip: 48,
      span: 2,
      card: 'below',
      columns: 11,
      scrolls: false,
    });
  });

  it('puts the card beside the wall where columns stay free', () => {
    const fit = fitWall({ ...at1080, height: 348, lines: 7, chips: 4, columns: 8, gap: 4 });
    expect(fit).toMatchObject({ card: 'beside', columns: 5, scrolls: false });
    expect(fit.chip).toBeGreaterThanOrEqual(40);
  });

  it('shows whole lines only when they are too many', () => {
    const fit = fitWall({ ...at1080, height: 348, lines: 31, chips: 7, columns: 8, gap: 4 });
    expect(fit).toMatchObject({ chip: 24, scrolls: true, card: 'over' });
    expect((fit.height + 4) % 28).toBe(0);
    expect(fit.height).toBeLessThanOrEqual(348 - 24);
  });

  it('never makes a chip lower than the least height nor wider than the wall', () => {
    for (let lines = 1; lines < 60; lines += 1) {
      for (let chips = 1; chips < 11; chips += 1) {
        const fit = fitWall({ ...at1080, lines, chips });
        expect(fit.chip).toBeGreaterThanOrEqual(24);
        expect(fit.chip).toBeLessThanOrEqual(48);
        expect(fit.span * chips).toBeLessThanOrEqual(fit.columns - 1);
        expect(fit.height).toBeLessThanOrEqual(574);
      }
    }
  });
});
