// A ladder with its timer and its peer connections: what publishing and watching share.

import { Ladder, type LadderInput } from '../ladder';
import type { Peer } from './peer';

/** What a climb needs from whoever watches or publishes. */
export interface Climber {
  /** Makes a connection and opens it. What it throws counts as failed. */
  open(peer: (peer: Peer) => void): Promise<void>;
  /** This connection is in use from now on. */
  adopt(peer: Peer): void;
  /** The phase, or the number of tries, has changed. */
  changed(): void;
}

/** Keeps one media connection up. */
export class Climb {
  readonly ladder = new Ladder(Math.random);
  readonly #climber: Climber;
  #current: Peer | undefined;
  #next: Peer | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(climber: Climber) {
    this.#climber = climber;
    window.addEventListener('pagehide', this.#leave);
  }

  /** The connection in use. */
  get current(): Peer | undefined {
    return this.#current;
  }

  /** The connection that is being opened. */
  get next(): Peer | undefined {
    return this.#next;
  }

  /** Tells the ladder. */
  feed(input: LadderInput): void {
    const { phase, attempt } = this.ladder;
    this.ladder.handle(performance.now(), input);
    for (;;) {
      const output = this.ladder.poll();
      if (output.k === 'timeout') {
        this.#arm(output.at);
        break;
      }
      if (output.k === 'open') void this.#open();
      else if (output.k === 'adopt') this.#adopt();
      else this.#drop(output.k === 'close');
    }
    if (phase !== this.ladder.phase || attempt !== this.ladder.attempt) this.#climber.changed();
  }

  /** Another server has taken the place of the one that knew these sessions: opens anew. */
  renew(): void {
    this.#current?.forget();
    this.#next?.forget();
    this.feed({ k: 'renew' });
  }

  /** Ends it for good. */
  stop(): void {
    window.removeEventListener('pagehide', this.#leave);
    this.feed({ k: 'want', wanted: false });
  }

  readonly #leave = (): void => {
    this.#drop(true);
  };

  async #open(): Promise<void> {
    let mine: Peer | undefined;
    try {
      await this.#climber.open((peer) => {
        mine = peer;
        this.#next = peer;
      });
    } catch {
      mine?.close();
      if (mine === undefined || this.#next === mine) {
        this.#next = undefined;
        this.feed({ k: 'failed' });
      }
    }
  }

  #adopt(): void {
    this.#current?.close();
    this.#current = this.#next;
    this.#next = undefined;
    if (this.#current) this.#climber.adopt(this.#current);
  }

  #drop(all: boolean): void {
    this.#next?.close();
    this.#next = undefined;
    if (!all) return;
    this.#current?.close();
    this.#current = undefined;
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    if (at !== Infinity)
      this.#timer = setTimeout(
        () => {
          this.feed({ k: 'timeout' });
        },
        Math.max(0, at - performance.now()),
      );
  }
}
