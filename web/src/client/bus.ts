// Commands on their way: sent once, confirmed, refused or unknown; sent again under the same key after a reconnect. Pure.

import { commandsWaitingMax, type Act, type RefusalCode, type Role } from '../contract';

/** How a command stands. */
export type CommandPhase =
  /** Sent, or about to be. */
  | { readonly phase: 'pending' }
  /** No answer for 2 s; the answer may still come. */
  | { readonly phase: 'unconfirmed' }
  /** In the log. */
  | { readonly phase: 'done'; readonly seq: number; readonly at: number }
  /** Nothing changed. */
  | {
      readonly phase: 'refused';
      readonly code: RefusalCode;
      readonly holder: string | undefined;
      readonly may: readonly Role[];
    }
  /** No answer for so long that sending it by itself would surprise. Whether it took effect shows in the state. */
  | { readonly phase: 'unknown' };

/** Milliseconds without an answer after which a command is called not confirmed. */
export const unconfirmedAfterMs = 2000;

/** Milliseconds without an answer after which a command is not sent again by itself. */
export const forgottenAfterMs = 10_000;

interface Waiting {
  readonly act: Act;
  readonly began: number;
  called: boolean;
}

/** The commands without an answer. */
export class Bus {
  readonly #waiting = new Map<string, Waiting>();

  /** Takes a command. False if too many wait already. */
  add(now: number, key: string, act: Act): boolean {
    if (this.#waiting.size >= commandsWaitingMax) return false;
    this.#waiting.set(key, { act, began: now, called: false });
    return true;
  }

  /** Removes a command that was answered. False if nobody waits for it. */
  answered(key: string): boolean {
    return this.#waiting.delete(key);
  }

  /** All that wait, in the order they were given: to be sent again after a reconnect. */
  *again(): IterableIterator<readonly [string, Act]> {
    for (const [key, { act }] of this.#waiting) yield [key, act];
  }

  /** Commands whose phase changes by time alone. */
  due(now: number): (readonly [string, CommandPhase])[] {
    const due: (readonly [string, CommandPhase])[] = [];
    for (const [key, command] of this.#waiting) {
      const age = now - command.began;
      if (age >= forgottenAfterMs) {
        this.#waiting.delete(key);
        due.push([key, { phase: 'unknown' }]);
      } else if (age >= unconfirmedAfterMs && !command.called) {
        command.called = true;
        due.push([key, { phase: 'unconfirmed' }]);
      }
    }
    return due;
  }

  /** When `due` has something next. */
  get deadline(): number {
    let deadline = Infinity;
    for (const { began, called } of this.#waiting.values()) {
      deadline = Math.min(deadline, began + (called ? forgottenAfterMs : unconfirmedAfterMs));
    }
    return deadline;
  }
}
