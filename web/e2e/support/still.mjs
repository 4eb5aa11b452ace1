// A page that stands still: its clock is ours, its pictures are drawn, its media connections agree to everything and carry nothing, its chance
// is one half. Time passes in steps, and a step is over when page and fixture have heard each other out, so nothing depends on how fast this
// machine is.

import { serveFixture } from './fixture/server.mjs';

/** When every page begins; half a second off, so that no rounding of times stands on an edge. */
const beginAt = Date.UTC(2026, 10, 3, 1, 0, 0, 500);

const stepMs = 100;

/** Milliseconds of this machine's time after which a page that does not come to rest is given up. */
const restMs = 120_000;

/** And after which anything else is. Pictures are taken beside builds, too. */
const slowMs = 120_000;

/** Colours of the drawn room, by slot: its wall and its floor. */
const colours = { v0: ['#70604f', '#3c2f28'], v2: ['#4d5a52', '#2c3a33'], v3: ['#5a6472', '#39414c'] };

/** The browser, and a fixture whose clock passes by steps. */
export class Stage {
  static async start(browser) {
    const stage = new Stage(browser);
    stage.fixture = await serveFixture(
      0,
      () => stage.now,
      (ms, act) => stage.every(ms, act),
    );
    return stage;
  }

  constructor(browser) {
    this.browser = browser;
    this.begin();
  }

  /** Back to the beginning, for another page. */
  begin() {
    this.now = beginAt;
    this.timers = new Set();
  }

  /** Calls `act` every so many milliseconds of the stage's time; answers with how to stop. */
  every(ms, act) {
    const timer = { ms, act, at: this.now + ms };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  }

  /** Lets time pass for the fixture. */
  pass(ms) {
    this.now += ms;
    for (const timer of this.timers) {
      for (; timer.at <= this.now; timer.at += timer.ms) timer.act();
    }
  }

  async stop() {
    await this.browser.close();
    this.fixture.stop();
  }
}

/** Opens a page that stands still; `pass` lets time go by, `errors` is what went wrong in it. Pages are opened one after the other. */
export async function openStill(stage, path, { width, height, pictures, sound }) {
  stage.begin();
  const page = await stage.browser.newPage({ viewport: { width, height }, timezoneId: 'Asia/Shanghai' });
  page.setDefaultTimeout(slowMs);
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (/Content Security|CSP/i.test(message.text())) errors.push(message.text());
  });
  await page.clock.install({ time: beginAt - 1000 });
  await page.clock.pauseAt(beginAt);
  await page.addInitScript(standStill, { pictures, sound });
  await page.route(/\/(whip|whep)\//, (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({
          status: 201,
          contentType: 'application/sdp',
          headers: { location: '/whep/sessions/still' },
          body: 'v=0\r\n',
        })
      : route.fulfill({ status: 200 }),
  );
  await page.route('**/assets/still-*.svg', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: room(route.request().url()) }),
  );
  const before = stage.fixture.counts();
  const rest = () => comesToRest(stage, page, before);
  await page.goto(stage.fixture.origin + path);
  await rest();
  const pass = async (ms) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      stage.pass(stepMs);
      await rest();
      await page.clock.runFor(stepMs);
      await rest();
    }
  };
  return { page, errors, pass };
}

/** The picture of a page, once two in a row are equal. */
export async function picture(page) {
  let last = Buffer.alloc(0);
  for (let tries = 0; tries < 20; tries++) {
    const next = await page.screenshot({ animations: 'disabled' });
    if (next.equals(last)) return next;
    last = next;
  }
  throw new Error('the page does not stand still');
}

/** Waits until page and fixture have heard all that the other said, and no request is under way. */
async function comesToRest(stage, page, before) {
  const late = Date.now() + restMs;
  for (;;) {
    const ours = stage.fixture.counts();
    const theirs = await page.evaluate(() => window.still.counts());
    const even =
      ours.heard - before.heard === theirs.said &&
      ours.said - before.said === theirs.heard &&
      ours.open === theirs.open;
    const shown = theirs.phase !== undefined && theirs.phase !== 'idle';
    if (even && shown && theirs.pending === 0) return;
    if (Date.now() > late)
      throw new Error(`the page does not come to rest: ${JSON.stringify({ ours, before, theirs })}`);
  }
}

function room(url) {
  const [wall, floor] = colours[/still-(\w+)\.svg/.exec(url)?.[1]] ?? ['#555', '#333'];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720" viewBox="0 0 1280 720">
    <rect width="1280" height="720" fill="${wall}"/><rect y="560" width="1280" height="160" fill="${floor}"/>
    <rect x="70" y="120" width="260" height="270" fill="#9fb2c0"/><path d="M380 620a260 220 0 0 1 520 0z" fill="#1f2733"/>
    <ellipse cx="640" cy="320" rx="90" ry="115" fill="#cfa283"/><path d="M548 265a92 75 0 0 1 184 0z" fill="#231f1e"/>
    <rect x="420" y="540" width="440" height="180" fill="#4a382c"/></svg>`;
}

/** Runs in the page before its own code: chance, devices, media and pictures stand still, and what goes over the net is counted. */
function standStill({ pictures, sound }) {
  Math.random = () => 0.5;

  const sockets = [];
  const counts = { said: 0, heard: 0, pending: 0 };
  window.still = {
    counts: () => ({
      ...counts,
      open: sockets.filter(({ readyState }) => readyState <= WebSocket.OPEN).length,
      phase: document.documentElement.dataset.phase,
    }),
  };
  window.WebSocket = class extends WebSocket {
    constructor(...from) {
      super(...from);
      sockets.push(this);
      this.addEventListener('message', () => {
        counts.heard += 1;
      });
    }
    send(text) {
      counts.said += 1;
      super.send(text);
    }
  };
  const { fetch } = window;
  window.fetch = async (...from) => {
    counts.pending += 1;
    try {
      return await fetch(...from);
    } finally {
      counts.pending -= 1;
    }
  };

  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [1280, 720];
  canvas.getContext('2d');
  const sounds = new AudioContext();
  // Neither has a frame or a packet ever: what is seen is the poster.
  const track = (kind) => {
    const [made] =
      kind === 'video'
        ? canvas.captureStream(0).getVideoTracks()
        : sounds.createMediaStreamDestination().stream.getAudioTracks();
    made.getSettings = () => (kind === 'video' ? { width: 1280, height: 720, frameRate: 25 } : {});
    return made;
  };
  navigator.mediaDevices.getUserMedia = ({ video, audio }) =>
    Promise.resolve(new MediaStream([...(video ? [track('video')] : []), ...(audio ? [track('audio')] : [])]));
  window.AudioContext = class {
    state = 'running';
    createAnalyser() {
      return { getFloatTimeDomainData: (samples) => samples.fill(0.05) };
    }
    createMediaStreamSource() {
      return {
        connect() {
          /* hears nothing */
        },
      };
    }
    close() {
      return Promise.resolve();
    }
  };
  window.RTCPeerConnection = class extends EventTarget {
    connectionState = 'new';
    lines = [];
    addTransceiver(of) {
      const packets = () =>
        Promise.resolve(new Map([['a', { type: 'inbound-rtp', packetsReceived: Math.floor(performance.now() / 20) }]]));
      const receiver = {
        track: track(typeof of === 'string' ? of : of.kind),
        getStats: packets,
        getSynchronizationSources: () => [{ audioLevel: 0.1 }],
      };
      const sender = {
        track: null,
        replaceTrack(next) {
          this.track = next;
          return Promise.resolve();
        },
      };
      this.lines.push({
        receiver,
        sender,
        setCodecPreferences() {
          /* any will do */
        },
      });
      return this.lines.at(-1);
    }
    getTransceivers() {
      return this.lines;
    }
    getReceivers() {
      return this.lines.map(({ receiver }) => receiver);
    }
    createOffer() {
      return Promise.resolve({ type: 'offer', sdp: 'v=0\r\n' });
    }
    setLocalDescription() {
      return Promise.resolve();
    }
    setRemoteDescription() {
      this.connectionState = 'connected';
      this.dispatchEvent(new Event('connectionstatechange'));
      return Promise.resolve();
    }
    close() {
      this.connectionState = 'closed';
    }
  };
  HTMLMediaElement.prototype.play = function () {
    return this.muted || sound ? Promise.resolve() : Promise.reject(new DOMException('touch first', 'NotAllowedError'));
  };

  HTMLVideoElement.prototype.requestVideoFrameCallback = function (tell) {
    const frame = setInterval(() => {
      if (!pictures || this.srcObject === null) return;
      clearInterval(frame);
      tell(performance.now(), { width: 1280, height: 720 });
    }, 40);
    return frame;
  };
  HTMLVideoElement.prototype.cancelVideoFrameCallback = (frame) => {
    clearInterval(frame);
  };
  if (!pictures) return;
  new MutationObserver(() => {
    for (const video of document.querySelectorAll('video:not([poster])'))
      video.poster = `/assets/still-${video.dataset.slot ?? 'own'}.svg`;
  }).observe(document, { subtree: true, childList: true });
}
