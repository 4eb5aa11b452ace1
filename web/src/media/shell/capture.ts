// Camera and microphone of this machine: asked for until they are there, and again when they went.

import { levelOf } from '../gate';
import { framesMax } from '../layers';

/** What is captured. */
export interface Captured {
  readonly camera: MediaStreamTrack | undefined;
  readonly microphone: MediaStreamTrack | undefined;
}

/** Milliseconds between two tries to get a device that is missing. */
const retryMs = 3000;

/** Picture as a room wants it; a smaller camera gives what it has. */
const cameraWish: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: framesMax, max: 30 },
};

/** The profile of a simple room: the browser cancels echo. */
const microphoneWish: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: { ideal: 1 },
};

/** Camera and microphone, kept. */
export class Capture {
  /** The first try is over, whatever came of it. */
  readonly settled: Promise<void>;
  readonly #sound: boolean;
  readonly #changed: (captured: Captured) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #camera: MediaStreamTrack | undefined;
  #microphone: MediaStreamTrack | undefined;
  #context: AudioContext | undefined;
  #analyser: AnalyserNode | undefined;
  #samples = new Float32Array(0);
  #asking = false;

  constructor(sound: boolean, changed: (captured: Captured) => void) {
    this.#sound = sound;
    this.#changed = changed;
    this.#timer = setInterval(this.#ask, retryMs);
    navigator.mediaDevices?.addEventListener('devicechange', this.#ask);
    this.settled = this.#missing();
  }

  /** What there is now. */
  get captured(): Captured {
    return { camera: this.#camera, microphone: this.#microphone };
  }

  /** Level of the microphone before the gate, in dBov; undefined while the browser does not measure. */
  get level(): number | undefined {
    if (!this.#analyser || this.#context?.state !== 'running') return undefined;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return levelOf(this.#samples);
  }

  /** Lets go of the devices. */
  stop(): void {
    clearInterval(this.#timer);
    navigator.mediaDevices?.removeEventListener('devicechange', this.#ask);
    this.#camera?.stop();
    this.#microphone?.stop();
    void this.#context?.close();
  }

  readonly #ask = (): void => {
    const complete = this.#camera !== undefined && (this.#microphone !== undefined || !this.#sound);
    if (this.#context?.state === 'suspended') void this.#context.resume().catch(() => undefined);
    if (!complete && !this.#asking) void this.#missing();
  };

  async #missing(): Promise<void> {
    this.#asking = true;
    const video = this.#camera === undefined;
    const audio = this.#sound && this.#microphone === undefined;
    const both = video && audio ? await tracks({ video: cameraWish, audio: microphoneWish }) : [];
    const found =
      both.length > 0
        ? both
        : [
            ...(video ? await tracks({ video: cameraWish }) : []),
            ...(audio ? await tracks({ audio: microphoneWish }) : []),
          ];
    this.#asking = false;
    for (const track of found) this.#keep(track);
    if (found.length > 0) this.#changed(this.captured);
  }

  #keep(track: MediaStreamTrack): void {
    track.addEventListener('ended', () => {
      if (track === this.#camera) this.#camera = undefined;
      if (track === this.#microphone) this.#microphone = undefined;
      this.#changed(this.captured);
      this.#ask();
    });
    if (track.kind === 'video') {
      track.contentHint = 'motion';
      this.#camera = track;
    } else {
      track.contentHint = 'speech';
      this.#microphone = track;
      this.#measure(track);
    }
  }

  #measure(track: MediaStreamTrack): void {
    this.#context ??= new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 4096;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
  }
}

/** The tracks asked for; none if a device is missing or refused. */
async function tracks(constraints: MediaStreamConstraints): Promise<MediaStreamTrack[]> {
  try {
    return (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
  } catch {
    return [];
  }
}
