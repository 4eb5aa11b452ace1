// Facts of a page on their way to the server: only what changed, at most five times a second. Pure.

import type { Report } from '../contract';

/** Milliseconds between two reports. */
export const reportEveryMs = 200;

/** The facts of a page, and which of them the server has. */
export class Reports {
  #facts: Report = {};
  #told = new Map<string, string>();
  #next = 0;
  #held = false;

  /** Notes facts; those left out stay as they were. */
  note(facts: Report): void {
    this.#facts = { ...this.#facts, ...facts };
  }

  /** Forgets what was told: the server on the other side knows nothing. */
  forget(): void {
    this.#told.clear();
  }

  /** Holds them back: another page speaks for the venue. Afterwards everything is told again, for the server has heard that other page meanwhile. */
  hold(held: boolean): void {
    this.#held = held;
    this.forget();
  }

  /** What is to be sent now, if anything. */
  take(now: number): Report | undefined {
    if (this.#held || now < this.#next) return undefined;
    const fresh = Object.entries(this.#facts).filter(([name, value]) => this.#told.get(name) !== JSON.stringify(value));
    if (fresh.length === 0) return undefined;
    for (const [name, value] of fresh) this.#told.set(name, JSON.stringify(value));
    this.#next = now + reportEveryMs;
    return Object.fromEntries(fresh) as Report;
  }

  /** When `take` has something. */
  get deadline(): number {
    const waits = Object.entries(this.#facts).some(([name, value]) => this.#told.get(name) !== JSON.stringify(value));
    return waits && !this.#held ? this.#next : Infinity;
  }
}
