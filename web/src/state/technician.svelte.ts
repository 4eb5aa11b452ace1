// All that a technician's page runs. It publishes nothing and is mute until somebody listens; it talks to the server alone,
// so it works on another machine than the hall's, and may later lie over the hall page with that page's state and streams.

import type { Opening } from '../client/link';
import type { Levels } from '../client/levels';
import {
  floorKeptMs,
  noSound,
  type CameraFault,
  type JournalLine,
  type RequestKind,
  type VenueSection,
} from '../contract';
import { mayReload, takenOff } from '../domain/room';
import { clock, span, wide } from '../domain/timers';
import { t } from './language.svelte';
import { Room } from './room.svelte';
import { MeetingPage, type Command } from './meeting-page.svelte';
import { shutOutSaid } from './shut-out';
import { followVersion } from './version.svelte';
import { People } from './people.svelte';
import { watch, type Watching } from './watching.svelte';
import { zone } from './zone';

/** What the band says: its kind is the tally, the loss, or nothing. */
export interface Band {
  readonly tally: 'air' | 'next' | undefined;
  readonly lost: boolean;
  readonly word: string;
  readonly say: string;
  readonly mark: string;
  /** The speech of this venue is in its last minute, or over its time. */
  readonly time?: 'last' | 'over' | undefined;
  /** The venue was on air, and one take brings it back. */
  readonly held?: boolean;
}

/** A technician's page at work. */
export class Technician {
  readonly page: MeetingPage;
  readonly room: Room;
  readonly watching: Watching;
  /** The last request or withdrawal. */
  asked = $state.raw<Command>();
  /** What the next request is for. */
  kind = $state<RequestKind>('speech');
  /** Who it is that would speak; empty: nobody by name. */
  person = $state('');
  /** Who may speak, by venue. */
  readonly people: People;
  #seen = $state(0);
  readonly #current: () => void;

  constructor(opening: Opening, venue: string) {
    this.page = new MeetingPage(opening);
    this.room = new Room(this.page, venue);
    this.people = new People(this.page);
    this.watching = watch(this.page, 'technician', { video: 4, audio: 4 });
    this.#current = followVersion(this.page, () => mayReload(this.room.phase));
  }

  /** The venue's section. */
  get venue(): VenueSection | undefined {
    return this.page.venue(this.room.id);
  }

  /** This page's own link is lost: what it shows is as of `asOf`. */
  get lost(): boolean {
    return this.page.link.phase === 'lost';
  }

  /** Time of day at which the server was heard last. */
  get asOf(): string {
    return clock(this.page.link.heardAt, zone());
  }

  /** For how long nothing has been heard. */
  get silence(): string {
    return span(this.page.at - this.page.link.heardAt);
  }

  /** What the band says. */
  get band(): Band {
    const { venue, room } = this;
    const plain = { tally: undefined, lost: false };
    if (this.lost) {
      const { shutOut } = this.page;
      const say = shutOut
        ? shutOutSaid(shutOut)
        : t('tech-say-lost', { time: this.asOf, attempt: String(Math.max(1, this.page.link.attempt)) });
      return { tally: undefined, lost: true, word: t('tech-band-lost'), say, mark: this.silence };
    }
    if (room.gone) return { ...plain, word: t('tech-band-gone'), say: t('tech-say-gone'), mark: '' };
    if (room.phase !== 'ended' && venue?.state === 'lost' && this.cameraFault === null) {
      // A server that has just come back knows of nobody yet.
      const { since } = venue;
      if (since === null) {
        const say = t('tech-say-hall-back');
        return { ...plain, word: t('tech-band-hall-back'), say, mark: '' };
      }
      const say = t('tech-say-hall-lost', { time: clock(since, zone()) });
      return { tally: undefined, lost: true, word: t('tech-band-hall-lost'), say, mark: span(this.page.at - since) };
    }
    switch (room.phase) {
      case 'idle':
        return { ...plain, word: t('tech-band-idle'), say: this.page.slow ? t('server-unreachable') : '', mark: '' };
      case 'waiting':
        return { ...plain, word: t('tech-band-waiting'), say: this.#absent ?? t('tech-say-waiting'), mark: '' };
      case 'ended':
        return { ...plain, word: t('tech-band-ended'), say: t('tech-say-ended'), mark: '' };
      case 'watching': {
        const held = venue?.tally === 'held';
        return {
          ...plain,
          word: t(held ? 'tech-band-held' : 'tech-band-watching'),
          say: held ? t('tech-say-held') : this.#watching(),
          mark: this.#left ?? this.#place,
          time: this.#time,
          held,
        };
      }
      case 'next':
        return {
          tally: 'next',
          lost: false,
          word: t('tech-band-next'),
          say: t('tech-say-next'),
          mark: this.#left ?? t('tech-mark-next'),
          time: this.#time,
        };
      case 'on-air':
        return {
          tally: 'air',
          lost: false,
          word: t('tech-band-air'),
          say: this.#heard(),
          mark: this.#left ?? t('tech-mark-air'),
          time: this.#time,
        };
    }
  }

  /** Until when the floor is kept while a link is lost, as time of day; nothing if there is no floor to keep. */
  get kept(): string | undefined {
    const { venue } = this;
    if (!venue?.lease || this.#standing) return undefined;
    if (this.lost) return clock(this.page.link.heardAt + floorKeptMs, zone());
    return venue.lease_until === null ? undefined : clock(venue.lease_until, zone());
  }

  /** When control took this venue's request off, as time of day, until somebody here has seen it. */
  get takenOff(): string | undefined {
    const line = this.hand === null ? this.#takenOff : undefined;
    return line && line.seq > this.#seen ? clock(line.at, zone()) : undefined;
  }

  /** Somebody has seen that the request was taken off. */
  see(): void {
    this.#seen = this.#takenOff?.seq ?? this.#seen;
  }

  get #takenOff(): JournalLine | undefined {
    return takenOff(this.page.section('journal')?.lines ?? [], this.room.id);
  }

  /** Place of this venue's request among those that wait. */
  get hand(): number | null {
    return this.venue?.hand ?? null;
  }

  /** Why the hall screen has no camera. */
  get cameraFault(): CameraFault | null {
    return this.venue?.report?.camera_fault ?? null;
  }

  /** Sends a request to speak, or takes it back. */
  ask(): void {
    if (this.asked?.busy || !this.canAsk) return;
    this.see();
    const raise = { kind: this.kind, ...(this.person === '' ? {} : { person: this.person }) };
    this.asked = this.page.act(this.venue?.hand === null ? { raise } : { withdraw: {} });
  }

  /** The next request is for a speech of nobody by name, until something else is chosen. */
  renew(): void {
    this.kind = 'speech';
    this.person = '';
  }

  /** The venue has been called on: there is nothing left to ask for. */
  get speaking(): boolean {
    return (this.venue?.speaking ?? false) || this.room.speech !== undefined;
  }

  /** Nobody can ask to speak now, though the meeting goes on: the server cannot write its log. */
  get shut(): boolean {
    return this.page.logShut && !this.lost && this.room.phase !== 'ended';
  }

  /** A request or its withdrawal may be sent now. */
  get canAsk(): boolean {
    const { phase } = this.room;
    return (
      this.page.live &&
      !this.room.gone &&
      !this.page.logShut &&
      this.venue !== undefined &&
      !this.speaking &&
      phase !== 'idle' &&
      phase !== 'waiting' &&
      phase !== 'ended'
    );
  }

  /** Level of the venue's microphone as the server hears of it, in dBov; undefined without sound. */
  onMicrophone(show: (level: number | undefined) => void): () => void {
    return this.page.onLevels((levels: Levels) => {
      const directory = this.page.section('directory');
      if (directory?.generation !== levels.generation) return;
      const value = levels.values[directory.venues.findIndex(({ id }) => id === this.room.id)] ?? noSound;
      show(value === noSound ? undefined : -value);
    });
  }

  /** Lets go of everything. */
  stop(): void {
    this.#current();
    this.watching.stop();
    this.page.stop();
  }

  get #standing(): boolean {
    return (
      this.page.section('floor')?.open.some(({ venue, kind }) => venue === this.room.id && kind === 'standing') ?? false
    );
  }

  get #absent(): string | undefined {
    if (this.cameraFault !== null) return t('tech-say-camera', { fault: this.cameraFault });
    return this.venue?.state === 'absent' ? t('tech-say-absent') : undefined;
  }

  get #place(): string {
    return this.hand === null ? '' : t('tech-mark-hand', { place: String(this.hand) });
  }

  /** Time left of this venue's speech, if it has a limit. */
  get #left(): string | undefined {
    const speech = this.room.speech;
    if (speech?.left_ms == null) return undefined;
    const time = wide(Math.abs(speech.left_ms));
    return t(speech.over ? 'tech-mark-over' : speech.near ? 'tech-mark-last' : 'tech-mark-left', { time });
  }

  get #time(): 'last' | 'over' | undefined {
    const speech = this.room.speech;
    if (speech?.over) return 'over';
    return speech?.near ? 'last' : undefined;
  }

  #watching(): string {
    return this.#absent ?? t(this.venue?.gate === 'open' ? 'tech-say-heard' : 'tech-say-watching');
  }

  #heard(): string {
    return t(this.venue?.gate === 'open' ? 'tech-say-seen-heard' : 'tech-say-seen');
  }
}
