// The control connection as a machine: `handle` what happens, then `poll` what to do until it answers `timeout`.
// Time is monotonic milliseconds; chance and keys come in from the shell.

import { protocolVersion, type Act, type ErrorCode, type Report, type ServerFrame } from '../contract';
import { pauseMs, uselessPauseMs } from './backoff';
import { Bus, type Asked, type CommandPhase } from './bus';
import { readFrame, writeFrame } from './frames';
import { readLevels, type Levels } from './levels';
import { Mirror, type Change, type SectionName } from './mirror';
import { Reports } from './reports';

/** How the connection stands. */
export interface Link {
  /** `opening` until the first snapshot; `lost` when nothing was heard for 2 s, or the link is not accepted any more. */
  readonly phase: 'opening' | 'live' | 'lost';
  /** Server time at which something was heard last. */
  readonly heardAt: number;
  /** Tries since the connection was live. */
  readonly attempt: number;
  /** Why the server let this page not in at its last try, such as `not_open`. What it says of the link itself stays until it lets the page in. */
  readonly error: ErrorCode | undefined;
}

/** What the server says of a link that is good for nothing (any more). */
const linkFaults: readonly ErrorCode[] = ['bad_token', 'expired', 'unknown_meeting'];

/** Whether an error says that the link itself is not accepted, and not only that the server cannot let it in now. */
export function isLinkFault(code: ErrorCode | undefined): code is ErrorCode {
  return code !== undefined && linkFaults.includes(code);
}

/** What happens to the machine. */
export type Input =
  | { readonly k: 'opened' }
  | { readonly k: 'closed' }
  | { readonly k: 'text'; readonly text: string }
  | { readonly k: 'bytes'; readonly bytes: ArrayBuffer }
  | { readonly k: 'act'; readonly key: string; readonly act: Act }
  | { readonly k: 'report'; readonly facts: Report }
  /** Reports are held back from now on, or no more. */
  | { readonly k: 'hold'; readonly held: boolean }
  | { readonly k: 'view'; readonly lines: readonly (string | null)[] }
  /** Somebody, or the network, says that a try is worth while now. */
  | { readonly k: 'kick' }
  | { readonly k: 'timeout' };

/** What the machine wants done. */
export type Output =
  | { readonly k: 'connect' }
  | { readonly k: 'close' }
  | { readonly k: 'send'; readonly text: string }
  | { readonly k: 'changed'; readonly names: readonly SectionName[] }
  | { readonly k: 'command'; readonly key: string; readonly phase: CommandPhase }
  | { readonly k: 'levels'; readonly levels: Levels }
  | { readonly k: 'link'; readonly link: Link }
  | { readonly k: 'replaced'; readonly source: string }
  | { readonly k: 'timeout'; readonly at: number };

/** Milliseconds of silence after which a connection is given up. The server says something every second. */
export const silenceMs = 2200;

/** Milliseconds without a connection after which the link is called lost; a shorter hiccup stays unseen. */
export const lostAfterMs = 2000;

/** Milliseconds that opening may take, and greeting after it; greeting takes twice as long at each try, up to eight times, since a server or
 * a page that is slow would never be done if it were given up again and again. */
export const openingMs = 4000;

type State =
  | { readonly k: 'pausing'; readonly until: number }
  | { readonly k: 'opening'; readonly until: number }
  | { readonly k: 'live' };

/** One control connection, for ever. */
export class Control {
  readonly mirror = new Mirror();
  readonly #token: string;
  readonly #chance: () => number;
  readonly #bus = new Bus();
  readonly #reports = new Reports();
  readonly #out: Output[] = [];
  #state: State;
  #link: Link = { phase: 'opening', heardAt: 0, attempt: 0, error: undefined };
  #heard = 0;
  #offset = 0;
  #attempt = 0;
  #resyncing = false;
  /** The connection of this try was answered with an error. */
  #answered = false;
  /** `n` of the last tick, and the life of the server it came from. */
  #seen: { readonly n: number; readonly boot: string | undefined } | undefined;
  /** Life of the server that waiting commands were sent to. */
  #asked: string | undefined;
  #view: readonly (string | null)[] | undefined;

  constructor(now: number, token: string, chance: () => number) {
    this.#token = token;
    this.#chance = chance;
    this.#state = { k: 'pausing', until: now };
  }

  /** How the connection stands. */
  get link(): Link {
    return this.#link;
  }

  /** Server time at the monotonic time given, in milliseconds since the epoch. */
  serverTime(now: number): number {
    return now + this.#offset;
  }

  /** Something happened. */
  handle(now: number, input: Input): void {
    switch (input.k) {
      case 'opened':
        if (this.#state.k === 'opening')
          this.#state = { k: 'opening', until: now + openingMs * 2 ** Math.min(this.#attempt, 3) };
        this.#hello();
        break;
      case 'closed':
        this.#closed(now);
        break;
      case 'text': {
        const frame = readFrame(input.text);
        if (frame) this.#frame(now, frame);
        break;
      }
      case 'bytes': {
        const levels = readLevels(input.bytes);
        if (levels) this.#out.push({ k: 'levels', levels });
        break;
      }
      case 'act':
        this.#act(now, input.key, input.act);
        break;
      case 'report':
        this.#reports.note(input.facts);
        break;
      case 'hold':
        this.#reports.hold(input.held);
        break;
      case 'view':
        this.#view = input.lines;
        if (this.#state.k === 'live') this.#sendView();
        break;
      case 'kick':
        if (this.#state.k === 'pausing') this.#state = { k: 'pausing', until: now };
        break;
      case 'timeout':
        break;
    }
    this.#time(now);
  }

  /** What to do next; `timeout` comes last and says when to call again. */
  poll(): Output {
    return this.#out.shift() ?? { k: 'timeout', at: this.#deadline() };
  }

  #hello(): void {
    const { boot, rev, client } = this.mirror;
    this.#send(
      writeFrame({
        k: 'hello',
        v: protocolVersion,
        token: this.#token,
        ...(client === undefined ? {} : { client }),
        ...(boot === undefined ? {} : { have: { boot, rev } }),
      }),
    );
  }

  #frame(now: number, frame: ServerFrame): void {
    this.#heard = now;
    switch (frame.k) {
      case 'snapshot':
        this.#clock(now, frame.at);
        this.#resyncing = false;
        this.#take(now, this.mirror.snapshot(frame));
        break;
      case 'delta':
        this.#take(now, this.mirror.delta(frame));
        break;
      case 'tick':
        this.#clock(now, frame.at);
        this.#seen = { n: frame.n, boot: this.mirror.boot };
        break;
      case 'ack':
        if (this.#bus.answered(frame.key)) this.#command(frame.key, { phase: 'done', seq: frame.seq, at: frame.at });
        break;
      case 'closed_unlogged':
        if (this.#bus.answered(frame.key)) {
          this.#command(frame.key, { phase: 'closed_unlogged', at: frame.at, kept: frame.kept, ended: frame.ended });
        }
        break;
      case 'refused':
        if (this.#bus.answered(frame.key)) {
          this.#command(frame.key, { phase: 'refused', code: frame.code, holder: frame.holder, may: frame.may ?? [] });
        }
        break;
      case 'replaced':
        this.#out.push({ k: 'replaced', source: frame.source });
        break;
      case 'error':
        // Of a frame that it could not read, a server that let us in says so and goes on.
        this.#answered = this.#state.k !== 'live' || frame.code !== 'bad_frame';
        this.#say(
          isLinkFault(frame.code) && this.#link.phase === 'live'
            ? { error: frame.code, phase: 'lost' }
            : { error: frame.code },
        );
        break;
    }
  }

  #take(now: number, change: Change): void {
    if (change.kind === 'changed') {
      this.#out.push({ k: 'changed', names: change.names });
      this.#greeted(now);
    } else if (change.kind === 'gap' && !this.#resyncing) {
      this.#resyncing = true;
      this.#send(writeFrame({ k: 'resync' }));
    }
  }

  /** The state is whole again: say so, and bring up what waits. */
  #greeted(now: number): void {
    if (this.#state.k === 'live') return;
    this.#state = { k: 'live' };
    this.#attempt = 0;
    this.#send(writeFrame({ k: 'ready', rev: this.mirror.rev }));
    this.#say({ phase: 'live', attempt: 0, error: undefined });
    this.#sendView();
    const { young, old } = this.#bus.again(now, this.#asked === this.mirror.boot);
    for (const [key, asked] of young) this.#ask(key, asked);
    for (const key of old) this.#command(key, { phase: 'unknown' });
    this.#asked = this.mirror.boot;
    this.#reports.forget();
  }

  #closed(now: number): void {
    if (this.#state.k === 'pausing') return;
    this.#attempt += 1;
    this.#resyncing = false;
    const { error } = this.#link;
    const useless = isLinkFault(error);
    const chance = this.#chance();
    this.#state = { k: 'pausing', until: now + (useless ? uselessPauseMs(chance) : pauseMs(this.#attempt, chance)) };
    // A server that does not answer at all says nothing of the meeting.
    this.#say({ attempt: this.#attempt, error: useless || this.#answered ? error : undefined });
    this.#answered = false;
  }

  #act(now: number, key: string, act: Act): void {
    const seen = this.#seen?.boot === this.mirror.boot ? this.#seen?.n : undefined;
    const asked = { act, seen };
    if (!this.#bus.add(now, key, asked)) {
      this.#command(key, { phase: 'refused', code: 'busy', holder: undefined, may: [] });
    } else if (this.#state.k === 'live') {
      this.#ask(key, asked);
    }
  }

  #ask(key: string, { act, seen }: Asked): void {
    this.#send(writeFrame({ k: 'cmd', key, do: act, ...(seen === undefined ? {} : { seen }) }));
  }

  #time(now: number): void {
    if (this.#state.k === 'pausing' && now >= this.#state.until) {
      this.#state = { k: 'opening', until: now + openingMs };
      this.#out.push({ k: 'connect' });
    } else if (now >= this.#patience()) {
      this.#out.push({ k: 'close' });
      this.#closed(now);
    }
    if (this.#link.phase === 'live' && now >= this.#heard + lostAfterMs) this.#say({ phase: 'lost' });
    for (const [key, phase] of this.#bus.due(now)) this.#command(key, phase);
    if (this.#state.k === 'live') {
      const facts = this.#reports.take(now);
      if (facts) this.#send(writeFrame({ k: 'report', ...facts }));
    }
  }

  /** When a connection that stays silent is given up. */
  #patience(): number {
    if (this.#state.k === 'opening') return this.#state.until;
    return this.#state.k === 'live' ? this.#heard + silenceMs : Infinity;
  }

  #deadline(): number {
    return Math.min(
      this.#state.k === 'pausing' ? this.#state.until : this.#patience(),
      this.#link.phase === 'live' ? this.#heard + lostAfterMs : Infinity,
      this.#bus.deadline,
      this.#state.k === 'live' ? this.#reports.deadline : Infinity,
    );
  }

  /** The first time is taken as it is; later ones are smoothed, for they come with the delay of the line. */
  #clock(now: number, at: number): void {
    const offset = at - now;
    const jump = this.#offset === 0 || Math.abs(offset - this.#offset) > 500;
    this.#offset = jump ? offset : this.#offset + (offset - this.#offset) / 8;
  }

  #sendView(): void {
    if (this.#view) this.#send(writeFrame({ k: 'view', lines: [...this.#view] }));
  }

  #send(text: string): void {
    this.#out.push({ k: 'send', text });
  }

  #command(key: string, phase: CommandPhase): void {
    this.#out.push({ k: 'command', key, phase });
  }

  #say(part: Partial<Link>): void {
    this.#link = { ...this.#link, ...part, heardAt: Math.round(this.serverTime(this.#heard)) };
    this.#out.push({ k: 'link', link: this.#link });
  }
}
