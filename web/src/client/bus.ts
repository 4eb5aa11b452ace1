// Commands on their way: sent once, confirmed, refused or unknown; sent again under the same key after a reconnect, while they are young. Pure.

import { commandsWaitingMax, type Act, type RefusalCode, type Role } from '../contract';

/** How a command stands. */
export type CommandPhase =
  /** Sent, or about to be. */
  | { readonly phase: 'pending' }
  /** No answer for 2 s; the answer may still come. */
  | { readonly phase: 'unconfirmed' }
  /** In the log. */
  | { readonly phase: 'done'; readonly seq: number; readonly at: number }
  /** It closed something at once, and is not in the log yet. */
  | {
      readonly phase: 'closed_unlogged';
      readonly at: number;
      /** A restart of the server opens nothing again. */
      readonly kept: boolean;
      /** False of `end`: the meeting goes on until it is asked for again. */
      readonly ended: boolean | undefined;
    }
  /** Nothing changed; after `unconfirmed` that is not known. */
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

/** Milliseconds after which a command is not sent again by itself: by then its user looks at another meeting (R16). */
export const againWithinMs = 3000;

/** Milliseconds without an answer after which none is awaited any more. */
export const forgottenAfterMs = 10_000;

/** What goes out with a command's key. */
export interface Asked {
  readonly act: Act;
  /** `n` of the last tick before its user acted, if there was one of this server. */
  readonly seen: number | undefined;
}

interface Waiting extends Asked {
  readonly began: number;
  called: boolean;
}

/** The commands without an answer. */
export class Bus {
  readonly #waiting = new Map<string, Waiting>();

  /** Takes a command. False if too many wait already. */
  add(now: number, key: string, asked: Asked): boolean {
    if (this.#waiting.size >= commandsWaitingMax) return false;
    this.#waiting.set(key, { ...asked, began: now, called: false });
    return true;
  }

  /** Removes a command that was answered. False if nobody waits for it. */
  answered(key: string): boolean {
    return this.#waiting.delete(key);
  }

  /**
   * The young ones that wait, in the order they were given: to be sent again after a reconnect. The others are forgotten, for no
   * answer to them comes on a new connection. Another server has other ticks: it counts from when it reads.
   */
  again(now: number, same: boolean): { readonly young: (readonly [string, Asked])[]; readonly old: string[] } {
    const young: (readonly [string, Asked])[] = [];
    const old: string[] = [];
    for (const [key, { act, seen, began }] of this.#waiting) {
      if (now - began < againWithinMs) young.push([key, { act, seen: same ? seen : undefined }]);
      else old.push(key);
    }
    for (const key of old) this.#waiting.delete(key);
    return { young, old };
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
