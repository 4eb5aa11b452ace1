// The client's side of the media, in a real Chromium against a stand-in for the hop.

import { pagePath } from './support/fixture/server.mjs';
import { FakeHop } from './support/hop';
import { expect, look, sentFrames, test } from './support/test';

test.use({ viewport: { width: 640, height: 360 } });

test('the watcher page shows v0, names its client, and leaves with a DELETE', async ({ context, fixture, page }) => {
  const hop = await FakeHop.open(context, fixture.origin);
  const before = fixture.deleted();
  await page.goto(fixture.origin + pagePath('watch', 'watching'));
  await expect(page.locator('video[data-slot=v0]')).toHaveAttribute('data-alive', 'true');
  await expect(page.locator('[data-picture=programme]')).toBeVisible();
  const [offer] = hop.offers;
  expect(offer?.kind).toBe('whep');
  expect(offer?.client).toMatch(/^c\d+$/);
  expect(offer?.sdp.match(/^m=/gm)).toHaveLength(5);
  expect(offer?.sdp).toMatch(/a=rtpmap:\d+ VP8/);
  expect(offer?.sdp).not.toMatch(/VP9|AV1|H264/);
  await page.goto('about:blank');
  await expect.poll(() => fixture.deleted()).toBe(before + 1);
});

test('a session that goes silent is replaced without a click, and the slate stands meanwhile', async ({
  context,
  fixture,
  page,
}) => {
  const hop = await FakeHop.open(context, fixture.origin);
  await page.goto(fixture.origin + pagePath('hall', 'watching'));
  await expect(page.locator('[data-picture=v0]')).toBeVisible();
  hop.down = true;
  await hop.drop();
  await expect(page.locator('[data-picture=slate]')).toBeVisible();
  await expect.poll(() => hop.offers.filter(({ kind }) => kind === 'whep').length).toBeGreaterThan(2);
  hop.down = false;
  await expect(page.locator('[data-picture=v0]')).toBeVisible();
});

test('a server that comes back as another process is published to and watched under the new name', async ({
  context,
  fixture,
  page,
}) => {
  const hop = await FakeHop.open(context, fixture.origin);
  await page.goto(fixture.origin + pagePath('hall', 'watching'));
  await expect(page.locator('[data-picture=v0]')).toBeVisible();
  const [before] = hop.offers;
  const seen = hop.offers.length;
  await hop.drop();
  fixture.reboot();
  await expect
    .poll(() =>
      hop.offers
        .slice(seen)
        .map(({ kind }) => kind)
        .sort()
        .slice(0, 2),
    )
    .toEqual(['whep', 'whip']);
  expect(hop.offers.at(-1)?.client).not.toBe(before?.client);
  await expect(page.locator('[data-picture=v0]')).toBeVisible();
  await expect.poll(async () => (await hop.received()).video).toBeGreaterThan(10);
});

test('the hall turns to its return picture when its own venue is on air', async ({ context, fixture, page }) => {
  await FakeHop.open(context, fixture.origin);
  await page.goto(fixture.origin + pagePath('hall', 'air'));
  await expect(page.locator('[data-picture=v2]')).toBeVisible();
});

test('the hall publishes its camera in layers and its microphone only while the gate is open', async ({
  context,
  fixture,
  page,
}) => {
  const hop = await FakeHop.open(context, fixture.origin);
  const frames = sentFrames(page);
  await page.goto(fixture.origin + pagePath('hall', 'watching'));
  await expect.poll(async () => (await hop.received()).video).toBeGreaterThan(20);
  const offer = hop.offers.find(({ kind }) => kind === 'whip')?.sdp ?? '';
  expect(offer).toMatch(/a=fmtp:\d+ minptime=10;useinbandfec=1;stereo=0;sprop-stereo=0;usedtx=0/);
  expect(offer).toMatch(/a=simulcast:send q;h;f/);
  await expect
    .poll(() =>
      frames
        .filter(({ k }) => k === 'report')
        .some(({ camera }) => (camera as { height: number } | undefined)?.height === 720),
    )
    .toBe(true);
  await expect
    .poll(() => frames.some(({ k, level }) => k === 'report' && typeof level === 'number' && level < 0))
    .toBe(true);
  expect(frames.some(({ microphone }) => microphone === 'closed')).toBe(true);
  expect((await hop.received()).audio).toBe(0);
  await page.goto('about:blank');
  await page.goto(fixture.origin + pagePath('hall', 'call'));
  await expect.poll(async () => (await hop.received()).audio).toBeGreaterThan(20);
  await expect.poll(() => frames.some(({ microphone }) => microphone === 'open')).toBe(true);
});

test('a browser that refuses sound gets the touch bar, and the server is told', async ({ context, fixture, page }) => {
  await FakeHop.open(context, fixture.origin);
  await page.addInitScript(() => {
    const play = HTMLMediaElement.prototype.play;
    let touched = false;
    addEventListener(
      'pointerdown',
      () => {
        touched = true;
      },
      true,
    );
    HTMLMediaElement.prototype.play = function () {
      return this.muted || touched
        ? play.call(this)
        : Promise.reject(new DOMException('touch first', 'NotAllowedError'));
    };
  });
  const frames = sentFrames(page);
  await page.goto(fixture.origin + pagePath('hall', 'watching'));
  const bar = page.locator('[data-act=sound]');
  await expect(bar).toBeVisible();
  await expect.poll(() => frames.some(({ sound }) => sound === 'blocked')).toBe(true);
  const box = await bar.boundingBox();
  expect(box?.width).toBe(640);
  await look(page, 'shots/hall-touch');
  await bar.click();
  await expect(bar).toHaveCount(0);
  await expect.poll(() => frames.some(({ sound }) => sound === 'on')).toBe(true);
});

test('a hidden page says so, goes on publishing, and draws no picture until it is seen', async ({
  context,
  fixture,
  page,
}) => {
  const hop = await FakeHop.open(context, fixture.origin);
  const frames = sentFrames(page);
  await page.goto(fixture.origin + pagePath('hall', 'watching'));
  await expect(page.locator('[data-picture=v0]')).toBeVisible();
  await expect.poll(() => frames.some(({ hidden }) => hidden === false)).toBe(true);
  const show = (state: 'hidden' | 'visible') =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  const drawn = () =>
    page
      .locator('video[data-slot]')
      .evaluateAll((all) =>
        all.map((video) => ((video as HTMLVideoElement).srcObject as MediaStream | null)?.getVideoTracks()[0]?.enabled),
      );
  const sent = await hop.received();
  await show('hidden');
  await expect.poll(() => frames.some(({ hidden }) => hidden === true)).toBe(true);
  expect(await drawn()).toEqual([false, false]);
  await expect.poll(async () => (await hop.received()).video).toBeGreaterThan(sent.video);
  // A new session of a page that is still hidden draws nothing either.
  const offers = hop.offers.length;
  await hop.drop();
  await expect.poll(() => hop.offers.slice(offers).some(({ kind }) => kind === 'whep')).toBe(true);
  await expect.poll(drawn).toEqual([false, false]);
  await show('visible');
  expect(await drawn()).toEqual([true, true]);
  await expect(page.locator('[data-picture=v0]')).toBeVisible();
});
