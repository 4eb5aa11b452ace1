// What the hall screen sends: its camera, its microphone while the gate is open, and the facts of both.
//
//   const publishing = publish(page, 'v017', 'v017-1', true);
//   publishing.captured      camera and microphone tracks, reactive: a self view may show them
//   publishing.level         level of the microphone in dBov now, not reactive
//   publishing.phase         'off' | 'opening' | 'up' | 'lost'

import { gateOpen, microphoneReport } from '../media/gate';
import { Capture, type Captured } from '../media/shell/capture';
import { Publish } from '../media/shell/publish';
import type { MeetingPage } from './meeting-page.svelte';

/** Milliseconds between two reports of the level. */
const levelMs = 200;

/** Milliseconds after which a source that the server does not see is published anew. */
const unseenMs = 5000;

/** One source on its way to the server. */
export class Publishing {
  #captured = $state.raw<Captured>({ camera: undefined, microphone: undefined });
  #phase = $state<'off' | 'opening' | 'up' | 'lost'>('off');
  readonly #capture: Capture;
  #publish: Publish | undefined;
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

  /** Lets go of everything. */
  stop(): void {
    this.#stop();
  }

  #send(page: MeetingPage, source: string, sound: boolean): void {
    const codec = $derived(page.section('meeting')?.codec);
    const { meeting } = page.opening.claims;
    const { token } = page.opening;
    $effect(() => {
      const { client, boot, replaced } = page;
      if (replaced === source) {
        this.#publish?.stop();
        return;
      }
      if (client === undefined || codec === undefined || boot === undefined) return;
      const known = this.#publish;
      this.#publish ??= new Publish({ meeting, source, token, codec, sound }, () => {
        this.#phase = this.#publish?.climb.ladder.phase ?? 'off';
      });
      this.#publish.start(client);
      this.#publish.devices(this.#capture.captured);
      known?.climb.renew();
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
      const { camera, microphone } = this.#captured;
      const { width = 0, height = 0, frameRate = 0 } = camera?.getSettings() ?? {};
      page.report({
        camera: { width, height, fps: Math.round(frameRate) },
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
