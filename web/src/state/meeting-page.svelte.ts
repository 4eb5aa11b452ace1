// The meeting as this page sees it, reactive. One per page; every feature reads from it and acts through it.
//
//   const page = new MeetingPage(opening);
//   page.section('programme')?.shown     any section, `venue:v017` included; undefined until it is there
//   page.venue('v017')?.tally            the same for a venue
//   page.entry('v017')?.short            its lines in the directory; page.source('s1') finds a source and its venue
//   page.link.phase                      'opening' | 'live' | 'lost'; page.live is what buttons ask
//   page.at                              server time, whole seconds, ticking; page.now is exact and not reactive
//   const command = page.act({ take: {} });   command.state.phase: pending, unconfirmed, done, closed_unlogged, refused, unknown
//   await command.settled;                  its last phase; command.retry() sends it again under the same key
//   page.onLevels((levels) => …)         level frames, at most five a second, not reactive: write meters by hand
//   page.view([...])                     sources for the lines of this page's wall
//
// Values are plain objects from the server, replaced whole, never changed in place.

import type { Opening } from '../client/link';
import type { CommandPhase } from '../client/bus';
import { isLinkFault, type Link } from '../client/control';
import type { Levels } from '../client/levels';
import type { SectionName } from '../client/mirror';
import { Connection, type Told } from '../client/shell/connect';
import { clockFault, clockWrongForMs } from '../domain/timers';
import { lineBreaks, oneLine } from '../domain/titles';
import { noteMeeting, pick } from './language.svelte';
import { noteZone } from './zone';
import type {
  Act,
  ActKind,
  ErrorCode,
  Report,
  Sections,
  SourceEntry,
  VenueEntry,
  VenueSection,
  You,
} from '../contract';

/** A source and the venue it belongs to. */
export interface FoundSource {
  readonly source: SourceEntry;
  readonly venue: VenueEntry;
}

/** Another page publishes this source now; a new object each time. */
export interface Replaced {
  readonly source: string;
}

/** Milliseconds after which a page that has reached no server says so. */
const patienceMs = 10_000;

/** One value of the state, replaced whole. */
class Cell {
  value = $state.raw<unknown>();
}

/** A command that was given. */
export class Command {
  /** How it stands. */
  state = $state.raw<CommandPhase>({ phase: 'pending' });
  readonly key: string;
  readonly act: Act;
  /** Its last phase: done, closed_unlogged, refused or unknown. */
  readonly settled: Promise<CommandPhase>;
  readonly #again: (command: Command) => void;
  #settle: (phase: CommandPhase) => void = () => undefined;

  constructor(key: string, act: Act, again: (command: Command) => void) {
    this.key = key;
    this.act = act;
    this.#again = again;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** It waits for its answer. */
  get busy(): boolean {
    return this.state.phase === 'pending' || this.state.phase === 'unconfirmed';
  }

  /** Sends it once more under the same key, so that it takes effect at most once. */
  retry(): void {
    this.state = { phase: 'pending' };
    this.#again(this);
  }

  /** Notes a phase. */
  note(phase: CommandPhase): void {
    this.state = phase;
    if (!this.busy) this.#settle(phase);
  }
}

/** The meeting as this page sees it. */
export class MeetingPage {
  readonly opening: Opening;
  #link = $state.raw<Link>({ phase: 'opening', heardAt: 0, attempt: 0, error: undefined });
  #you = $state.raw<You>();
  #client = $state.raw<string>();
  #boot = $state.raw<string>();
  #at = $state(0);
  #clockFault = $state<number | null>(null);
  #clockWrongSince: number | undefined;
  #slow = $state(false);
  #replaced = $state.raw<Replaced>();
  readonly #cells = new Map<SectionName, Cell>();
  #known = $state(0);
  readonly #commands = new Map<string, Command>();
  readonly #listeners = new Set<(levels: Levels) => void>();
  readonly #connection: Connection;
  readonly #clock: ReturnType<typeof setInterval>;
  readonly #patience: ReturnType<typeof setTimeout>;

  constructor(opening: Opening) {
    this.opening = opening;
    this.#connection = new Connection(opening.claims.meeting, opening.token, (told) => {
      this.#told(told);
    });
    this.#clock = setInterval(() => {
      this.#tick();
    }, 100);
    this.#patience = setTimeout(() => {
      this.#slow = this.#client === undefined;
    }, patienceMs);
  }

  /** A section of the state; undefined if this role does not see it, or not yet. */
  section<K extends SectionName>(name: K): Sections[K] | undefined {
    const cell = this.#cells.get(name);
    // A cell made inside a `$derived` would not be followed by it: until there is one, follow their number instead.
    if (!cell) return void this.#known;
    return cell.value as Sections[K] | undefined;
  }

  /** Title of the meeting, in the lines that the meeting's file breaks it into. */
  get titleLines(): readonly string[] {
    const title = this.section('meeting')?.title;
    return title ? lineBreaks(pick(title)) : [];
  }

  /** The same where there is room for one line only. Empty until it is known. */
  get title(): string {
    const title = this.section('meeting')?.title;
    return title ? oneLine(pick(title)) : '';
  }

  /** State of a venue. */
  venue(id: string): VenueSection | undefined {
    return this.section(`venue:${id}`);
  }

  /** A venue's lines in the directory. */
  entry(id: string): VenueEntry | undefined {
    return this.section('directory')?.venues.find((venue) => venue.id === id);
  }

  /** A source and its venue. */
  source(id: string): FoundSource | undefined {
    for (const venue of this.section('directory')?.venues ?? []) {
      const source = venue.sources.find((candidate) => candidate.id === id);
      if (source) return { source, venue };
    }
    return undefined;
  }

  /** How the control connection stands. */
  get link(): Link {
    return this.#link;
  }

  /** Ten seconds have passed and the server has not been reached once. */
  get slow(): boolean {
    return this.#slow && this.#client === undefined;
  }

  /** Code of the fault of the link itself: it lets nobody in (any more), so that this page has nothing to show and nothing to do. */
  get fault(): ErrorCode | undefined {
    const { error } = this.#link;
    return isLinkFault(error) ? error : undefined;
  }

  /** Why the server does not let this page in, whether for the link or for now. */
  get shutOut(): ErrorCode | undefined {
    return this.live ? undefined : this.#link.error;
  }

  /** The same where the page can show nothing else: its link is not accepted, or it was never let in. */
  get turnedAway(): ErrorCode | undefined {
    return this.#client === undefined ? this.shutOut : this.fault;
  }

  /** Tries to connect now instead of after the pause. */
  retry(): void {
    this.#connection.kick();
  }

  /** Acts reach the server. */
  get live(): boolean {
    return this.#link.phase === 'live';
  }

  /** The log cannot be written: nothing can be done but closing. */
  get logShut(): boolean {
    return this.section('meeting')?.log === 'shut';
  }

  /** Role and rights. */
  get you(): You | undefined {
    return this.#you;
  }

  /** This page may do that act. */
  may(act: ActKind): boolean {
    return this.#you?.may.includes(act) ?? false;
  }

  /** Name of this page at the server: `Onehall-Client`. */
  get client(): string | undefined {
    return this.#client;
  }

  /** Life of the server process: another one knows none of our media sessions. */
  get boot(): string | undefined {
    return this.#boot;
  }

  /** Server time in whole seconds, as milliseconds since the epoch. 0 until it is known. */
  get at(): number {
    return this.#at;
  }

  /** Server time, exact, not reactive. */
  get now(): number {
    return this.#connection.now;
  }

  /** How far this device's clock is from the server's, to about a second: positive if it is fast. Null while it is right. */
  get clockFault(): number | null {
    return this.#clockFault;
  }

  /** The last time that another page took over a source of this one. */
  get replaced(): Replaced | undefined {
    return this.#replaced;
  }

  /** Gives a command. */
  act(act: Act): Command {
    const command = new Command(this.#connection.act(act), act, (again) => {
      this.#commands.set(again.key, again);
      this.#connection.act(again.act, again.key);
    });
    this.#commands.set(command.key, command);
    return command;
  }

  /** Tells the server facts of this page. */
  report(facts: Report): void {
    this.#connection.report(facts);
  }

  /** Holds the facts of this page back, while another page speaks for the venue. */
  holdReports(held: boolean): void {
    this.#connection.hold(held);
  }

  /** Asks for sources on the lines of this page's wall, in line order. */
  view(lines: readonly (string | null)[]): void {
    this.#connection.view(lines);
  }

  /** Hears level frames; answers with how to stop. */
  onLevels(listener: (levels: Levels) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Ends the connection. */
  stop(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#patience);
    this.#connection.stop();
  }

  #told(told: Told): void {
    switch (told.k) {
      case 'changed':
        this.#take(told.names);
        break;
      case 'command': {
        const command = this.#commands.get(told.key);
        command?.note(told.phase);
        if (command && !command.busy) this.#commands.delete(told.key);
        break;
      }
      case 'levels':
        for (const listener of this.#listeners) listener(told.levels);
        break;
      case 'link':
        this.#link = told.link;
        break;
      case 'replaced':
        this.#replaced = { source: told.source };
        break;
    }
  }

  #take(names: readonly SectionName[]): void {
    const { mirror } = this.#connection.control;
    this.#you = mirror.you;
    this.#client = mirror.client;
    this.#boot = mirror.boot;
    const meeting = mirror.section('meeting');
    if (meeting) {
      noteMeeting(meeting.title);
      noteZone(meeting.zone);
    }
    for (const name of names) this.#cell(name).value = mirror.section(name);
    this.#tick();
  }

  #tick(): void {
    if (this.#client === undefined) return;
    const { now } = this.#connection;
    this.#at = Math.floor(now / 1000) * 1000;
    const fault = clockFault(Date.now(), now);
    const known = this.#clockFault;
    // A single late tick is no wrong clock.
    if (fault === null) this.#clockWrongSince = undefined;
    else if (now - (this.#clockWrongSince ??= now) < clockWrongForMs) return;
    if (fault === null || known === null || Math.abs(fault - known) >= 1000) this.#clockFault = fault;
  }

  #cell(name: SectionName): Cell {
    let cell = this.#cells.get(name);
    if (!cell) {
      cell = new Cell();
      this.#cells.set(name, cell);
      this.#known += 1;
    }
    return cell;
  }
}
