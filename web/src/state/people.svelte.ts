// Who may speak from a venue, as somebody chooses one of them.

import { SvelteMap } from 'svelte/reactivity';
import { fetchPeople } from '../client/shell/people';
import type { PersonEntry } from '../contract';
import type { MeetingPage } from './meeting-page.svelte';

/** Milliseconds between two tries for people that did not come. */
const retryMs = 5000;

/** People of a venue: on their way, here, or not to be had just now. */
export type Roster = readonly PersonEntry[] | 'loading' | 'failed';

/** People by venue, asked for once for each directory. */
export class People {
  readonly #page: MeetingPage;
  readonly #known = new SvelteMap<string, Roster>();

  constructor(page: MeetingPage) {
    this.#page = page;
  }

  /** People of a venue as they are known. */
  of(venue: string): Roster {
    return this.#known.get(this.#key(venue)) ?? 'loading';
  }

  /** Has the people of a venue fetched while it runs, inside an effect: again after a change of the directory, and until they came. */
  want(venue: string): () => void {
    const key = this.#key(venue);
    let retry: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const ask = async (): Promise<void> => {
      const people = await fetchPeople(this.#page.opening, venue);
      this.#known.set(key, people ?? 'failed');
      if (people === undefined && !gone) retry = setTimeout(() => void ask(), retryMs);
    };
    if (this.#page.live && !Array.isArray(this.#known.get(key))) void ask();
    return () => {
      gone = true;
      clearTimeout(retry);
    };
  }

  #key(venue: string): string {
    return `${String(this.#page.section('directory')?.generation ?? 0)} ${venue}`;
  }
}
