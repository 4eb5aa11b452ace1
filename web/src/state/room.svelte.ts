// A venue's own pages over the meeting: where the venue is, what it sees, who speaks. Shared by hall and technician's page.

import type { VenueEntry } from '../contract';
import { currentItem } from '../domain/rundown';
import { roomPhase, seen, seesReturn, type RoomPhase } from '../domain/room';
import { sourceOf } from '../domain/tally';
import { hourMinute, timer, type Timer } from '../domain/timers';
import { pick, t } from './language.svelte';
import type { MeetingPage } from './meeting-page.svelte';
import { moment, zone } from './zone';

/** A venue of the meeting, as its pages need it. */
export class Room {
  readonly page: MeetingPage;
  /** Id of the venue. */
  readonly id: string;
  /** Its lines as they were last: a venue that leaves the meeting keeps its name on its pages. */
  #last: VenueEntry | undefined;

  constructor(page: MeetingPage, id: string) {
    this.page = page;
    this.id = id;
  }

  /** Lines in the directory. */
  get entry(): VenueEntry | undefined {
    return this.page.entry(this.id);
  }

  /** The venue is in the meeting no more: a meeting file left it out. */
  get gone(): boolean {
    return this.page.section('directory') !== undefined && this.entry === undefined;
  }

  /** Lines in the directory, or what they were before the venue left it. */
  get known(): VenueEntry | undefined {
    this.#last = this.entry ?? this.#last;
    return this.#last;
  }

  /** Full name. */
  get name(): string {
    return this.known ? pick(this.known.name) : '';
  }

  /** Title of the meeting, in one line. */
  get title(): string {
    return this.page.title;
  }

  /** Title of the meeting, in the lines that the meeting's file breaks it into. */
  get titleLines(): readonly string[] {
    return this.page.titleLines;
  }

  /** Where the venue is in the meeting. */
  get phase(): RoomPhase {
    return roomPhase(this.page.section('meeting')?.phase, this.page.venue(this.id)?.tally ?? 'none');
  }

  /** Ids of its sources. */
  get sources(): readonly string[] {
    return this.entry?.sources.map(({ id }) => id) ?? [];
  }

  /** The hall shows the return picture instead of the programme. */
  get returning(): boolean {
    return seesReturn(this.page.section('programme'), this.sources);
  }

  /** The return line carries a picture: the slate is none. */
  get returned(): boolean {
    const carried = this.page.venue(this.id)?.returned;
    return carried !== undefined && sourceOf(carried) !== null;
  }

  /** The programme is the slate, or there is no programme. */
  get slate(): boolean {
    const programme = this.page.section('programme');
    return !programme || sourceOf(programme.shown) === null || this.page.section('meeting')?.phase !== 'live';
  }

  /** When the meeting begins, in words; nothing once it has begun. */
  get begins(): string {
    const meeting = this.page.section('meeting');
    if (!meeting) return '';
    if (meeting.phase === 'ended') return t('room-ended');
    if (meeting.phase !== 'waiting' || meeting.planned_start === null) return '';
    const time = moment(meeting.planned_start, this.page.at);
    const minutes = Math.ceil((meeting.planned_start - this.page.at) / 60_000);
    if (minutes <= 0) return t('room-begins-soon', { time });
    return minutes >= 120 ? t('room-begins', { time }) : t('room-begins-in', { time, minutes });
  }

  /** Time of day, hours and minutes. */
  get time(): string {
    return this.page.at === 0 ? '' : hourMinute(this.page.at, zone());
  }

  /** The current item: title, number, and how many there are. */
  get item(): { readonly title: string; readonly number: number; readonly count: number } | undefined {
    const rundown = this.page.section('rundown');
    const found = currentItem(rundown);
    return found && rundown
      ? { title: pick(found.item.title), number: found.number, count: rundown.items.length }
      : undefined;
  }

  /** Name and unit for the caption of a shown venue. Without a known person the venue is named. */
  caption(venue: string): { readonly name: string; readonly under: string } {
    const { person } = seen(venue, this.page.section('call_on'), this.page.section('rundown'));
    const directory = this.page.section('directory');
    const entry = this.page.entry(venue);
    const known = person === null ? undefined : directory?.people[person];
    const unit = directory?.units.find(({ id }) => id === entry?.unit);
    if (!known) return { name: entry ? pick(entry.name) : '', under: '' };
    return { name: pick(known), under: unit ? pick(unit.name) : '' };
  }

  /** The venue on air; undefined on slate. */
  get shown(): string | undefined {
    const programme = this.page.section('programme');
    const source = programme ? sourceOf(programme.shown) : null;
    return source === null ? undefined : this.page.source(source)?.venue.id;
  }

  /** The timer of a call-on of this venue. */
  get speech(): Timer | undefined {
    const call = this.page.section('call_on')?.running;
    if (call?.venue !== this.id) return undefined;
    return timer(call.began, call.limit_s === null ? null : call.limit_s * 1000, this.page.at);
  }
}
