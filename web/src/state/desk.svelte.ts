// The desk's own state over the meeting's: what is selected and pinned, how the last presses stand, who is named what.

import { SvelteSet } from 'svelte/reactivity';
import type { Act, AlarmCode, Tally, VenueSection } from '../contract';
import { firstSource, indexDirectory, type Directory } from '../domain/directory';
import { favouritePlaces, favourites, pin, readPins } from '../domain/favourites';
import { previewMark, sourceOf, takeBar, type PreviewMark, type TakeBar } from '../domain/tally';
import { tallyUp } from '../domain/wall';
import { pick, t } from './language.svelte';
import { Presses, type PressState, type Remark } from './presses.svelte';
import type { MeetingPage } from './meeting-page.svelte';
import type { VideoSlot, Watching } from './watching.svelte';

/** What the wall points at. */
export interface Selection {
  readonly venue: string;
  readonly source: string | null;
}

const empty: Directory = indexDirectory({
  generation: 0,
  organisation: { zh: '', en: '' },
  tiers: [],
  units: [],
  venues: [],
  people: {},
});

/** The desk. One per page. */
export class Desk {
  readonly page: MeetingPage;
  /** Programme (v0) and preview (v2). */
  readonly monitors: Watching;
  /** The favourites, one line each. */
  readonly tiles: Watching;
  selection = $state.raw<Selection | null>(null);
  /** The venue's card is open. */
  card = $state(false);
  keysOn = $state(true);
  readonly acknowledged = new SvelteSet<string>();
  #pins = $state.raw<readonly (string | null)[]>([]);
  readonly #presses: Presses;
  readonly #store: string;

  readonly directory: Directory = $derived.by(() => {
    const section = this.page.section('directory');
    return section ? indexDirectory(section) : empty;
  });
  readonly #ids: readonly string[] = $derived.by(() => this.directory.venues.map((venue) => venue.id));
  /** The main venue: the first by rank. */
  readonly main: string = $derived.by(() => this.directory.venues[0]?.id ?? '');
  readonly favourites: readonly (string | null)[] = $derived.by(() => favourites(this.directory, this.#pins));
  readonly live: boolean = $derived.by(() => this.page.section('meeting')?.phase === 'live');
  /** Source in preview. */
  readonly preview: string | null = $derived.by(() => this.page.section('preview')?.source ?? null);
  readonly previewMark: PreviewMark = $derived.by(() => previewMark(this.page.section('preview')));
  /** Source on air: what the hop shows. Null on slate. */
  readonly air: string | null = $derived.by(() => {
    const programme = this.page.section('programme');
    return programme ? sourceOf(programme.shown) : null;
  });
  /** Frames of the preview reach this desk. */
  readonly seen: boolean = $derived.by(() => fresh(this.monitors.video[2]));
  readonly takeBar: TakeBar | null = $derived.by(() =>
    takeBar(this.page.section('preview'), this.page.section('programme'), {
      may: this.page.may('take'),
      live: this.live,
      seen: this.seen,
    }),
  );
  readonly #numbers: ReadonlyMap<string, number | null> = $derived.by(
    () =>
      new Map(
        (this.page.section('alarms')?.alarms ?? []).flatMap((alarm) =>
          alarm.venues.map((venue) => [`${venue} ${alarm.code}`, alarm.value]),
        ),
      ),
  );
  /** Venues by state, counted once for everybody who says so. */
  readonly sums = $derived.by(() => tallyUp(this.#ids, this.state));

  constructor(page: MeetingPage, monitors: Watching, tiles: Watching) {
    this.page = page;
    this.monitors = monitors;
    this.tiles = tiles;
    this.#presses = new Presses(page, (id) => this.#nameOf(id));
    this.#store = `onehall.desk.${page.opening.claims.meeting}`;
    this.#pins = readPins(stored(`${this.#store}.pins`));
    this.keysOn = stored('onehall.desk.keys') !== 'off';
  }

  /** State of a venue. */
  readonly state = (venue: string): VenueSection | undefined => this.page.venue(venue);

  /** Tally of a source. */
  tally(source: string | null): Tally {
    const place = source === null ? undefined : this.directory.source.get(source);
    if (!place) return 'none';
    return this.page.venue(place.venue.id)?.sources.find((entry) => entry.id === source)?.tally ?? 'none';
  }

  /** A picture of this source arrives at the server. */
  pictured(source: string | null): boolean {
    const place = source === null ? undefined : this.directory.source.get(source);
    return (place && this.page.venue(place.venue.id)?.sources.find((entry) => entry.id === source)?.live) ?? false;
  }

  /** The line that carries a source at this desk, if one does. */
  slotOf(source: string | null): VideoSlot | undefined {
    if (source === null) return undefined;
    if (source === this.preview) return this.monitors.video[2];
    if (source === this.air) return this.monitors.video[0];
    const place = this.favourites.indexOf(source);
    return place < 0 ? undefined : this.tiles.video[place];
  }

  /** Number of the alarm of that code about a venue. */
  alarmNumber(venue: string, code: AlarmCode): number | null {
    return this.#numbers.get(`${venue} ${code}`) ?? null;
  }

  /** Short name of a venue. */
  venueName(venue: string | null | undefined): string {
    const entry = venue ? this.directory.venue.get(venue) : undefined;
    return entry ? pick(entry.short) : (venue ?? '');
  }

  /** A source with its venue: "Qingting, cam 1". */
  sourceName(source: string | null | undefined): string {
    const place = source ? this.directory.source.get(source) : undefined;
    if (!place) return source ?? '';
    return t('desk-source', { venue: pick(place.venue.short), source: pick(place.source.name) });
  }

  /** A source where room is scarce: the position in a main venue that has several, else the venue. */
  sourceShort(source: string | null | undefined): string {
    const place = source ? this.directory.source.get(source) : undefined;
    if (!place) return source ?? '';
    if (place.venue.id === this.main && place.venue.sources.length > 1) return pick(place.source.name);
    return place.index === 0 ? pick(place.venue.short) : this.sourceName(source);
  }

  /** Name of a person. */
  personName(person: string | null | undefined): string {
    const name = person ? this.directory.people[person] : undefined;
    return name ? pick(name) : '';
  }

  /** Points at a venue; nothing is sent. */
  select(venue: string, source: string | null = null): void {
    this.selection = { venue, source };
  }

  /** Gives a command from a control that `spot` names; its answer shows at that control. */
  press(spot: string, act: Act): void {
    this.#presses.press(spot, act);
  }

  /** How the press of a control stands. */
  pressed(spot: string): PressState {
    return this.#presses.pressed(spot);
  }

  /** The last press that went wrong, until another goes well. */
  get remark(): Remark | null {
    return this.#presses.remark;
  }

  /** Sends the command of the remark once more, under the same key. */
  retry(): void {
    this.#presses.retry();
  }

  /** Takes the remark away. */
  dismiss(): void {
    this.#presses.dismiss();
  }

  /** A source, or the first of a venue, to preview. Never to air. */
  toPreview(venue: string, source: string | null = null): void {
    const wanted = source ?? firstSource(this.directory, venue);
    if (wanted !== null) this.press('preview', { preview: { source: wanted } });
  }

  /** Favourite number `place`, from 1, to preview. */
  favourite(place: number): void {
    const source = this.favourites[place - 1] ?? null;
    const entry = source === null ? undefined : this.directory.source.get(source);
    if (entry) this.toPreview(entry.venue.id, source);
  }

  /** Preview to programme. */
  take(): void {
    if (this.preview !== null) this.press('take', { take: { expect_preview: this.preview } });
  }

  /** Picture and floor to a venue, in one act. */
  callOn(venue: string, source: string | null): void {
    this.press('call_on', { call_on: source === null ? { venue } : { venue, source } });
  }

  /** Floor and picture to a request of the queue. */
  give(request: string, venue: string, person: string | null): void {
    this.press(`give:${request}`, { call_on: person === null ? { venue, request } : { venue, request, person } });
  }

  /** Pins a source to a place from 1; 0 takes it off. */
  pin(source: string, place: number): void {
    this.#pins = pin(this.#pins, source, place - 1);
    store(`${this.#store}.pins`, JSON.stringify(this.#pins));
  }

  /** Place from 1 that a source is pinned to; 0 if none. */
  pinned(source: string): number {
    return this.#pins.slice(0, favouritePlaces).indexOf(source) + 1;
  }

  /** Turns the keys on or off, and remembers it on this device. */
  switchKeys(): void {
    this.keysOn = !this.keysOn;
    store('onehall.desk.keys', this.keysOn ? 'on' : 'off');
  }

  /** Name of what stands in the way of an act: a venue, a source, or a request by its venue. */
  #nameOf(id: string): string {
    if (this.directory.venue.has(id)) return this.venueName(id);
    if (this.directory.source.has(id)) return this.sourceName(id);
    const request = this.page.section('queue')?.requests.find((entry) => entry.request === id);
    return request ? this.venueName(request.venue) : id;
  }
}

/** Milliseconds without a frame after which a picture is called none. A browser under load draws late. */
const staleAfterMs = 2500;

/** A frame came lately. */
export function fresh(slot: VideoSlot | undefined): boolean {
  return slot !== undefined && slot.ageMs < staleAfterMs;
}

function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function store(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser without storage forgets it; the desk works on.
  }
}
