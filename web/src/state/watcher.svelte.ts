// All that a watcher page runs.

import type { Opening } from '../client/link';
import { mayReload } from '../domain/room';
import { sourceOf } from '../domain/tally';
import { Room } from './room.svelte';
import { MeetingPage } from './meeting-page.svelte';
import { followVersion } from './version.svelte';
import { watch, type Watching } from './watching.svelte';

/** Where the meeting is, for somebody who only watches. */
export type WatcherPhase = 'idle' | 'waiting' | 'live' | 'ended';

/** A watcher page at work. */
export class Watcher {
  readonly page: MeetingPage;
  /** The meeting seen from no venue: names, times, captions. */
  readonly room: Room;
  readonly watching: Watching;
  readonly #current: () => void;

  constructor(opening: Opening) {
    this.page = new MeetingPage(opening);
    this.room = new Room(this.page, '');
    this.watching = watch(this.page, 'watch', { video: 1, audio: 4 });
    this.watching.sound.turnOn();
    this.#current = followVersion(this.page, () => mayReload(this.phase));
  }

  /** Where the meeting is. */
  get phase(): WatcherPhase {
    return this.page.section('meeting')?.phase ?? 'idle';
  }

  /** The slate stands in the place of the picture. */
  get slate(): boolean {
    const programme = this.page.section('programme');
    return this.phase !== 'live' || !programme || sourceOf(programme.shown) === null;
  }

  /** Lets go of everything. */
  stop(): void {
    this.#current();
    this.watching.stop();
    this.page.stop();
  }
}
