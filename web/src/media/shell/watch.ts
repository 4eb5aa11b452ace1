// A WHEP session of one of our pages: a fixed set of lines, agreed once; what they carry changes without a word.

import type { Codec } from '../../contract';
import { Silence } from '../silence';
import { Climb } from './climb';
import { prefer } from './codecs';
import type { Endpoint } from './exchange';
import { Peer } from './peer';

/** Which page watches; it decides what the lines carry. */
export type Page = 'hall' | 'technician' | 'desk' | 'wall' | 'watch';

/** What a watch is opened with. */
export interface WatchSpec {
  readonly meeting: string;
  readonly page: Page;
  readonly token: string;
  readonly video: number;
  readonly audio: number;
  readonly codec: Codec;
}

/** What a watch tells. */
export interface WatchTells {
  /** These streams are in the slots from now on. */
  streams(video: readonly MediaStream[], audio: readonly MediaStream[]): void;
  /** Phase or tries have changed. */
  changed(): void;
}

/** Milliseconds between two looks at the packet counter. */
const sampleMs = 250;

/** One WHEP session, kept up for ever. */
export class Watch {
  readonly climb: Climb;
  readonly #spec: WatchSpec;
  readonly #tells: WatchTells;
  readonly #timer: ReturnType<typeof setInterval>;
  #client: string | undefined;
  #silence = new Silence();

  constructor(spec: WatchSpec, tells: WatchTells) {
    this.#spec = spec;
    this.#tells = tells;
    this.climb = new Climb({
      open: (made) => this.#open(made),
      adopt: (peer) => {
        this.#adopt(peer);
      },
      changed: () => {
        tells.changed();
      },
    });
    this.#timer = setInterval(() => void this.#sample(), sampleMs);
  }

  /** Watches under this client name from now on. */
  start(client: string): void {
    this.#client = client;
    this.climb.feed({ k: 'want', wanted: true });
  }

  /** Watches no more, until it is started again. */
  rest(): void {
    this.climb.feed({ k: 'want', wanted: false });
  }

  /** Level of the programme's sound, 0 to 1; undefined if nothing is heard. */
  get level(): number | undefined {
    const receiver = receivers(this.climb.current, 'audio')[0];
    return receiver?.getSynchronizationSources()[0]?.audioLevel;
  }

  /** Ends it for good. */
  stop(): void {
    clearInterval(this.#timer);
    this.climb.stop();
  }

  async #open(made: (peer: Peer) => void): Promise<void> {
    const { meeting, page, token, video, audio, codec } = this.#spec;
    const endpoint: Endpoint = {
      path: `/whep/${encodeURIComponent(meeting)}?page=${page}`,
      token,
      client: this.#client,
    };
    const peer = new Peer(endpoint);
    made(peer);
    for (let i = 0; i < video; i++) prefer(peer.connection.addTransceiver('video', { direction: 'recvonly' }), codec);
    for (let i = 0; i < audio; i++) prefer(peer.connection.addTransceiver('audio', { direction: 'recvonly' }), codec);
    peer.connection.addEventListener('connectionstatechange', () => {
      this.#state(peer);
    });
    await peer.open();
  }

  #state(peer: Peer): void {
    const { connectionState } = peer.connection;
    const gone = connectionState === 'failed' || connectionState === 'closed';
    if (peer === this.climb.next) {
      if (gone) this.climb.feed({ k: 'failed' });
      else if (connectionState === 'connected' && this.#spec.audio === 0) this.climb.feed({ k: 'up' });
    } else if (peer === this.climb.current) {
      if (gone || (connectionState === 'disconnected' && this.#spec.audio === 0)) this.climb.feed({ k: 'lost' });
      else if (connectionState === 'connected' && this.#spec.audio === 0) this.climb.feed({ k: 'back' });
    }
  }

  #adopt(peer: Peer): void {
    this.#silence = new Silence();
    this.#tells.streams(
      receivers(peer, 'video').map(({ track }) => new MediaStream([track])),
      receivers(peer, 'audio').map(({ track }) => new MediaStream([track])),
    );
  }

  async #sample(): Promise<void> {
    if (this.#spec.audio === 0) return;
    const { next, current } = this.climb;
    if (next !== undefined && (await packets(next)) > 0 && next === this.climb.next) this.climb.feed({ k: 'up' });
    if (current === undefined) return;
    const count = await packets(current);
    if (current !== this.climb.current) return;
    const said = this.#silence.sample(performance.now(), count);
    if (said === 'silent') this.climb.feed({ k: 'lost' });
    else if (said === 'delivers') this.climb.feed({ k: 'back' });
  }
}

function receivers(peer: Peer | undefined, kind: string): RTCRtpReceiver[] {
  return peer?.connection.getReceivers().filter(({ track }) => track.kind === kind) ?? [];
}

/** Packets of a0 so far. */
async function packets(peer: Peer): Promise<number> {
  const receiver = receivers(peer, 'audio')[0];
  let count = 0;
  for (const entry of (await receiver?.getStats())?.values() ?? []) {
    const { type, packetsReceived } = entry as { type: string; packetsReceived?: number };
    if (type === 'inbound-rtp') count += packetsReceived ?? 0;
  }
  return count;
}
