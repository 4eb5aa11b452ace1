// The floor as the server tells it.

import { callOnLimitMaxS, type FloorSection, type ItemEntry, type QueueEntry } from '../contract';

/** Venues whose floor a call-on of `venue` closes: all but its own and the chair's. */
export function exclusive(floor: FloorSection | undefined, chair: string | undefined, venue: string): string[] {
  return (floor?.open ?? []).map((lease) => lease.venue).filter((open) => open !== chair && open !== venue);
}

/** Minutes that a desk offers as the limit of a speech. */
export const limitMinutes = [3, 5, 10] as const;

/** How long one who is called may speak: so many minutes, as long as the current item, or without a limit. */
export type Limit = number | 'item' | 'none';

/** A limit in seconds, at most what the server takes; null where there is none. */
export function limitSeconds(limit: Limit, item: ItemEntry | null): number | null {
  if (limit === 'none') return null;
  const minutes = limit === 'item' ? (item?.minutes ?? 0) : limit;
  return minutes > 0 ? Math.min(minutes * 60, callOnLimitMaxS) : null;
}

/** Who speaks when a venue is called, and why: whom its request names, else whom the current item names there. */
export function speaker(
  venue: string,
  asked: QueueEntry | undefined,
  item: ItemEntry | null,
): { readonly person: string; readonly by: 'asked' | 'item' } | null {
  if (asked?.person != null) return { person: asked.person, by: 'asked' };
  return item?.venue === venue && item.person !== null ? { person: item.person, by: 'item' } : null;
}

/** Choice of who speaks: whoever request or item names, or nobody by name; else the id of a person. Ids are never so short. */
export const speakerChoices = { named: '', nobody: '-' } as const;
