// What the hall screen sends: its camera, its microphone while the gate is open, and the facts of both.
//
//   const publishing = publish(page, 'v017', 'v017-1', true);
//   publishing.captured      camera and microphone tracks, reactive: a self view may show them
//   publishing.level         level of the microphone in dBov now, not reactive
//   publishing.phase         'off' | 'opening' | 'up' | 'lost'
//   publishing.elsewhere     another page publishes this source, so this one rests; publishing.take() takes it over

import { gateOpen, microphoneReport } from '../media/gate';
import { Capture, type Captured } from '../media/shell/capture';
import { Publish } from '../media/shell/publish';
import type { VenueSection } from '../contract';
import type { MeetingPage } from './meeting-page.svelte';

/** Milliseconds between two reports of the level. */
const levelMs = 200;

/** Milliseconds after which a source that the server does not see is published anew. */
const unseenMs = 5000;

/** Milliseconds without a session of its source after which a page that was replaced publishes again. */
const backAfterMs = 1000;
/** The same where its session is still there and silent: a page that was killed says no farewell. */
const silentAfterMs = 5000;

/** One source on its way to the server. */
export class Publishing {
  #captured = $state.raw<Captured>({ camera: undefined, microphone: undefined, fault: null });
  #phase = $state<'off' | 'opening' | 'up' | 'lost'>('off');
  #elsewhere = $state(false);
  readonly #capture: Capture;
  #publish: Publish | undefined;
  /** Life of the server and name at it, under which was published last. */
  #under: string | undefined;
  readonly #stop: () => void;

  constructor(page: MeetingPage, venue: string, source: string, sound: boolean) {
    this.#capture = new Capture(sound, (captured) => {
      this.#captured = captured;
      this.#publish?.devices(captured);
    });
    const timer = setInterval(() => {
      const { level } = this;
      if (level !== undefined) page.report({ level });
    }, levelMs);
    const follow = $effect.root(() => {
      this.#yield(page, venue, source);
      this.#send(page, source, sound);
      this.#tell(page, venue, sound);
      this.#heal(page, venue, source);
    });
    this.#stop = () => {
      clearInterval(timer);
      follow();
      this.#publish?.stop();
      this.#capture.stop();
    };
  }

  /** Camera and microphone. */
  get captured(): Captured {
    return this.#captured;
  }

  /** The first try to get camera and microphone is over. */
  get settled(): Promise<void> {
    return this.#capture.settled;
  }

  /** How the media link stands. */
  get phase(): 'off' | 'opening' | 'up' | 'lost' {
    return this.#phase;
  }

  /** Level of the microphone before the gate, in dBov. */
  get level(): number | undefined {
    return this.#capture.level;
  }

  /** Another page publishes this source. */
  get elsewhere(): boolean {
    return this.#elsewhere;
  }

  /** Takes the source over from whichever page publishes it. */
  take(): void {
    this.#elsewhere = false;
  }

  /** Lets go of everything. */
  stop(): void {
    this.#stop();
  }

  /** The newest session of a source wins. The page that was replaced rests, and comes back once nobody publishes. */
  #yield(page: MeetingPage, venue: string, source: string): void {
    const waits = $derived(freeAfterMs(page.venue(venue), source));
    $effect(() => {
      if (page.replaced?.source === source) this.#elsewhere = true;
    });
    $effect(() => {
      page.holdReports(this.#elsewhere);
    });
    $effect(() => {
      if (!this.#elsewhere || !page.live || waits === null) return;
      const timer = setTimeout(() => {
        this.take();
      }, waits);
      return () => {
        clearTimeout(timer);
      };
    });
  }

  #send(page: MeetingPage, source: string, sound: boolean): void {
    const codec = $derived(page.section('meeting')?.codec);
    const useless = $derived(page.fault !== undefined);
    const { meeting } = page.opening.claims;
    const { token } = page.opening;
    $effect(() => {
      const { client, boot } = page;
      if (this.#elsewhere || useless) {
        this.#publish?.rest();
        return;
      }
      if (client === undefined || codec === undefined || boot === undefined) return;
      const under = `${boot} ${client}`;
      const other = this.#under !== undefined && this.#under !== under;
      this.#under = under;
      this.#publish ??= new Publish({ meeting, source, token, codec, sound }, () => {
        this.#phase = this.#publish?.climb.ladder.phase ?? 'off';
      });
      const open = this.#publish.climb.ladder.phase !== 'off';
      this.#publish.start(client);
      this.#publish.devices(this.#capture.captured);
      // Another server, or another name at it: what was opened before is gone.
      if (other && open) this.#publish.climb.renew();
    });
    $effect(() => {
      if (page.live) this.#publish?.climb.feed({ k: 'kick' });
    });
  }

  #tell(page: MeetingPage, venue: string, sound: boolean): void {
    const open = $derived(gateOpen(page.venue(venue)));
    $effect(() => {
      this.#publish?.gate(open);
      void page.client;
    });
    $effect(() => {
      const { camera, microphone, fault } = this.#captured;
      const { width = 0, height = 0, frameRate = 0 } = camera?.getSettings() ?? {};
      page.report({
        camera: { width, height, fps: Math.round(frameRate) },
        camera_fault: fault,
        ...(sound ? { microphone: microphoneReport(microphone !== undefined, open) } : {}),
      });
    });
  }

  /** The server is the judge of what arrives: a source that it does not see for a while is opened anew. */
  #heal(page: MeetingPage, venue: string, source: string): void {
    const seen = $derived(page.venue(venue)?.sources.find(({ id }) => id === source)?.live ?? true);
    $effect(() => {
      if (seen || this.#phase !== 'up' || !this.#captured.camera || !page.live) return;
      const timer = setInterval(() => this.#publish?.climb.feed({ k: 'renew' }), unseenMs);
      return () => {
        clearInterval(timer);
      };
    });
  }
}

/** Publishes a source of a venue; with sound if it is the venue's first. */
export function publish(page: MeetingPage, venue: string, source: string, sound: boolean): Publishing {
  return new Publishing(page, venue, source, sound);
}

/** Milliseconds after which a page that was replaced may take its source again; null while another page's picture, or an encoder's, comes. */
function freeAfterMs(venue: VenueSection | undefined, source: string): number | null {
  const section = venue?.sources.find(({ id }) => id === source);
  if (section === undefined || section.live) return null;
  return section.published_by === null ? backAfterMs : silentAfterMs;
}
