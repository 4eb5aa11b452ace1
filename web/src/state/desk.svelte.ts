// The desk's own state over the meeting's: what is selected and pinned, how the last presses stand, who is named what.

import type {
  Act,
  ActKind,
  AlarmCode,
  AlarmEntry,
  Desk as OpenDesk,
  QueueEntry,
  Tally,
  VenueSection,
} from '../contract';
import { firstSource, indexDirectory, type Directory } from '../domain/directory';
import { favouritePlaces, favourites, narrowTiles, pin, readPins } from '../domain/favourites';
import { exclusive, limitSeconds, speaker, speakerChoices, type Limit } from '../domain/floor';
import { callStep, takeRestMs, type CallStep, type Hint, type Placed } from '../domain/keys';
import { currentItem } from '../domain/rundown';
import { doneWithoutLog } from '../domain/outage';
import { previewMark, sourceOf, takeBar, type PreviewMark, type TakeBar } from '../domain/tally';
import { tallyUp } from '../domain/wall';
import { pick, t } from './language.svelte';
import { People } from './people.svelte';
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
  #pins = $state.raw<readonly (string | null)[]>([]);
  readonly #presses: Presses;
  #takenAt = -Infinity;
  /** Who may speak, by venue. */
  readonly people: People;
  #limit = $state.raw<{ readonly venue: string; readonly limit: Limit } | null>(null);
  #speaker = $state.raw<{ readonly venue: string; readonly choice: string } | null>(null);
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
  /** Nothing is shown or given any more. */
  readonly ended: boolean = $derived.by(() => this.page.section('meeting')?.phase === 'ended');
  /** Why what does not close is not offered now, though the meeting goes on; undefined where it is. */
  readonly barred: string | undefined = $derived.by(() =>
    this.page.logShut && !this.ended ? t('desk-barred') : undefined,
  );
  /** Why this desk is not offered an act: its role may not, or the log does not take it. Undefined where it is. */
  readonly bar = (act: ActKind): string | undefined => {
    if (this.page.live && !this.page.may(act)) return t('refused-no-right');
    return doneWithoutLog(act) ? undefined : this.barred;
  };
  /** Venues whose microphones are closed while that is not in the log yet. */
  readonly withheld: readonly string[] = $derived.by(() =>
    this.#ids.filter((venue) => this.page.venue(venue)?.withheld),
  );
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
      logged: !this.page.logShut,
      seen: this.seen,
    }),
  );
  /** Requests that wait, the first in front. */
  readonly waiting: readonly QueueEntry[] = $derived.by(() =>
    this.ended ? [] : (this.page.section('queue')?.requests ?? []).filter((request) => !request.speaking),
  );
  /** Alarms, the first to be looked at first. */
  readonly alarms: readonly AlarmEntry[] = $derived.by(() => this.page.section('alarms')?.alarms ?? []);
  readonly #numbers: ReadonlyMap<string, number | null> = $derived.by(
    () => new Map(this.alarms.flatMap((alarm) => alarm.venues.map((venue) => [`${venue} ${alarm.code}`, alarm.value]))),
  );
  /** Venues by state, counted once for everybody who says so. */
  readonly sums = $derived.by(() => tallyUp(this.#ids, this.state));

  constructor(page: MeetingPage, monitors: Watching, tiles: Watching) {
    this.page = page;
    this.monitors = monitors;
    this.tiles = tiles;
    this.people = new People(page);
    this.#presses = new Presses(page, (id) => this.#nameOf(id));
    this.#store = `onehall.desk.${page.opening.claims.meeting}`;
    this.#pins = readPins(stored(`${this.#store}.pins`));
    this.keysOn = stored('onehall.desk.keys') !== 'off';
  }

  /** Other desks that are open, the oldest first. */
  get others(): readonly OpenDesk[] {
    return (this.page.section('meeting')?.desks ?? []).filter(({ client }) => client !== this.page.client);
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

  /**
   * What its line carries is a picture of this source, and no longer of the one before: the source sends, and in preview the
   * server has sent on its first picture.
   */
  shows(source: string | null): boolean {
    if (!fresh(this.slotOf(source)) || !this.pictured(source)) return false;
    return source !== this.preview || (this.page.section('preview')?.ready ?? false);
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
  press(spot: string, act: Act, newest = false): void {
    this.#presses.press(spot, act, { newest });
  }

  /** How the press of a control stands. */
  pressed(spot: string): PressState {
    return this.#presses.pressed(spot);
  }

  /** Says that an alarm is seen to, on every desk. */
  acknowledge(alarm: string): void {
    this.press(`acknowledge:${alarm}`, { acknowledge: { alarm } });
  }

  /** Says a hint in the remark line. */
  say(spot: string, hint: Hint): void {
    this.#presses.say(spot, hint);
  }

  /** What there is to say about the last press. */
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

  /** A source, or the first of a venue, to preview, with selection and card. Never to air. */
  toPreview(venue: string, source: string | null = null): void {
    const wanted = source ?? firstSource(this.directory, venue);
    if (wanted === null) return;
    this.select(venue, source);
    // After the end, and by a chair, a venue is looked at, and nothing comes to preview.
    const looks = this.ended || (this.page.live && !this.page.may('preview'));
    if (!looks) this.press('preview', { preview: { source: wanted } }, true);
  }

  /** Favourite number `place`, from 1, to preview. */
  favourite(place: number): void {
    const source = this.favourites[place - 1] ?? null;
    const entry = source === null ? undefined : this.directory.source.get(source);
    if (entry) this.toPreview(entry.venue.id, source);
    else this.say('preview', { id: 'no_favourite', name: String(place) });
  }

  /** Preview to programme. Two presses that follow on one another too soon are one, by when they were made: a slow page hears of them later. */
  take(pressedAt = performance.now()): void {
    if (this.preview === null) return this.say('take', { id: 'empty' });
    if (pressedAt - this.#takenAt < takeRestMs) return this.say('take', { id: 'rest' });
    this.#takenAt = pressedAt;
    this.press('take', { take: { expect_preview: this.preview } });
  }

  /** Venues whose microphones a call-on of this venue would close. */
  closedBy(venue: string): string[] {
    return exclusive(this.page.section('floor'), this.page.section('meeting')?.chair_venue, venue);
  }

  /** What is said of the microphones that a call-on closes, before it and after it. Undefined where it closes none. */
  closing(id: 'closes' | 'closed', venue: string): Hint | undefined {
    const closed = this.closedBy(venue);
    const name = closed.map((each) => this.venueName(each)).join(t('desk-list-join'));
    return closed.length === 0 ? undefined : { id, name, count: closed.length };
  }

  /** What stands in NEXT, with its venue. */
  get next(): Placed | null {
    const place = this.preview === null ? undefined : this.directory.source.get(this.preview);
    return place ? { venue: place.venue.id, source: place.source.id } : null;
  }

  /** The first that waits comes to NEXT. */
  nextSpeaker(): void {
    const venue = this.waiting[0]?.venue;
    if (venue === undefined) this.say('preview', { id: 'nobody_waits' });
    else this.loadVenue(venue);
  }

  /** A venue that asks comes to NEXT, by a source that has a picture if one does. */
  loadVenue(venue: string): void {
    const sources = this.directory.venue.get(venue)?.sources ?? [];
    this.toPreview(venue, sources.find((source) => this.pictured(source.id))?.id ?? null);
  }

  /** Why a venue cannot be called now by a source, or by any of its own; null if it can. */
  callBar(venue: string | null, source: string | null): Hint | null {
    const speaks = this.page.section('call_on')?.running?.venue;
    const own = this.directory.venue.get(venue ?? '')?.sources ?? [];
    if (!this.page.live) return { id: 'link' };
    if (!this.page.may('call_on')) return { id: 'no_right' };
    if (!this.live) return { id: 'not_live' };
    if (this.page.logShut) return { id: 'log_shut' };
    if (speaks !== undefined) return { id: 'speech_runs', name: this.venueName(speaks) };
    if (venue === null) return { id: 'empty' };
    const pictured = source === null ? own.some(({ id }) => this.pictured(id)) : this.pictured(source);
    return pictured ? null : { id: 'no_picture', name: this.venueName(venue) };
  }

  /** What the call-on key does now. */
  get callStep(): CallStep {
    const next = this.next;
    return callStep(this.selection, next, this.callBar(next?.venue ?? null, next?.source ?? null));
  }

  /** What stands in NEXT is called; where something else is selected, that comes to NEXT first. */
  callNext(): void {
    const step = this.callStep;
    switch (step.does) {
      case 'load':
        this.toPreview(step.venue, step.source);
        return this.say('call_on', { id: 'loaded', name: this.venueName(step.venue) });
      case 'call':
        return this.callOn(step.venue, step.source);
      case 'nothing':
        return this.say('call_on', step.why);
    }
  }

  /** Picture and floor to a venue, in one act; a request of it is answered. */
  callOn(venue: string, source: string | null): void {
    this.#call('call_on', venue, source, this.requestOf(venue));
  }

  /** The request of a venue that waits. */
  requestOf(venue: string): QueueEntry | undefined {
    return this.waiting.find((request) => request.venue === venue);
  }

  /** Floor and picture to a request of the queue. */
  give(request: QueueEntry): void {
    this.#call(`give:${request.request}`, request.venue, null, request);
  }

  /** How long the next speech of a venue may be: what its card says, else as long as the item. */
  limit(venue: string): Limit {
    return this.#limit?.venue === venue ? this.#limit.limit : 'item';
  }

  /** Chooses that. It holds for one speech, of the venue that was chosen last. */
  chooseLimit(venue: string, limit: Limit): void {
    this.#limit = { venue, limit };
  }

  /** Whom request or item name as the next who speaks from a venue. */
  named(venue: string): ReturnType<typeof speaker> {
    return speaker(venue, this.requestOf(venue), currentItem(this.page.section('rundown'))?.item ?? null);
  }

  /** Who speaks next from a venue, by what its card says: one of `speakerChoices`, or a person. */
  speaker(venue: string): string {
    return this.#speaker?.venue === venue ? this.#speaker.choice : speakerChoices.named;
  }

  /** Chooses that. It holds for one speech, of the venue that was chosen last. */
  chooseSpeaker(venue: string, choice: string): void {
    this.#speaker = { venue, choice };
  }

  #person(venue: string, named: ReturnType<typeof speaker>): string | null {
    const choice = this.speaker(venue);
    if (choice === speakerChoices.named) return named?.person ?? null;
    return choice === speakerChoices.nobody ? null : choice;
  }

  #call(spot: string, venue: string, source: string | null, asked: QueueEntry | undefined): void {
    const item = currentItem(this.page.section('rundown'))?.item ?? null;
    const person = this.#person(venue, speaker(venue, asked, item));
    const limit_s = limitSeconds(this.limit(venue), item);
    const act = {
      venue,
      ...(source === null ? {} : { source }),
      ...(asked ? { request: asked.request } : {}),
      ...(person === null ? {} : { person }),
      ...(limit_s === null ? {} : { limit_s }),
    };
    this.#limit = this.#speaker = null;
    this.#presses.press(spot, { call_on: act }, { beside: this.closing('closed', venue) });
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

  /** Key from 1 of a venue's first source where the tile of the key finds no room; 0 if it has none. */
  keyWithoutTile(venue: string): number {
    const place = this.favourites.indexOf(firstSource(this.directory, venue));
    return place < narrowTiles ? 0 : place + 1;
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
