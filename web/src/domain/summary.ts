// What was held, as the desk tells it after the end.

import type { RundownSection, Summary, SummarySpeech, Text } from '../contract';
import { numbered } from './rundown';

/** An item as it was held. */
export interface HeldRow {
  readonly item: string;
  /** Its number in the rundown from 1; null where the rundown has it no more. */
  readonly number: number | null;
  readonly title: Text | null;
  readonly began: number;
  readonly ms: number;
  /** Planned minutes. */
  readonly minutes: number | null;
  /** 1 when it was held first, 2 when it was come back to. */
  readonly turn: number;
}

/** The items one after another. */
export function heldRows(summary: Summary, rundown: RundownSection | undefined): HeldRow[] {
  const turns = new Map<string, number>();
  return summary.items.map(({ item, began, ended }) => {
    const turn = (turns.get(item) ?? 0) + 1;
    turns.set(item, turn);
    const entry = numbered(rundown, item);
    return {
      item,
      number: entry?.number ?? null,
      title: entry?.item.title ?? null,
      began,
      ms: Math.max(0, ended - began),
      minutes: entry?.item.minutes ?? null,
      turn,
    };
  });
}

/** How long a venue spoke in all, on call-ons. */
export interface SpokenRow {
  readonly venue: string;
  readonly seconds: number;
  readonly times: number;
}

/** Speaking time by venue, in the order of the directory; a venue that it has no more comes last. */
export function spokenRows(speeches: readonly SummarySpeech[], rank: ReadonlyMap<string, number>): SpokenRow[] {
  const rows = new Map<string, SpokenRow>();
  for (const { venue, seconds } of speeches) {
    const row = rows.get(venue);
    rows.set(venue, { venue, seconds: (row?.seconds ?? 0) + seconds, times: (row?.times ?? 0) + 1 });
  }
  const place = (row: SpokenRow) => rank.get(row.venue) ?? Infinity;
  return [...rows.values()].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}
