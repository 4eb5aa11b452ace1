// Finding a venue by code, name, pinyin or its initials.

import type { VenueEntry } from '../contract';

/** Lower case, without spaces, marks and apostrophes: "Yun'ai", "yun ai" and "YUNAI" are one. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\s'’·-]/g, '')
    .toLowerCase();
}

/** How well a venue answers: 0 not at all, 3 best. */
export function match(venue: VenueEntry, query: string): number {
  const wanted = fold(query);
  if (wanted === '') return 0;
  const keys = [venue.id, venue.short.zh, venue.short.en, venue.name.zh, venue.name.en, ...(venue.search ?? [])];
  let best = 0;
  for (const key of keys.map(fold)) {
    if (key === wanted) return 3;
    if (key.startsWith(wanted)) best = 2;
    // A Latin query inside a word finds too much ("an" is in half of all names): only Han may match inside.
    else if (best === 0 && key.includes(wanted) && /[^ -\u024f]/.test(wanted)) best = 1;
  }
  return best;
}

/** The venues found, the best first, then by rank. */
export function find(venues: readonly VenueEntry[], query: string): VenueEntry[] {
  return venues
    .map((venue, rank) => ({ venue, rank, score: match(venue, query) }))
    .filter((hit) => hit.score > 0)
    .sort((a, b) => b.score - a.score || a.rank - b.rank)
    .map((hit) => hit.venue);
}
