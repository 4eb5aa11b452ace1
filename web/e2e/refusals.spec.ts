// What comes from outside and is wrong: each is refused with an error that names what was wrong, and the meeting that runs beside
// it notices nothing. docs/protocol.md names the statuses and codes.

import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import WebSocket from 'ws';
import { readLog } from './support/log';
import { Demo, expect } from './support/onehall';

base.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

/** Names of limits as docs/protocol.md gives them. */
const [SDP_BYTES_MAX, MESSAGE_BYTES_MAX, COMMAND_BYTES_MAX, FILE_BYTES_MAX] = [
  64 * 1024,
  16 * 1024,
  16 * 1024,
  4 * 1024 * 1024,
];
const FOREIGN = 'https://elsewhere.example';

interface Meeting {
  readonly demo: Demo;
  readonly watcher: Page;
  readonly desk: Page;
  readonly folder: string;
}

/** What must be the same after all attacks. */
interface Untouched {
  readonly programme: unknown;
  readonly floor: unknown;
  readonly rundown: unknown;
  readonly events: number;
  readonly connections: readonly [number, number];
}

const test = base.extend<object, { meeting: Meeting }>({
  meeting: [
    async ({ browser }, use) => {
      const demo = await Demo.start(4, []);
      const folder = mkdtempSync(join(tmpdir(), 'onehall-refusals-'));
      const watched = async (address: string): Promise<Page> => {
        const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
        // Counts what would betray that a page lost its connections and came back.
        await page.addInitScript(() => {
          const counts = { sockets: 0, peers: 0, rest: 0 };
          Object.assign(window, { counts });
          // What the machine keeps the page from doing: the longest time between two of its ticks.
          let ticked = performance.now();
          setInterval(() => {
            counts.rest = Math.max(counts.rest, performance.now() - ticked);
            ticked = performance.now();
          }, 50);
          const [Socket, Peer] = [window.WebSocket, window.RTCPeerConnection];
          window.WebSocket = class extends Socket {
            constructor(url: string | URL, protocols?: string | string[]) {
              super(url, protocols);
              counts.sockets += 1;
            }
          };
          window.RTCPeerConnection = class extends Peer {
            constructor(given?: RTCConfiguration) {
              super(given);
              counts.peers += 1;
            }
          };
        });
        await page.goto(address);
        return page;
      };
      const [watcher, desk] = [await watched(demo.ready.watch), await watched(demo.ready.desk)];
      await demo.act({ preview: { source: demo.venue(0).id } });
      await demo.act({ take: {} });
      await expect(watcher.locator('video[data-slot=v0]')).toHaveAttribute('data-alive', 'true');
      await expect.poll(async () => (await demo.state())['programme']).toMatchObject({ shown: { kind: 'full' } });
      // The desk has its monitors and its wall: one socket, two peers. It opens them once its words have come.
      await expect.poll(() => counts(desk)).toBeGreaterThanOrEqual(102);
      await use({ demo, watcher, desk, folder });
      rmSync(folder, { recursive: true, force: true });
      await demo.stop();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
});

const counts = async (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { sockets, peers } = (window as unknown as { counts: { sockets: number; peers: number } }).counts;
    return sockets * 100 + peers;
  });

/** How long a page was kept from its work at most since it was asked last, in milliseconds. */
const rest = async (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { counts } = window as unknown as { counts: { rest: number } };
    const { rest } = counts;
    counts.rest = 0;
    return rest;
  });

/** A page gives a connection up after 1.5 s without a word or a picture; one that rested for half of that may do so by itself. */
const STARVED_MS = 750;

/** Events of people, not those by which venues join. */
async function untouched({ demo, watcher, desk }: Meeting): Promise<Untouched> {
  const { programme, floor, rundown } = await demo.state();
  const events = (await readLog(demo.ready)).events.filter(
    ({ kind }) => kind !== 'venue_joined' && !kind.startsWith('request_'),
  );
  return { programme, floor, rundown, events: events.length, connections: [await counts(watcher), await counts(desk)] };
}

test.beforeEach(async ({ meeting }, info) => {
  for (const page of [meeting.watcher, meeting.desk]) await rest(page);
  info.annotations.push({ type: 'before', description: JSON.stringify(await untouched(meeting)) });
});

test.afterEach(async ({ meeting }, info) => {
  const before = JSON.parse(info.annotations.find(({ type }) => type === 'before')?.description ?? 'null') as Untouched;
  const after = JSON.parse(JSON.stringify(await untouched(meeting))) as Untouched;
  const rested = Math.max(await rest(meeting.watcher), await rest(meeting.desk));
  if (rested > STARVED_MS) console.log(`pages rested for ${rested.toFixed(0)} ms: their connections are not judged`);
  expect(rested > STARVED_MS ? { ...after, connections: before.connections } : after).toEqual(before);
  // The picture goes on.
  const frames = async (): Promise<number> =>
    meeting.watcher.evaluate(
      () =>
        document.querySelector<HTMLVideoElement>('video[data-slot=v0]')?.getVideoPlaybackQuality().totalVideoFrames ??
        0,
    );
  const seen = await frames();
  await expect.poll(frames).toBeGreaterThan(seen);
});

interface Refused {
  readonly status: number;
  readonly error: string;
  readonly detail: string;
  readonly nearest?: string;
}

async function ask(address: string, init: RequestInit): Promise<Refused> {
  const response = await fetch(address, init);
  const text = await response.text();
  try {
    return { status: response.status, ...(JSON.parse(text) as Omit<Refused, 'status'>) };
  } catch {
    throw new Error(`${String(response.status)} without a reason: ${text}`);
  }
}

test('SDP that is too long, has too many lines, or is none', async ({ meeting: { demo } }) => {
  const offer = (body: string, type = 'application/sdp'): Promise<Refused> =>
    ask(demo.ready.whep, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${demo.ready.tokens.watcher}`, 'content-type': type },
    });
  const head =
    'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 00\r\n';
  expect(await offer(head + 'a=x\r\n'.repeat(SDP_BYTES_MAX / 5))).toMatchObject({
    status: 413,
    error: 'too_large',
    detail: expect.stringContaining(String(SDP_BYTES_MAX)) as unknown,
  });
  expect(await offer(head + 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\n'.repeat(33))).toMatchObject({
    status: 400,
    detail: expect.stringMatching(/33.*32/) as unknown,
  });
  expect(await offer('hello')).toMatchObject({
    status: 400,
    error: 'bad_sdp',
    detail: expect.stringContaining('v=0') as unknown,
  });
  expect(await offer('')).toMatchObject({ status: 400, error: 'bad_sdp' });
  expect(await offer(head)).toMatchObject({
    status: 400,
    error: 'bad_sdp',
    detail: expect.stringContaining('m= line') as unknown,
  });
  expect(
    await offer(`${head}m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=recvonly\r\na=rtpmap:96 VP9/90000\r\n`),
  ).toMatchObject({ status: 400, error: 'bad_sdp' });
  expect(
    await offer(
      `${head.replace('a=fingerprint:sha-256 00\r\n', '')}a=setup:actpass\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=rtcp-mux\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n`,
    ),
  ).toMatchObject({ status: 400, detail: expect.stringContaining('fingerprint') as unknown });
  expect(await offer(head, 'text/plain')).toMatchObject({ status: 415, error: 'not_sdp' });
});

test('a peer that has an RSA certificate alone', async ({ meeting: { demo, watcher } }) => {
  const [status, state, gone] = await watcher.evaluate(
    async ([whep, token]) => {
      const algorithm = {
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: 2048,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: 'SHA-256',
      };
      const certificate = await RTCPeerConnection.generateCertificate(algorithm);
      const peer = new (Object.getPrototypeOf(RTCPeerConnection) as typeof RTCPeerConnection)({
        certificates: [certificate],
        bundlePolicy: 'max-bundle',
      });
      const ended = new Promise<string>((resolve) => {
        peer.onconnectionstatechange = () => {
          if (['connected', 'failed'].includes(peer.connectionState)) resolve(peer.connectionState);
        };
      });
      peer.addTransceiver('audio', { direction: 'recvonly' });
      peer.addTransceiver('video', { direction: 'recvonly' });
      await peer.setLocalDescription();
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' };
      const answer = await fetch(whep, { method: 'POST', headers, body: peer.localDescription?.sdp ?? '' });
      await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
      const state = await ended;
      peer.close();
      // An alert in the clear may be anybody's, so the handshake has its 10 s; then the session is gone.
      const until = performance.now() + 60_000;
      let gone = 0;
      while (gone !== 404 && performance.now() < until) {
        gone = (await fetch(answer.headers.get('location') ?? '', { method: 'PATCH' })).status;
        await new Promise((resolve) => {
          setTimeout(resolve, 250);
        });
      }
      return [answer.status, state, gone] as const;
    },
    [demo.ready.whep, demo.ready.tokens.watcher] as const,
  );
  expect([status, state, gone]).toEqual([201, 'failed', 404]);
});

/** Sends frames on a control connection of its own, and answers with the text frames that came and the code of the close. */
async function speak(
  demo: Demo,
  send: readonly (string | Buffer)[],
  headers: Record<string, string> = {},
): Promise<{ frames: Record<string, unknown>[]; code: number; status: number }> {
  const socket = new WebSocket(`${demo.ready.api.replace(/^http/, 'ws')}/ws`, { headers });
  const frames: Record<string, unknown>[] = [];
  return new Promise((resolve, reject) => {
    const done = (code: number, status = 101): void => {
      clearTimeout(limit);
      resolve({ frames, code, status });
    };
    const limit = setTimeout(() => {
      socket.terminate();
      done(0);
    }, 60_000);
    socket.on('open', () => {
      for (const frame of send) socket.send(frame);
    });
    socket.on('message', (data: Buffer, binary: boolean) => {
      if (binary) return;
      const frame = JSON.parse(data.toString()) as Record<string, unknown>;
      if (frame['k'] === 'tick' || frame['k'] === 'delta') return;
      frames.push(frame);
      // What ends nothing: enough was heard.
      if (['error', 'refused'].includes(String(frame['k'])) && frames.some(({ k }) => k === 'snapshot'))
        setTimeout(() => {
          socket.close();
        }, 300);
    });
    socket.on('unexpected-response', (_, response) => {
      response.resume();
      done(0, response.statusCode);
    });
    socket.on('close', (code: number) => {
      done(code);
    });
    socket.on('error', (error) => {
      if (!/Unexpected server response/.test(error.message)) reject(error);
    });
  });
}

const hello = (token: string, v = 1): string => JSON.stringify({ k: 'hello', v, token });

test('frames that are too long, malformed, unknown, or come before a hello', async ({ meeting: { demo } }) => {
  const { director } = demo.ready.tokens;
  const after = async (frame: string | Buffer): Promise<Record<string, unknown> | undefined> =>
    (await speak(demo, [hello(director), frame])).frames.find(({ k }) => k === 'error' || k === 'refused');
  const bad = (detail: RegExp): Record<string, unknown> => ({
    k: 'error',
    code: 'bad_frame',
    detail: expect.stringMatching(detail) as unknown,
  });
  expect(await after('{"k":"cmd",')).toMatchObject(bad(/./));
  expect(await after('[]')).toMatchObject(bad(/./));
  expect(await after('{"k":"comand"}')).toMatchObject(bad(/comand/));
  expect(await after('{"k":"cmd","key":"1","do":{"tkae":{}}}')).toMatchObject(bad(/tkae.*take/));
  expect(await after('{"k":"cmd","key":"1","do":{"take":{"expect":"x"}}}')).toMatchObject(bad(/expect/));
  expect(await after(`{"k":"cmd","key":"${'x'.repeat(200)}","do":{"take":{}}}`)).toMatchObject(bad(/key/));
  expect(await after('['.repeat(8_000))).toMatchObject(bad(/./));
  expect(await after(Buffer.from([1, 2, 3]))).toMatchObject(bad(/./));
  expect(await after('{"k":"cmd","key":"1","do":{"call_on":{"venue":"nowhere"}}}')).toMatchObject({
    k: 'refused',
    code: 'unknown_venue',
  });

  const long = await speak(demo, [
    hello(director),
    JSON.stringify({ k: 'cmd', key: '1', do: { take: {} }, pad: 'x'.repeat(MESSAGE_BYTES_MAX) }),
  ]);
  expect(long.code).not.toBe(0);
  expect(long.frames.at(-1)).toMatchObject(bad(new RegExp(String(MESSAGE_BYTES_MAX))));
  const first = async (frame: string): Promise<Record<string, unknown> | undefined> =>
    (await speak(demo, [frame])).frames.at(-1);
  expect(await first('{"k":"resync"}')).toMatchObject(bad(/hello/));
  expect(await first(hello(director, 99))).toMatchObject({ k: 'error', code: 'bad_version' });
});

test('a token that is forged, of another role, of another meeting, or over', async ({ meeting: { demo } }) => {
  const { director, watcher } = demo.ready.tokens;
  const venue = demo.venue(1);
  const key = readFileSync(join(demo.ready.data, 'token.key'));
  const issue = (claims: object): string => {
    const text = `hs256.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  };
  const claims = JSON.parse(Buffer.from(director.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
  const now = Math.floor(Date.now() / 1000);
  const state = (token?: string): Promise<Refused> =>
    ask(`${demo.ready.api}/state`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  // The test makes tokens as the server does: a good one is taken.
  expect(
    (
      await ask(`${demo.ready.api}/state`, {
        headers: { authorization: `Bearer ${issue({ ...claims, x: now + 60 })}` },
      })
    ).status,
  ).toBe(200);
  expect(await state()).toMatchObject({ status: 401, error: 'no_token' });
  expect(await state(issue({ ...claims, x: now - 1 }))).toMatchObject({ status: 401, error: 'expired' });
  expect(await state(director.replace(/.(?=.{20}$)/, (letter) => (letter === 'A' ? 'B' : 'A')))).toMatchObject({
    status: 401,
    error: 'bad_token',
  });
  expect(await state('hs256..')).toMatchObject({ status: 401, error: 'bad_token' });
  expect(await state('x'.repeat(5_000))).toMatchObject({ status: 401, error: 'bad_token' });
  expect(await state(issue({ ...claims, m: 'another', x: now + 60 }))).toMatchObject({
    status: 403,
    error: 'wrong_meeting',
  });
  const sdp = (token: string): RequestInit => ({
    method: 'POST',
    body: 'v=0',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' },
  });
  expect(await ask(venue.whip, sdp(watcher))).toMatchObject({ status: 403, error: 'wrong_role' });
  expect(await ask(venue.whip, sdp(demo.venue(2).token))).toMatchObject({ status: 403, error: 'wrong_venue' });
  const act = await fetch(`${demo.ready.api}/commands`, {
    method: 'POST',
    body: '{"take":{}}',
    headers: { authorization: `Bearer ${venue.token}`, 'idempotency-key': 'right' },
  });
  expect([act.status, await act.json()]).toMatchObject([409, { code: 'no_right', may: ['director'] }]);
  for (const [token, code] of [
    [issue({ ...claims, x: now - 1 }), 'expired'],
    ['hs256.a.b', 'bad_token'],
  ] as const) {
    expect((await speak(demo, [hello(token)])).frames).toMatchObject([{ k: 'error', code }]);
  }
});

test('a command, a venue, a source and a meeting that nobody knows', async ({ meeting: { demo } }) => {
  const authorization = `Bearer ${demo.ready.tokens.director}`;
  const act = (
    body: string,
    headers: Record<string, string> = { 'idempotency-key': crypto.randomUUID() },
  ): Promise<Refused> =>
    ask(`${demo.ready.api}/commands`, { method: 'POST', body, headers: { authorization, ...headers } });
  expect(await act('{"tkae":{}}')).toMatchObject({ status: 400, error: 'bad_command', nearest: 'take' });
  expect(await act('{"take":')).toMatchObject({ status: 400, error: 'bad_command' });
  expect(await act('{"take":{},"slate":{}}')).toMatchObject({ status: 400, error: 'bad_command' });
  expect(await act('{"take":{}}', {})).toMatchObject({ status: 400, error: 'no_key' });
  expect(await act('{"take":{}}', { 'idempotency-key': 'x y' })).toMatchObject({ status: 400, error: 'bad_key' });
  expect(await act(JSON.stringify({ take: { expect_preview: 'x'.repeat(COMMAND_BYTES_MAX) } }))).toMatchObject({
    status: 413,
    error: 'too_large',
  });
  for (const [body, code] of [
    ['{"call_on":{"venue":"nowhere"}}', 'unknown_venue'],
    ['{"preview":{"source":"nowhere.1"}}', 'unknown_source'],
    ['{"item":{"item":"nothing"}}', 'unknown_item'],
    ['{"drop":{"request":"nothing"}}', 'unknown_request'],
  ] as const) {
    expect(await act(body)).toMatchObject({ status: 409, code });
  }
  const venue = demo.venue(1);
  const publish = venue.whip.replace(venue.sources[0]?.id ?? '', 'nowhere.1');
  expect(
    await ask(publish, {
      method: 'POST',
      body: 'v=0',
      headers: { authorization: `Bearer ${venue.token}`, 'content-type': 'application/sdp' },
    }),
  ).toMatchObject({ status: 404, error: 'unknown_source' });
  expect(
    await ask(`${demo.ready.api.replace(/[^/]+$/, 'nothing')}/state`, { headers: { authorization } }),
  ).toMatchObject({ status: 404, error: 'unknown_meeting' });
});

test('a page of another origin', async ({ meeting: { demo } }) => {
  const headers = {
    authorization: `Bearer ${demo.ready.tokens.director}`,
    origin: FOREIGN,
    'idempotency-key': 'foreign',
    'content-type': 'application/sdp',
  };
  expect(await ask(`${demo.ready.api}/commands`, { method: 'POST', body: '{"slate":{}}', headers })).toMatchObject({
    status: 403,
    error: 'foreign_origin',
    detail: expect.stringContaining(FOREIGN) as unknown,
  });
  expect(await ask(demo.ready.whep, { method: 'POST', body: 'v=0', headers })).toMatchObject({
    status: 403,
    error: 'foreign_origin',
  });
  expect((await speak(demo, [], { origin: FOREIGN })).status).toBe(403);
});

test('a configuration and a meeting file that are wrong', ({ meeting: { demo, folder } }) => {
  const run = (...words: string[]): { status: number | null; said: string } => {
    const { status, stderr } = spawnSync(process.env['ONEHALL_BIN'] ?? '', words, {
      encoding: 'utf8',
      timeout: 120_000,
    });
    return { status, said: stderr };
  };
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const elsewhere = join(folder, 'data');
  const config = (text: string): { status: number | null; said: string } =>
    run('serve', '--data', elsewhere, '--config', file('onehall.toml', text));
  for (const [text, said] of [
    ['dta = "/nowhere"\n', /line 1: unknown key `dta`; the nearest known key is `data`/],
    ['[http]\nlsten = "127.0.0.1:0"\n', /line 2: .*`lsten`.*`listen`/],
    ['data = \n', /line 1/],
    ['data = 5\n', /line 1/],
    ['#'.repeat(70_000), /70000 bytes.*65536/],
  ] as const) {
    const { status, said: heard } = config(text);
    expect([text.slice(0, 20), status === 0, heard]).toEqual([text.slice(0, 20), false, expect.stringMatching(said)]);
  }
  const apply = (text: string): { status: number | null; said: string } =>
    run('meeting', 'apply', file('meeting.toml', text), '--data', demo.ready.data);
  for (const [text, said] of [
    ['[metting]\n', /line 1.*metting.*meeting/s],
    ['[meeting\n', /line 1/],
    ['#'.repeat(FILE_BYTES_MAX + 1), /4194304/],
  ] as const) {
    const { status, said: heard } = apply(text);
    expect([text.slice(0, 20), status === 0, heard]).toEqual([text.slice(0, 20), false, expect.stringMatching(said)]);
  }
});
