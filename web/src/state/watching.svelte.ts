// Pictures and sound of the meeting on this page, reactive.
//
//   const watching = watch(meetingPage, 'desk', { video: 3, audio: 4 });   opens by itself, comes back by itself, for ever
//   watching.video[0]            slot v0: give it to <SlotVideo slot={…} />; its stream, alive, width, height, fps, ageMs are reactive
//   watching.phase               'off' | 'opening' | 'up' | 'lost'
//   watching.sound.state         'off' | 'on' | 'blocked'; watching.sound.turnOn() / turnOff(); off at first
//   watching.level               level of a0 in dBov now, not reactive: ask it when the meter draws
//   watching.stop()              leaves: call it when the page's root component goes
//
// A slot that no <SlotVideo> shows has a stream but no facts: those come from the frames that its element presents.

import { quietest } from '../contract';
import type { MeetingPage } from './meeting-page.svelte';
import { Sound } from './sound.svelte';
import { Watch, type Page } from '../media/shell/watch';

/** Milliseconds after which a picture without a new frame is no picture any more. */
export const frozenAfterMs = 1000;

/** One video line. */
export class VideoSlot {
  /** `v0`, `v1` … */
  readonly name: string;
  /** Its stream; another one after a reconnect. */
  stream = $state.raw<MediaStream>();
  /** A frame came within the last second. */
  alive = $state(false);
  /** Size of the last frame in pixels, 0 before the first. */
  width = $state(0);
  height = $state(0);
  /** Frames in the last second. */
  fps = $state(0);
  /** Age of the last frame in milliseconds, to a tenth of a second; Infinity before the first. */
  ageMs = $state(Infinity);
  #frameAt = -Infinity;
  #frames = 0;
  #countedAt = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Notes the frames of an element that shows this slot; answers with how to stop. */
  follow(video: HTMLVideoElement): () => void {
    let handle = video.requestVideoFrameCallback(note);
    const slot = this; // eslint-disable-line @typescript-eslint/no-this-alias -- a hoisted callback that names itself
    function note(now: number, { width, height }: VideoFrameCallbackMetadata): void {
      slot.#note(now, width, height);
      handle = video.requestVideoFrameCallback(note);
    }
    return () => {
      video.cancelVideoFrameCallback(handle);
    };
  }

  /** Lets time pass. */
  tick(now: number): void {
    const age = now - this.#frameAt;
    this.alive = age < frozenAfterMs;
    this.ageMs = Math.max(0, Math.round(age / 100) * 100);
    if (now - this.#countedAt < 1000 || (this.#countedAt === 0 && this.#frames < 2)) return;
    this.fps = Math.round((this.#frames * 1000) / (now - this.#countedAt));
    this.#frames = 0;
    this.#countedAt = now;
  }

  #note(now: number, width: number, height: number): void {
    this.#frameAt = now;
    this.#frames += 1;
    this.width = width;
    this.height = height;
    this.alive = true;
  }
}

/** Pictures and sound of one WHEP session. */
export class Watching {
  readonly video: readonly VideoSlot[];
  readonly sound: Sound;
  #phase = $state<'off' | 'opening' | 'up' | 'lost'>('off');
  #attempt = $state(0);
  #watch: Watch | undefined;
  #drawn = true;
  readonly #stop: () => void;

  constructor(meetingPage: MeetingPage, page: Page, lines: { readonly video: number; readonly audio: number }) {
    this.video = Array.from({ length: lines.video }, (_, index) => new VideoSlot(`v${String(index)}`));
    this.sound = new Sound(lines.audio);
    const timer = setInterval(() => {
      for (const slot of this.video) slot.tick(performance.now());
    }, 100);
    const follow = $effect.root(() => {
      this.#follow(meetingPage, page, lines);
    });
    this.#stop = () => {
      clearInterval(timer);
      follow();
      this.#watch?.stop();
      this.sound.stop();
    };
  }

  /** How the media link stands. */
  get phase(): 'off' | 'opening' | 'up' | 'lost' {
    return this.#phase;
  }

  /** Tries since it was up. */
  get attempt(): number {
    return this.#attempt;
  }

  /** Level of the programme's sound in dBov; undefined without sound. */
  get level(): number | undefined {
    const level = this.#watch?.level;
    return level === undefined ? undefined : Math.max(-quietest, Math.round(20 * Math.log10(level)));
  }

  /** Draws the pictures, or drops them where nobody sees the page. Sound goes on. */
  draw(drawn: boolean): void {
    this.#drawn = drawn;
    for (const { stream } of this.video) enable(stream, drawn);
  }

  /** Leaves. */
  stop(): void {
    this.#stop();
  }

  #follow(meetingPage: MeetingPage, page: Page, lines: { readonly video: number; readonly audio: number }): void {
    const codec = $derived(meetingPage.section('meeting')?.codec);
    const useless = $derived(meetingPage.fault !== undefined);
    $effect(() => {
      const { client, boot } = meetingPage;
      if (useless) {
        this.#watch?.rest();
        return;
      }
      if (client === undefined || codec === undefined || boot === undefined) return;
      const known = this.#watch;
      this.#watch ??= new Watch(
        { meeting: meetingPage.opening.claims.meeting, page, token: meetingPage.opening.token, codec, ...lines },
        {
          streams: (video, audio) => {
            this.video.forEach((slot, index) => {
              slot.stream = video[index];
            });
            this.draw(this.#drawn);
            this.sound.take(audio);
          },
          changed: () => {
            this.#note();
          },
        },
      );
      this.#watch.start(client);
      // Another server, or another name at it: what was opened before is gone.
      known?.climb.renew();
    });
    $effect(() => {
      if (meetingPage.live) this.#watch?.climb.feed({ k: 'kick' });
    });
  }

  #note(): void {
    this.#phase = this.#watch?.climb.ladder.phase ?? 'off';
    this.#attempt = this.#watch?.climb.ladder.attempt ?? 0;
  }
}

/** A picture that is not enabled is neither converted nor drawn. */
function enable(stream: MediaStream | undefined, enabled: boolean): void {
  for (const track of stream?.getVideoTracks() ?? []) track.enabled = enabled;
}

/** Watches the meeting: `video` and `audio` lines as the page's contract has them. */
export function watch(
  meetingPage: MeetingPage,
  page: Page,
  lines: { readonly video: number; readonly audio: number },
): Watching {
  return new Watching(meetingPage, page, lines);
}
