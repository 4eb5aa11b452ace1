// The directory made quick to ask: venues, sources and units by id, in rank order.

import type { DirectorySection, SourceEntry, UnitEntry, VenueEntry } from '../contract';

/** A source with the venue it belongs to. */
export interface SourcePlace {
  readonly venue: VenueEntry;
  readonly source: SourceEntry;
  /** Which of its venue, 0 the first. */
  readonly index: number;
}

/** The directory, indexed. */
export interface Directory {
  readonly generation: number;
  /** In rank order, the main venue first. */
  readonly venues: readonly VenueEntry[];
  readonly tiers: DirectorySection['tiers'];
  readonly people: DirectorySection['people'];
  readonly venue: ReadonlyMap<string, VenueEntry>;
  readonly source: ReadonlyMap<string, SourcePlace>;
  readonly unit: ReadonlyMap<string, UnitEntry>;
  /** Place of a venue in the rank order, 0 the first. */
  readonly rank: ReadonlyMap<string, number>;
}

/** Indexes the section. */
export function indexDirectory(section: DirectorySection): Directory {
  const source = new Map<string, SourcePlace>();
  for (const venue of section.venues) {
    venue.sources.forEach((entry, index) => source.set(entry.id, { venue, source: entry, index }));
  }
  return {
    generation: section.generation,
    venues: section.venues,
    tiers: section.tiers,
    people: section.people,
    venue: new Map(section.venues.map((venue) => [venue.id, venue])),
    source,
    unit: new Map(section.units.map((unit) => [unit.id, unit])),
    rank: new Map(section.venues.map((venue, rank) => [venue.id, rank])),
  };
}

/** The unit of this tier that a unit is or lies under; undefined if it lies above. */
export function unitAt(directory: Directory, unit: string, tier: number): UnitEntry | undefined {
  let at = directory.unit.get(unit);
  // A directory with a loop must not hang the page: no chain is longer than the number of units.
  for (let steps = directory.unit.size; at && steps > 0; steps -= 1) {
    if (at.tier === tier) return at;
    at = at.upper === null ? undefined : directory.unit.get(at.upper);
  }
  return undefined;
}

/** The first source of a venue. */
export function firstSource(directory: Directory, venue: string): string | null {
  return directory.venue.get(venue)?.sources[0]?.id ?? null;
}
