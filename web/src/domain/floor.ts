// The floor as the server tells it.

import type { FloorSection } from '../contract';

/** Venues whose floor a call-on of `venue` closes: all but its own and the chair's. */
export function exclusive(floor: FloorSection | undefined, chair: string | undefined, venue: string): string[] {
  return (floor?.open ?? []).map((lease) => lease.venue).filter((open) => open !== chair && open !== venue);
}
