// All that a hall screen runs: the meeting, what it watches, what it publishes, and what it tells of itself.

import type { Opening } from '../client/link';
import { mayReload } from '../domain/room';
import { followMeeting } from './language.svelte';
import { publish, type Publishing } from './publishing.svelte';
import { Room } from './room.svelte';
import { MeetingPage } from './meeting-page.svelte';
import { followVersion } from './version.svelte';
import { watch, type Watching } from './watching.svelte';

/** Milliseconds that sound waits for the first answer about camera and microphone. */
const devicesFirstMs = 4000;

/** A hall screen at work. */
export interface HallPage {
  readonly page: MeetingPage;
  readonly room: Room;
  readonly watching: Watching;
  /** Another window shows this venue: what it publishes comes from there. */
  readonly elsewhere: boolean;
  /** Shows the venue here, and not in the other window. */
  showHere(): void;
  /** Lets go of everything. */
  stop(): void;
}

/** Opens the hall screen of the link's venue. Undefined if the link names none. */
export function openHall(opening: Opening | undefined): HallPage | undefined {
  const venue = opening?.claims.venue;
  if (opening === undefined || venue === undefined) return undefined;
  const page = new MeetingPage(opening);
  const watching = watch(page, 'hall', { video: 3, audio: 4 });
  // Browsers let a page that captures play sound without a touch, so devices come first; but not for ever.
  const sound = setTimeout(() => {
    watching.sound.turnOn();
  }, devicesFirstMs);
  let publishing = $state.raw<Publishing>();
  let silenced = false;
  const stop = $effect.root(() => {
    // The source is known with the directory; the microphone belongs to the venue's first.
    const first = $derived(page.entry(venue)?.sources[0]?.id);
    $effect(() => {
      if (first === undefined || publishing) return;
      const source = opening.source ?? first;
      publishing = publish(page, venue, source, source === first);
      void publishing.settled.then(() => {
        if (!publishing?.elsewhere) watching.sound.turnOn();
      });
    });
    // A hall speaks the meeting's language, whatever the computer under the screen speaks, unless its address says otherwise.
    $effect(() => {
      if (page.section('meeting') && !new URLSearchParams(location.search).has('lang')) followMeeting();
    });
    // Two windows of one hall would play the programme twice.
    $effect(() => {
      if (publishing?.elsewhere) watching.sound.turnOff();
      else if (publishing && silenced) watching.sound.turnOn();
      silenced = publishing?.elsewhere ?? false;
    });
    $effect(() => {
      const { state } = watching.sound;
      if (state !== 'off') page.report({ sound: state });
    });
  });
  const forget = keepAwake();
  const room = new Room(page, venue);
  const current = followVersion(page, () => mayReload(room.phase));
  const hidden = (): void => {
    const unseen = document.visibilityState === 'hidden';
    page.report({ hidden: unseen });
    watching.draw(!unseen);
  };
  hidden();
  document.addEventListener('visibilitychange', hidden);
  return {
    page,
    room,
    watching,
    get elsewhere() {
      return publishing?.elsewhere ?? false;
    },
    showHere: () => {
      publishing?.take();
    },
    stop: () => {
      clearTimeout(sound);
      document.removeEventListener('visibilitychange', hidden);
      forget();
      current();
      stop();
      publishing?.stop();
      watching.stop();
      page.stop();
    },
  };
}

/** Keeps the display on. The browser drops the lock of a hidden page, so it is taken again when the page is seen. */
function keepAwake(): () => void {
  let lock: WakeLockSentinel | undefined;
  const take = (): void => {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    navigator.wakeLock.request('screen').then(
      (taken) => {
        lock = taken;
      },
      () => undefined,
    );
  };
  take();
  document.addEventListener('visibilitychange', take);
  return () => {
    document.removeEventListener('visibilitychange', take);
    void lock?.release();
  };
}
