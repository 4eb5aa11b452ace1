// A stand-in for the hop, played by a page of the same browser: it answers offers with drawn pictures and a tone, takes what is
// published, counts it, and can go silent. It knows nothing of switching; it shows that our client's side is whole.

import type { BrowserContext, Page } from '@playwright/test';

interface HopWindow {
  onehall: {
    watch(offer: string): Promise<string>;
    publish(offer: string): Promise<string>;
    drop(): void;
    received(): Promise<{ video: number; audio: number; width: number }>;
  };
}

/** The stand-in. */
export class FakeHop {
  readonly #page: Page;
  /** Offers as they came, the latest last. */
  readonly offers: { readonly kind: 'whip' | 'whep'; readonly sdp: string; readonly client: string | undefined }[] = [];
  /** Refuses every offer while it is down. */
  down = false;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Opens it and leads the requests of all pages of the context to it. */
  static async open(context: BrowserContext, origin: string): Promise<FakeHop> {
    const page = await context.newPage();
    await page.goto(`${origin}/venue`);
    await page.evaluate(playHop);
    const hop = new FakeHop(page);
    let count = 0;
    for (const kind of ['whip', 'whep'] as const) {
      await context.route(new RegExp(`/${kind}/`), async (route) => {
        const request = route.request();
        const sdp = request.postData() ?? '';
        hop.offers.push({ kind, sdp, client: request.headers()['onehall-client'] });
        if (hop.down) {
          await route.fulfill({ status: 503 });
          return;
        }
        const body = await page.evaluate(
          ([name, offer]) => {
            const { onehall } = window as unknown as HopWindow;
            return name === 'whip' ? onehall.publish(offer) : onehall.watch(offer);
          },
          [kind, sdp] as const,
        );
        count += 1;
        await route.fulfill({
          status: 201,
          body,
          headers: { 'content-type': 'application/sdp', location: `/session/${String(count)}` },
        });
      });
    }
    return hop;
  }

  /** Drops every session without a word. */
  async drop(): Promise<void> {
    await this.#page.evaluate(() => {
      (window as unknown as HopWindow).onehall.drop();
    });
  }

  /** Packets that the latest publisher has delivered, and the width of its picture. */
  async received(): Promise<{ video: number; audio: number; width: number }> {
    return this.#page.evaluate(() => (window as unknown as HopWindow).onehall.received());
  }
}

/** Runs in the page that plays the hop. */
async function playHop(): Promise<void> {
  // With a device granted, the page's candidates are plain addresses.
  await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 1280, height: 720 } });
  const peers: RTCPeerConnection[] = [];
  let publisher: RTCPeerConnection | undefined;
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const heard = sound.createMediaStreamDestination();
  tone.connect(heard);
  tone.start();
  const drawn = (colour: string): MediaStreamTrack => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 180];
    const pen = canvas.getContext('2d');
    let n = 0;
    setInterval(() => {
      if (!pen) return;
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 320, 180);
      pen.fillStyle = '#fff';
      pen.fillRect((n++ * 7) % 320, 160, 20, 20);
    }, 40);
    const [track] = canvas.captureStream(25).getVideoTracks();
    if (!track) throw new Error('a canvas without a track');
    return track;
  };
  const pictures = ['#c82828', '#000000', '#2846c8', '#28aa3c'].map(drawn);
  const answer = async (peer: RTCPeerConnection): Promise<string> => {
    await peer.setLocalDescription();
    while (peer.iceGatheringState !== 'complete')
      await new Promise((resolve) => {
        peer.onicegatheringstatechange = resolve;
      });
    return peer.localDescription?.sdp ?? '';
  };
  const onehall: HopWindow['onehall'] = {
    async watch(sdp) {
      const peer = new RTCPeerConnection();
      peers.push(peer);
      await peer.setRemoteDescription({ type: 'offer', sdp });
      let [video, audio] = [0, 0];
      for (const transceiver of peer.getTransceivers()) {
        const track =
          transceiver.receiver.track.kind === 'video'
            ? pictures[video++]
            : audio++ === 0
              ? heard.stream.getAudioTracks()[0]
              : undefined;
        transceiver.direction = track ? 'sendonly' : 'inactive';
        await transceiver.sender.replaceTrack(track ?? null);
      }
      return answer(peer);
    },
    async publish(sdp) {
      const peer = new RTCPeerConnection();
      peers.push(peer);
      publisher = peer;
      await peer.setRemoteDescription({ type: 'offer', sdp });
      return answer(peer);
    },
    drop() {
      for (const peer of peers.splice(0)) peer.close();
    },
    async received() {
      const all = { video: 0, audio: 0, width: 0 };
      for (const entry of (await publisher?.getStats())?.values() ?? []) {
        const {
          type,
          kind,
          packetsReceived = 0,
          frameWidth = 0,
        } = entry as { type: string; kind?: 'video' | 'audio'; packetsReceived?: number; frameWidth?: number };
        if (type !== 'inbound-rtp' || kind === undefined) continue;
        all[kind] += packetsReceived;
        all.width = Math.max(all.width, frameWidth);
      }
      return all;
    },
  };
  Object.assign(window, { onehall });
}
