// How the wall fills its room: chips grow where there are few rows, and the venue's card has a place of its own
// where one is left.

/** What the wall is given. Pixels. */
export interface WallRoom {
  readonly height: number;
  /** Lines of chips, the main venue's included. */
  readonly lines: number;
  /** Most chips in one line. */
  readonly chips: number;
  /** Columns of the grid; the last counts. */
  readonly columns: number;
  /** Least height of a chip. */
  readonly chip_min: number;
  readonly gap: number;
  /** Height a card needs. */
  readonly card: number;
  /** Height of the line under the wall that counts the lines out of sight. */
  readonly sign: number;
}

/** Where the card stands. */
export type CardPlace = 'below' | 'beside' | 'over';

/** How the wall is drawn. */
export interface WallFit {
  /** Height of a chip. */
  readonly chip: number;
  /** Columns that a chip spans. */
  readonly span: number;
  readonly card: CardPlace;
  /** Columns left to the wall, its count included. */
  readonly columns: number;
  /** Height of the lines together: whole ones only. */
  readonly height: number;
  /** There are more lines than fit. */
  readonly scrolls: boolean;
}

/** Columns that a card beside the wall takes. */
const BESIDE = 3;

/** Part of the height that chips must fill for the card to stand beside them. */
const FULL = 0.85;

/** Fits the wall into its room. */
export function fitWall(room: WallRoom): WallFit {
  const most = room.chip_min * 2;
  const grown = (height: number) =>
    Math.min(most, Math.floor((height + room.gap) / Math.max(room.lines, 1)) - room.gap);
  const below = grown(room.height - room.card - room.gap * 2);
  const span = Math.max(1, Math.floor((room.columns - 1) / Math.max(room.chips, 1)));
  const free = room.columns - 1 - room.chips;
  const tall = grown(room.height);
  const used = room.lines * (tall + room.gap);
  if (span === 1 && free >= BESIDE && tall >= room.chip_min && used >= room.height * FULL) {
    return whole(room, tall, 1, 'beside', room.columns - BESIDE);
  }
  if (below >= room.chip_min) return whole(room, below, span, 'below', room.columns);
  return whole(room, Math.max(tall, room.chip_min), span, 'over', room.columns);
}

function whole(room: WallRoom, chip: number, span: number, card: CardPlace, columns: number): WallFit {
  const pitch = chip + room.gap;
  const holds = (height: number) => Math.max(1, Math.floor((height + room.gap) / pitch));
  const scrolls = room.lines > holds(room.height);
  const fitting = holds(scrolls ? room.height - room.sign : room.height);
  const lines = Math.min(room.lines, fitting);
  return { chip, span, card, columns, height: lines * pitch - room.gap, scrolls };
}
