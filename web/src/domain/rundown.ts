// The rundown as the desk shows it.

import type { ItemEntry, RundownSection } from '../contract';

/** How far an item is: held, being held, still to come. */
export type ItemMark = 'done' | 'now' | 'next';

/** Marks an item. Only what was begun is ever done: what was passed over was not held. When the meeting has ended nothing runs. */
export function itemMark(rundown: RundownSection, item: ItemEntry, ended: boolean): ItemMark {
  if (item.id === rundown.current && !ended) return 'now';
  return item.began === null ? 'next' : 'done';
}

/** An item and its number from 1; null where the rundown does not have it. */
export function numbered(
  rundown: RundownSection | undefined,
  id: string | null,
): { item: ItemEntry; number: number } | null {
  const index = rundown?.items.findIndex((entry) => entry.id === id) ?? -1;
  const item = rundown?.items[index];
  return item ? { item, number: index + 1 } : null;
}

/** The current item and its number from 1. */
export function currentItem(rundown: RundownSection | undefined): { item: ItemEntry; number: number } | null {
  return numbered(rundown, rundown?.current ?? null);
}

/** The item after the current one; the first before any. */
export function nextItem(rundown: RundownSection | undefined): ItemEntry | null {
  if (!rundown) return null;
  const index = rundown.items.findIndex((entry) => entry.id === rundown.current);
  return rundown.items[index + 1] ?? null;
}

/** The item before the current one; none before the first. */
export function previousItem(rundown: RundownSection | undefined): ItemEntry | null {
  const index = rundown?.items.findIndex((entry) => entry.id === rundown.current) ?? -1;
  return rundown?.items[index - 1] ?? null;
}

/** When the last item is planned to end. */
export function plannedEnd(rundown: RundownSection | undefined): number | null {
  const last = rundown?.items.at(-1);
  return last && last.start !== null ? last.start + last.minutes * 60_000 : null;
}
