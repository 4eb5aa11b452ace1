// All that a watcher page runs.

import type { Opening } from '../client/link';
import { mayReload } from '../domain/room';
import { sourceOf } from '../domain/tally';
import { Room } from './room.svelte';
import { Session } from './session.svelte';
import { followVersion } from './version.svelte';
import { watch, type Watching } from './watching.svelte';

/** Where the meeting is, for somebody who only watches. */
export type WatcherPhase = 'idle' | 'waiting' | 'live' | 'ended';

/** A watcher page at work. */
export class Watcher {
  readonly session: Session;
  /** The meeting seen from no venue: names, times, captions. */
  readonly room: Room;
  readonly watching: Watching;
  readonly #current: () => void;

  constructor(opening: Opening) {
    this.session = new Session(opening);
    this.room = new Room(this.session, '');
    this.watching = watch(this.session, 'watch', { video: 1, audio: 4 });
    this.watching.sound.turnOn();
    this.#current = followVersion(this.session, () => mayReload(this.phase));
  }

  /** Where the meeting is. */
  get phase(): WatcherPhase {
    return this.session.section('meeting')?.phase ?? 'idle';
  }

  /** The slate stands in the place of the picture. */
  get slate(): boolean {
    const programme = this.session.section('programme');
    return this.phase !== 'live' || !programme || sourceOf(programme.shown) === null;
  }

  /** Lets go of everything. */
  stop(): void {
    this.#current();
    this.watching.stop();
    this.session.stop();
  }
}
