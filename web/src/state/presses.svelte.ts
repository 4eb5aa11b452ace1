// The last press of every control, and what there is to say about the one that went wrong.

import { SvelteMap } from 'svelte/reactivity';
import type { Act, RefusalCode, Role } from '../contract';
import type { Hint } from '../domain/keys';
import { doneWithoutLog, kindOf } from '../domain/outage';
import type { Command, MeetingPage } from './meeting-page.svelte';

/** How a press stands, as its control draws it. */
export type PressState = 'idle' | 'busy' | 'late' | 'refused';

/** What there is to say about the last press: it went wrong, it sent nothing and why, or what it did beside. */
export type Remark =
  | { readonly kind: 'late' | 'unknown'; readonly spot: string }
  /** It closed something that is not in the log yet. */
  | {
      readonly kind: 'closed_unlogged';
      readonly spot: string;
      /** A restart of the server opens nothing again. */
      readonly kept: boolean;
      /** It was to end the meeting, which goes on. */
      readonly goesOn: boolean;
    }
  | {
      readonly kind: 'refused';
      readonly spot: string;
      readonly code: RefusalCode;
      /** Name of what stands in the way. */
      readonly holder: string | undefined;
      readonly may: readonly Role[];
    }
  | { readonly kind: 'hint'; readonly spot: string; readonly hint: Hint };

/** Milliseconds for which a hint stands. */
const hintMs = 8000;

/** Presses by the spot they came from: `take`, `give:r3` … */
export class Presses {
  readonly #page: MeetingPage;
  readonly #nameOf: (id: string) => string;
  readonly #spots = new SvelteMap<string, Command>();
  #last = $state<string | null>(null);
  #hint = $state.raw<{ readonly spot: string; readonly hint: Hint } | null>(null);
  #fades: ReturnType<typeof setTimeout> | undefined;

  constructor(page: MeetingPage, nameOf: (id: string) => string) {
    this.#page = page;
    this.#nameOf = nameOf;
  }

  /**
   * Gives a command; says why not where the link is lost, the log cannot be written, or the same spot still waits for its answer. `newest` goes out all the
   * same: of several in a row the last is meant. What a press did beside is said when it is done.
   */
  press(
    spot: string,
    act: Act,
    { newest = false, beside }: { newest?: boolean; beside?: Hint | undefined } = {},
  ): void {
    if (!this.#page.live) return this.say(spot, { id: 'link' });
    const kind = kindOf(act);
    if (!this.#page.may(kind)) return this.say(spot, { id: 'no_right' });
    if (this.#page.logShut && !doneWithoutLog(kind)) return this.say(spot, { id: 'log_shut' });
    if (!newest && this.#spots.get(spot)?.busy) return this.say(spot, { id: 'busy' });
    const command = this.#page.act(act);
    this.#spots.set(spot, command);
    this.#last = spot;
    this.#hint = null;
    if (!beside) return;
    void command.settled.then(({ phase }) => {
      if (phase === 'done') this.say(spot, beside);
    });
  }

  /** Says a hint, for a while, in place of what was refused before. */
  say(spot: string, hint: Hint): void {
    if (this.#last !== null && !this.#spots.get(this.#last)?.busy) this.#last = null;
    this.#hint = { spot, hint };
    clearTimeout(this.#fades);
    this.#fades = setTimeout(() => {
      this.#hint = null;
    }, hintMs);
  }

  /** How the press of a spot stands. */
  pressed(spot: string): PressState {
    switch (this.#spots.get(spot)?.state.phase) {
      case 'pending':
        return 'busy';
      case 'unconfirmed':
        return 'late';
      case 'refused':
        return 'refused';
      case 'done':
      case 'closed_unlogged':
      case 'unknown':
      case undefined:
        return 'idle';
    }
  }

  /** What there is to say: what is wrong with the last press, else a hint while it stands. */
  get remark(): Remark | null {
    return this.#trouble ?? (this.#hint && { kind: 'hint', ...this.#hint });
  }

  get #trouble(): Remark | null {
    const spot = this.#last;
    const state = spot === null ? undefined : this.#spots.get(spot)?.state;
    if (spot === null || !state) return null;
    switch (state.phase) {
      case 'unconfirmed':
        return { spot, kind: 'late' };
      case 'unknown':
        return { spot, kind: 'unknown' };
      case 'closed_unlogged': {
        const goesOn = state.ended === false && this.#page.section('meeting')?.phase !== 'ended';
        // What the log has by now needs no word, but for an end that must be given again.
        return goesOn || this.#behind ? { spot, kind: 'closed_unlogged', kept: state.kept, goesOn } : null;
      }
      case 'refused': {
        const holder = state.holder === undefined ? undefined : this.#nameOf(state.holder);
        return { spot, kind: 'refused', code: state.code, holder, may: state.may };
      }
      case 'pending':
      case 'done':
        return null;
    }
  }

  /** The log is behind what is so. */
  get #behind(): boolean {
    return this.#page.logShut || (this.#page.section('journal')?.unlogged ?? []).length > 0;
  }

  /** Sends the command of the remark once more, under the same key. */
  retry(): void {
    if (this.#last !== null) this.#spots.get(this.#last)?.retry();
  }

  /** Takes the remark away. */
  dismiss(): void {
    this.#last = null;
    this.#hint = null;
  }
}
