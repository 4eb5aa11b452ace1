// A WHIP session: one camera position in its layers, and the microphone on the first.

import type { Codec } from '../../contract';
import { encodingsFor } from '../layers';
import { speech } from '../sdp';
import type { Captured } from './capture';
import { Climb } from './climb';
import { prefer } from './codecs';
import { Peer } from './peer';

/** What is published, and by whom. */
export interface PublishSpec {
  readonly meeting: string;
  readonly source: string;
  readonly token: string;
  readonly codec: Codec;
  /** The source carries its venue's microphone. */
  readonly sound: boolean;
}

/** One WHIP session, kept up for ever. */
export class Publish {
  readonly climb: Climb;
  readonly #spec: PublishSpec;
  #client: string | undefined;
  #captured: Captured = { camera: undefined, microphone: undefined, fault: null };
  #open = false;
  #resting = false;
  #height = 0;

  constructor(spec: PublishSpec, changed: () => void) {
    this.#spec = spec;
    this.climb = new Climb({
      open: (made) => this.#negotiate(made),
      adopt: (peer) => {
        this.#send(peer);
      },
      changed,
    });
  }

  /** Publishes under this client name from now on. */
  start(client: string): void {
    this.#client = client;
    this.#resting = false;
    this.#want();
  }

  /** Devices came or went. A camera of another height needs other layers, so a new session. */
  devices(captured: Captured): void {
    this.#captured = captured;
    const height = captured.camera?.getSettings().height ?? 0;
    const other = height !== 0 && height !== this.#height;
    if (other && this.#height !== 0) this.climb.feed({ k: 'renew' });
    this.#want();
    if (this.climb.current) this.#send(this.climb.current);
  }

  /** The gate of the venue: the microphone is sent only while it is open. */
  gate(open: boolean): void {
    this.#open = open;
    if (this.climb.current) this.#send(this.climb.current);
  }

  /** Another page publishes this source: sends nothing until it is started again. */
  rest(): void {
    this.#resting = true;
    this.climb.feed({ k: 'want', wanted: false });
  }

  /** Lets go of it for good. */
  stop(): void {
    this.climb.stop();
  }

  #want(): void {
    const { camera, microphone } = this.#captured;
    if (this.#client !== undefined && !this.#resting && (camera || microphone))
      this.climb.feed({ k: 'want', wanted: true });
  }

  async #negotiate(made: (peer: Peer) => void): Promise<void> {
    const { meeting, source, token, codec, sound } = this.#spec;
    const { camera } = this.#captured;
    const path = `/whip/${encodeURIComponent(meeting)}/${encodeURIComponent(source)}`;
    const peer = new Peer({ path, token, client: this.#client });
    made(peer);
    const streams = [new MediaStream()];
    this.#height = camera?.getSettings().height ?? 0;
    const video = peer.connection.addTransceiver(camera ?? 'video', {
      direction: 'sendonly',
      streams,
      sendEncodings: encodingsFor(this.#height).map((encoding) => ({ ...encoding })),
    });
    prefer(video, codec);
    if (sound) prefer(peer.connection.addTransceiver('audio', { direction: 'sendonly', streams }), codec);
    peer.connection.addEventListener('connectionstatechange', () => {
      this.#state(peer);
    });
    await peer.open(speech);
  }

  #state(peer: Peer): void {
    const { connectionState } = peer.connection;
    const gone = connectionState === 'failed' || connectionState === 'closed';
    if (peer === this.climb.next) {
      if (gone) this.climb.feed({ k: 'failed' });
      else if (connectionState === 'connected') this.climb.feed({ k: 'up' });
    } else if (peer === this.climb.current) {
      if (gone || connectionState === 'disconnected') this.climb.feed({ k: 'lost' });
      else if (connectionState === 'connected') this.climb.feed({ k: 'back' });
    }
  }

  #send(peer: Peer): void {
    const { camera, microphone } = this.#captured;
    for (const transceiver of peer.connection.getTransceivers()) {
      const { sender } = transceiver;
      const track = transceiver.receiver.track.kind === 'video' ? camera : this.#open ? microphone : undefined;
      if (sender.track !== (track ?? null)) void sender.replaceTrack(track ?? null).catch(() => undefined);
    }
  }
}
