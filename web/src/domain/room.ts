// What a venue's own pages show, from the sections that a venue sees.

import type { CallOnSection, JournalLine, Phase, ProgrammeSection, RundownSection, Scene, Tally } from '../contract';
import { sourceOf } from './tally';

/** Where a venue is in the meeting: `data-phase` of its pages. `idle` before anything is known. */
export type RoomPhase = 'idle' | 'waiting' | 'watching' | 'next' | 'on-air' | 'ended';

/** The phase of a venue. */
export function roomPhase(phase: Phase | undefined, tally: Tally): RoomPhase {
  switch (phase) {
    case undefined:
      return 'idle';
    case 'waiting':
      return 'waiting';
    case 'ended':
      return 'ended';
    case 'live':
      return tally === 'air' ? 'on-air' : tally === 'next' ? 'next' : 'watching';
  }
}

/** A page may be loaded again for a new version: nobody watches it now, and its venue is neither on air nor next. */
export function mayReload(phase: RoomPhase | 'live'): boolean {
  switch (phase) {
    case 'idle':
    case 'waiting':
    case 'ended':
      return true;
    case 'watching':
    case 'next':
    case 'on-air':
    case 'live':
      return false;
  }
}

/**
 * A hall turns to its return picture when the programme is decided to be one of its own sources, and back when none of
 * them is shown any more: so it never sees itself, whichever message comes first.
 */
export function seesReturn(programme: ProgrammeSection | undefined, own: readonly string[]): boolean {
  const is = (scene: Scene): boolean => {
    const source = sourceOf(scene);
    return source !== null && own.includes(source);
  };
  return programme !== undefined && (is(programme.scene) || is(programme.shown));
}

/** Who is seen: a venue, and a person if it is known who speaks there. */
export interface Seen {
  readonly venue: string;
  readonly person: string | null;
}

/** Who is seen when that venue is shown: the person called on, else the one that the current item names. */
export function seen(venue: string, call: CallOnSection | undefined, rundown: RundownSection | undefined): Seen {
  const item = rundown?.items.find((entry) => entry.id === rundown.current && entry.venue === venue);
  const running = call?.running?.venue === venue ? call.running : undefined;
  return { venue, person: running ? running.person : (item?.person ?? null) };
}

/** The part of a list of so many rows that fits, with the current row second where it can be. */
export function windowOf(
  length: number,
  current: number,
  rows: number,
): { readonly from: number; readonly to: number } {
  const size = Math.max(0, Math.min(rows, length));
  const from = Math.max(0, Math.min(current - 1, length - size));
  return { from, to: from + size };
}

/** The line that says that control took this venue's request off, if nothing happened to its requests since. */
export function takenOff(lines: readonly JournalLine[], venue: string): JournalLine | undefined {
  const own = lines.filter((line) => line.venue === venue && aboutRequests.includes(line.kind));
  const last = own.reduce<JournalLine | undefined>((a, b) => (a && a.seq > b.seq ? a : b), undefined);
  return last?.kind === 'dropped' ? last : undefined;
}

const aboutRequests: readonly JournalLine['kind'][] = ['raised', 'withdrawn', 'dropped', 'call_on'];
