// Camera and microphone of this machine: asked for until they are there, and again when they went.

import type { CameraFault } from '../../contract';
import { faultOf } from '../devices';
import { levelOf } from '../gate';
import { framesMax } from '../layers';

/** What is captured. */
export interface Captured {
  readonly camera: MediaStreamTrack | undefined;
  readonly microphone: MediaStreamTrack | undefined;
  /** Why there is no camera; null while there is one, and until the browser has answered. */
  readonly fault: CameraFault | null;
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
  #fault: CameraFault | null = null;
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
    return { camera: this.#camera, microphone: this.#microphone, fault: this.#fault };
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
    const before = this.#fault;
    const video = this.#camera === undefined;
    const audio = this.#sound && this.#microphone === undefined;
    const both = video && audio ? await tracks({ video: cameraWish, audio: microphoneWish }) : [];
    const found = Array.isArray(both) && both.length > 0 ? both : await this.#each(video, audio);
    this.#asking = false;
    for (const track of found) this.#keep(track);
    if (found.length > 0 || this.#fault !== before) this.#changed(this.captured);
  }

  /** One device after the other, so that one that is there does not wait for one that is not. */
  async #each(video: boolean, audio: boolean): Promise<readonly MediaStreamTrack[]> {
    const picture = video ? await tracks({ video: cameraWish }) : [];
    const sound = audio ? await tracks({ audio: microphoneWish }) : [];
    if (!Array.isArray(picture)) this.#fault = picture;
    return [picture, sound].flatMap((found) => (Array.isArray(found) ? found : []));
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
      this.#fault = null;
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

/** The tracks asked for, or why there are none. */
async function tracks(constraints: MediaStreamConstraints): Promise<MediaStreamTrack[] | CameraFault> {
  try {
    return (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
  } catch (error) {
    return faultOf(error instanceof DOMException ? error.name : undefined);
  }
}
