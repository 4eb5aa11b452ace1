import { describe, expect, it } from 'vitest';
import type { VenueSection } from '../contract';
import { gateOpen, levelOf, microphoneReport } from './gate';
import { Ladder, type LadderInput, type LadderOutput } from './ladder';
import { encodingsFor } from './layers';
import { speech, videoCodecs } from './sdp';
import { Silence } from './silence';

describe('ladder of a media connection', () => {
  function bench(): { feed(now: number, input: LadderInput): string[]; due(): number; ladder: Ladder } {
    const ladder = new Ladder(() => 1);
    let at = Infinity;
    return {
      ladder,
      due: () => at,
      feed(now, input) {
        ladder.handle(now, input);
        const out: LadderOutput[] = [];
        for (;;) {
          const output = ladder.poll();
          if (output.k === 'timeout') {
            at = output.at;
            return out.map(({ k }) => k);
          }
          out.push(output);
        }
      },
    };
  }

  it('opens when wanted, uses what delivers, closes when not', () => {
    const { feed, ladder } = bench();
    expect(feed(0, { k: 'want', wanted: true })).toEqual(['open']);
    expect(ladder.phase).toBe('opening');
    expect(feed(200, { k: 'up' })).toEqual(['adopt']);
    expect(ladder.phase).toBe('up');
    expect(feed(300, { k: 'want', wanted: false })).toEqual(['close']);
  });

  it('keeps the former connection while it opens another, and whichever delivers first', () => {
    const { feed, ladder } = bench();
    feed(0, { k: 'want', wanted: true });
    feed(1, { k: 'up' });
    expect(feed(5000, { k: 'lost' })).toEqual(['open']);
    expect(ladder.phase).toBe('lost');
    expect(feed(5500, { k: 'back' })).toEqual(['abandon']);
    expect(ladder.phase).toBe('up');
  });

  it('tries for ever, within seven seconds each', () => {
    const { feed, due } = bench();
    feed(0, { k: 'want', wanted: true });
    let now = 0;
    for (let i = 0; i < 100; i++) {
      expect(feed(now, { k: 'failed' })).toEqual([]);
      expect(due() - now).toBeLessThanOrEqual(7000);
      now = due();
      expect(feed(now, { k: 'timeout' })).toEqual(['open']);
    }
  });

  it('gives up a try that does not deliver', () => {
    const { feed, due } = bench();
    feed(0, { k: 'want', wanted: true });
    expect(feed(due(), { k: 'timeout' })).toEqual(['abandon']);
    expect(feed(due(), { k: 'timeout' })).toEqual(['open']);
  });

  it('opens anew with a new server, and at once when something says it is worth while', () => {
    const { feed } = bench();
    feed(0, { k: 'want', wanted: true });
    feed(1, { k: 'up' });
    expect(feed(2, { k: 'renew' })).toEqual(['open']);
    feed(3, { k: 'failed' });
    expect(feed(4, { k: 'kick' })).toEqual(['open']);
  });

  it('hears nothing while it is not wanted', () => {
    const { feed } = bench();
    for (const k of ['up', 'failed', 'lost', 'back', 'renew', 'kick', 'timeout'] as const)
      expect(feed(0, { k })).toEqual([]);
  });
});

describe('layers of a camera', () => {
  it('are three from 540 lines, two from 360, else one without a name', () => {
    expect(encodingsFor(720).map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual([
      ['q', 4],
      ['h', 2],
      ['f', 1],
    ]);
    expect(encodingsFor(360).map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual([
      ['h', 2],
      ['f', 1],
    ]);
    expect(encodingsFor(180)).toEqual([{ scaleResolutionDownBy: 1, maxBitrate: 150_000, maxFramerate: 25 }]);
  });
});

describe('offers', () => {
  const offer =
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:0 PCMU/8000\r\n';

  it('say that speech is mono and never pauses', () => {
    expect(speech(offer)).toContain('a=fmtp:111 minptime=10;useinbandfec=1;stereo=0;sprop-stereo=0;usedtx=0\r\n');
    expect(speech(offer).match(/a=fmtp:111/g)).toHaveLength(1);
  });

  it('say so also where the browser says nothing of Opus, and leave others alone', () => {
    expect(speech('a=rtpmap:96 opus/48000/2\r\na=x\r\n')).toBe(
      'a=rtpmap:96 opus/48000/2\r\na=fmtp:96 minptime=10;useinbandfec=1;stereo=0;sprop-stereo=0;usedtx=0\r\na=x\r\n',
    );
    expect(speech('v=0\r\n')).toBe('v=0\r\n');
  });

  it('carry the codec of the meeting alone', () => {
    const h264 = (sdpFmtpLine: string) => ({ mimeType: 'video/H264', sdpFmtpLine });
    const known = [
      { mimeType: 'video/VP8' },
      { mimeType: 'video/rtx' },
      { mimeType: 'video/AV1' },
      h264('packetization-mode=1;profile-level-id=42e01f'),
      h264('packetization-mode=0;profile-level-id=42e01f'),
      h264('packetization-mode=1;profile-level-id=64001f'),
    ];
    expect(videoCodecs(known, 'vp8')).toEqual([known[0], known[1]]);
    expect(videoCodecs(known, 'h264')).toEqual([known[1], known[3]]);
  });

  it("carry all codecs where the meeting's is not known, so that the server can say so", () => {
    expect(videoCodecs([{ mimeType: 'video/VP8' }], 'h264')).toEqual([{ mimeType: 'video/VP8' }]);
  });
});

describe('silence', () => {
  it('of a second means lost, and a packet means it delivers again', () => {
    const silence = new Silence();
    expect(silence.sample(0, 0)).toBeUndefined();
    expect(silence.sample(100, 5)).toBe('delivers');
    expect(silence.sample(1000, 50)).toBeUndefined();
    expect(silence.sample(1900, 50)).toBeUndefined();
    expect(silence.sample(2000, 50)).toBe('silent');
    expect(silence.sample(5000, 50)).toBeUndefined();
    expect(silence.sample(5100, 51)).toBe('delivers');
  });
});

describe('microphone', () => {
  const venue = (part: Partial<VenueSection>): VenueSection => ({
    state: 'ok',
    reason: null,
    since: null,
    tally: 'none',
    gate: 'closed',
    lease: false,
    withheld: false,
    lease_until: null,
    hand: null,
    speaking: false,
    quality: 'good',
    returned: { kind: 'slate' },
    sources: [],
    dropped: 0,
    report: null,
    ...part,
  });

  it('sends only while the log grants a lease and the hop reports the gate open (R3, R4)', () => {
    expect(gateOpen(undefined)).toBe(false);
    expect(gateOpen(venue({ lease: true }))).toBe(false);
    expect(gateOpen(venue({ gate: 'open' }))).toBe(false);
    expect(gateOpen(venue({ lease: true, gate: 'open' }))).toBe(true);
  });

  it('is reported as what it does', () => {
    expect([microphoneReport(false, true), microphoneReport(true, true), microphoneReport(true, false)]).toEqual([
      'missing',
      'open',
      'closed',
    ]);
  });

  it('is measured in dBov between 0 and -127', () => {
    expect(levelOf(new Float32Array(64))).toBe(-127);
    expect(levelOf(new Float32Array(64).fill(1))).toBe(0);
    expect(levelOf(new Float32Array(64).fill(0.1))).toBe(-20);
  });
});
