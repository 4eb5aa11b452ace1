// When to open a media connection, when to give it up, when to try again: endless. Pure.
//
// The former connection stays while a new one is opened: whichever delivers first is kept.

/** What happens. */
export type LadderInput =
  /** A connection is wanted from now on, or no more. */
  | { readonly k: 'want'; readonly wanted: boolean }
  /** The new connection delivers. */
  | { readonly k: 'up' }
  /** The new connection could not be opened. */
  | { readonly k: 'failed' }
  /** The connection in use has stopped delivering. */
  | { readonly k: 'lost' }
  /** The connection in use delivers again. */
  | { readonly k: 'back' }
  /** The server is another one than before: what was opened with it is gone. */
  | { readonly k: 'renew' }
  /** Something says that a try is worth while now. */
  | { readonly k: 'kick' }
  | { readonly k: 'timeout' };

/** What to do. */
export type LadderOutput =
  /** Open a new connection. */
  | { readonly k: 'open' }
  /** Give up the new connection that is being opened. */
  | { readonly k: 'abandon' }
  /** Use the new connection and close the former one. */
  | { readonly k: 'adopt' }
  /** Close everything. */
  | { readonly k: 'close' }
  | { readonly k: 'timeout'; readonly at: number };

/** Milliseconds that a new connection may take until it delivers. */
export const openingMaxMs = 5000;

// Near the start the pauses stay short: a line that comes back after some seconds is to show a picture within three.
const pauses: readonly number[] = [0, 300, 600, 1000, 1500, 2000, 2000, 2000, 2000, 2000, 3000, 5000, 7000];

/** Pause before try number `attempt` (from 0), in milliseconds; `chance` in [0, 1) spreads it. */
export function mediaPauseMs(attempt: number, chance: number): number {
  return (pauses[Math.min(attempt, pauses.length - 1)] ?? 7000) * (0.6 + 0.4 * chance);
}

type State =
  | { readonly k: 'off' }
  | { readonly k: 'pausing'; readonly until: number }
  | { readonly k: 'opening'; readonly until: number }
  | { readonly k: 'up' };

/** The ladder of one media connection. */
export class Ladder {
  readonly #chance: () => number;
  readonly #out: LadderOutput[] = [];
  #state: State = { k: 'off' };
  #attempt = 0;
  #ever = false;

  constructor(chance: () => number) {
    this.#chance = chance;
  }

  /** What a page says of it. */
  get phase(): 'off' | 'opening' | 'up' | 'lost' {
    if (this.#state.k === 'off' || this.#state.k === 'up') return this.#state.k;
    return this.#ever ? 'lost' : 'opening';
  }

  /** Tries since it was up. */
  get attempt(): number {
    return this.#attempt;
  }

  /** Something happened. */
  handle(now: number, input: LadderInput): void {
    switch (input.k) {
      case 'want':
        if (input.wanted && this.#state.k === 'off') this.#open(now);
        else if (!input.wanted && this.#state.k !== 'off') {
          this.#state = { k: 'off' };
          this.#ever = false;
          this.#out.push({ k: 'close' });
        }
        break;
      case 'up':
        if (this.#state.k === 'opening') this.#up({ k: 'adopt' });
        break;
      case 'failed':
        if (this.#state.k === 'opening') this.#pause(now);
        break;
      case 'lost':
        if (this.#state.k === 'up') this.#open(now);
        break;
      case 'back':
        if (this.#state.k === 'opening' || this.#state.k === 'pausing') this.#up({ k: 'abandon' });
        break;
      case 'renew':
        if (this.#state.k === 'opening') this.#out.push({ k: 'abandon' });
        if (this.#state.k !== 'off') this.#open(now);
        break;
      case 'kick':
        if (this.#state.k === 'pausing') this.#open(now);
        break;
      case 'timeout':
        this.#time(now);
        break;
    }
  }

  /** What to do next; `timeout` comes last. */
  poll(): LadderOutput {
    const until = this.#state.k === 'opening' || this.#state.k === 'pausing' ? this.#state.until : Infinity;
    return this.#out.shift() ?? { k: 'timeout', at: until };
  }

  #time(now: number): void {
    if (this.#state.k === 'pausing' && now >= this.#state.until) this.#open(now);
    else if (this.#state.k === 'opening' && now >= this.#state.until) {
      this.#out.push({ k: 'abandon' });
      this.#pause(now);
    }
  }

  #open(now: number): void {
    this.#attempt += 1;
    this.#state = { k: 'opening', until: now + openingMaxMs };
    this.#out.push({ k: 'open' });
  }

  #pause(now: number): void {
    this.#state = { k: 'pausing', until: now + mediaPauseMs(this.#attempt, this.#chance()) };
  }

  #up(output: LadderOutput): void {
    this.#state = { k: 'up' };
    this.#attempt = 0;
    this.#ever = true;
    this.#out.push(output);
  }
}
