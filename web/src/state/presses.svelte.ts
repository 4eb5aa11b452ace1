// The last press of every control, and what there is to say about the one that went wrong.

import { SvelteMap } from 'svelte/reactivity';
import type { Act, RefusalCode, Role } from '../contract';
import type { Command, MeetingPage } from './meeting-page.svelte';

/** How a press stands, as its control draws it. */
export type PressState = 'idle' | 'busy' | 'late' | 'refused';

/** What the last press that went wrong has to say. */
export interface Remark {
  readonly spot: string;
  readonly kind: 'late' | 'refused' | 'unknown';
  readonly code: RefusalCode | undefined;
  /** Name of what stands in the way. */
  readonly holder: string | undefined;
  readonly may: readonly Role[];
}

/** Presses by the spot they came from: `take`, `give:r3` … */
export class Presses {
  readonly #page: MeetingPage;
  readonly #nameOf: (id: string) => string;
  readonly #spots = new SvelteMap<string, Command>();
  #last = $state<string | null>(null);

  constructor(page: MeetingPage, nameOf: (id: string) => string) {
    this.#page = page;
    this.#nameOf = nameOf;
  }

  /** Gives a command, unless the link is lost or the same spot still waits for its answer. */
  press(spot: string, act: Act): void {
    if (!this.#page.live || this.#spots.get(spot)?.busy) return;
    this.#spots.set(spot, this.#page.act(act));
    this.#last = spot;
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
      case 'unknown':
      case undefined:
        return 'idle';
    }
  }

  /** The last press that went wrong, until another goes well. */
  get remark(): Remark | null {
    const spot = this.#last;
    const state = spot === null ? undefined : this.#spots.get(spot)?.state;
    if (spot === null || !state) return null;
    switch (state.phase) {
      case 'unconfirmed':
        return { spot, kind: 'late', code: undefined, holder: undefined, may: [] };
      case 'unknown':
        return { spot, kind: 'unknown', code: undefined, holder: undefined, may: [] };
      case 'refused': {
        const holder = state.holder === undefined ? undefined : this.#nameOf(state.holder);
        return { spot, kind: 'refused', code: state.code, holder, may: state.may };
      }
      case 'pending':
      case 'done':
        return null;
    }
  }

  /** Sends the command of the remark once more, under the same key. */
  retry(): void {
    if (this.#last !== null) this.#spots.get(this.#last)?.retry();
  }

  /** Takes the remark away. */
  dismiss(): void {
    this.#last = null;
  }
}
