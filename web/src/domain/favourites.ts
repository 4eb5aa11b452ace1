// Favourites 1 to 9: what the operator pinned, else the first sources by rank.

import type { Directory } from './directory';

/** Places, as the keys count them. */
export const favouritePlaces = 9;

/** Pinned sources by place; null leaves the place to the rank. */
export type Pins = readonly (string | null)[];

/**
 * The source of each place; null where there are fewer sources than places. A pin takes one place and moves no other: a hand
 * that knows its keys finds them. Only a place whose own source is pinned elsewhere takes the next that is not shown.
 */
export function favourites(directory: Directory, pins: Pins): (string | null)[] {
  const ranked = [...directory.source.keys()];
  const pinned = Array.from({ length: favouritePlaces }, (_, place) => {
    const source = pins[place] ?? null;
    return source !== null && directory.source.has(source) ? source : null;
  });
  const places = pinned.map((source, place) => {
    const own = ranked[place] ?? null;
    return source ?? (pinned.includes(own) ? null : own);
  });
  const rest = ranked.filter((source) => !places.includes(source));
  return places.map((source) => source ?? rest.shift() ?? null);
}

/** Pins a source to a place, from which it leaves any other; null at -1 takes it off. */
export function pin(pins: Pins, source: string, place: number): (string | null)[] {
  const next = Array.from({ length: favouritePlaces }, (_, at) => (pins[at] === source ? null : (pins[at] ?? null)));
  if (place >= 0 && place < favouritePlaces) next[place] = source;
  return next;
}

/** Pins as they were stored; anything else gives none. */
export function readPins(text: string | null): (string | null)[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(value)) return [];
    return value.slice(0, favouritePlaces).map((entry: unknown) => (typeof entry === 'string' ? entry : null));
  } catch {
    return [];
  }
}

/** Favourites that have a tile where the desk is narrow; the keys of the others stand on chips. */
export const narrowTiles = 4;
