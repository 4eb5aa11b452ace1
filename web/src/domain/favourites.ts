// Favourites 1 to 9: what the operator pinned, else the first sources by rank.

import type { Directory } from './directory';

/** Places, as the keys count them. */
export const favouritePlaces = 9;

/** Pinned sources by place; null leaves the place to the rank. */
export type Pins = readonly (string | null)[];

/** The source of each place; null where there are fewer sources than places. */
export function favourites(directory: Directory, pins: Pins): (string | null)[] {
  const places = Array.from({ length: favouritePlaces }, (_, place) => {
    const pin = pins[place] ?? null;
    return pin !== null && directory.source.has(pin) ? pin : null;
  });
  const taken = new Set(places);
  const free = [...directory.source.keys()].filter((source) => !taken.has(source));
  return places.map((source) => source ?? free.shift() ?? null);
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
