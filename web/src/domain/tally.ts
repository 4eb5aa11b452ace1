// Tally and floor as the server tells them; nothing here decides who is on air.

import type { FloorSection, PreviewSection, ProgrammeSection, Scene, Tally, VenueSection } from '../contract';

/** The source of a scene, or null on slate. */
export function sourceOf(scene: Scene): string | null {
  return scene.kind === 'full' ? scene.source : null;
}

/** Tally of one source, out of its venue's section. */
export function sourceTally(state: VenueSection | undefined, source: string): Tally {
  return state?.sources.find((entry) => entry.id === source)?.tally ?? 'none';
}

/** The attribute: nothing where there is no tally. */
export function tallyMark(tally: Tally | undefined): 'air' | 'next' | undefined {
  return tally === 'air' || tally === 'next' ? tally : undefined;
}

/** What the NEXT monitor is: told to the venue, held after a take, or empty. */
export type PreviewMark = 'next' | 'held' | 'empty';

/** Reads the preview's mark. */
export function previewMark(preview: PreviewSection | undefined): PreviewMark {
  if (!preview || preview.source === null) return 'empty';
  return preview.held ? 'held' : 'next';
}

/** Venues whose gate the hop reports open: those with a lease in its order, then any other. */
export function openMicrophones(
  floor: FloorSection | undefined,
  venues: readonly string[],
  state: (venue: string) => VenueSection | undefined,
): string[] {
  const open = venues.filter((venue) => state(venue)?.gate === 'open');
  const leased = (floor?.open ?? []).map((lease) => lease.venue).filter((venue) => open.includes(venue));
  return [...leased, ...open.filter((venue) => !leased.includes(venue))];
}

/** Why TAKE is barred. */
export type TakeBar = 'not_live' | 'no_right' | 'log_shut' | 'empty' | 'no_picture' | 'on_air';

/** What TAKE is judged by, besides preview and programme. */
export interface TakeFacts {
  /** The role may take. */
  readonly may: boolean;
  /** The meeting runs. */
  readonly live: boolean;
  /** The log takes what happens. */
  readonly logged: boolean;
  /** Frames of the preview reach this desk. */
  readonly seen: boolean;
}

/** The reason that bars TAKE, if there is one. Want of a picture alone can be forced. */
export function takeBar(
  preview: PreviewSection | undefined,
  programme: ProgrammeSection | undefined,
  facts: TakeFacts,
): TakeBar | null {
  if (!facts.may) return 'no_right';
  if (!facts.live) return 'not_live';
  if (!facts.logged) return 'log_shut';
  if (!preview || preview.source === null) return 'empty';
  if (programme && sourceOf(programme.scene) === preview.source && sourceOf(programme.shown) === preview.source) {
    return 'on_air';
  }
  return preview.ready && facts.seen ? null : 'no_picture';
}
