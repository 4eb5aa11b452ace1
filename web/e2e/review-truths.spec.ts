// What the screens of a real meeting say, as the review of use read them: the slate, alarms, levels, pictures, marks, dates.

import { Bench } from './support/bench';
import { serveFirstMeeting } from './support/guide';
import { Demo, technicianPage } from './support/onehall';
import { botsOf, expect, Meeting, test } from './support/review';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

test('U6: a slate on air is words on the desk, also when the frames of its line have come', async ({
  rooms,
  meeting,
  browser,
}) => {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'zh-CN' });
  await context.addInitScript(() => {
    const peers: RTCPeerConnection[] = [];
    Object.assign(window, { peers });
    const Own = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Own {
      constructor(given?: RTCConfiguration) {
        super(given);
        peers.push(this);
      }
    };
  });
  const desk = await rooms.page(meeting.demo.ready.desk, context);
  const air = desk.locator('[data-slot=programme].mon');
  await expect(air.locator('video')).toHaveAttribute('data-alive', 'true');
  await meeting.act({ slate: {} });
  await expect(air).toHaveAttribute('data-source', '');
  const words = air.locator('.noimg');
  await expect(words).toBeVisible();
  // Frames of every line that comes to the monitors, the programme's first.
  const frames = (): Promise<number> =>
    desk.evaluate(async () => {
      const { peers } = window as unknown as { peers: RTCPeerConnection[] };
      let most = 0;
      for (const peer of peers) {
        const [line] = peer.getTransceivers().filter(({ receiver }) => receiver.track.kind === 'video');
        const told = line === undefined ? [] : [...(await line.receiver.getStats()).values()];
        for (const { framesReceived = 0 } of told as { framesReceived?: number }[])
          most = Math.max(most, framesReceived);
      }
      return most;
    });
  const before = await frames();
  await expect.poll(frames).toBeGreaterThan(before + 20);
  await expect(words).toBeVisible();
  await expect(air.locator('video')).toHaveCount(0);
  await context.close();
});

test('U17: when all venues are lost, the first card has the main venue and says of how many how many are lost', async ({
  rooms,
  browser,
}) => {
  const demo = await Demo.start(24, []);
  let bots: readonly number[] = [];
  try {
    const main = demo.venue(0);
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' });
    const desk = await rooms.page(demo.ready.desk, context);
    const branches = demo.ready.venues.slice(0, -1);
    for (const { id } of branches)
      await expect(desk.locator(`[data-cell="v:${id}"]`)).toHaveAttribute('data-state', 'ok');
    bots = botsOf(demo);
    for (const pid of bots) process.kill(pid, 'SIGSTOP');
    for (const { id } of branches)
      await expect(desk.locator(`[data-cell="v:${id}"]`)).toHaveAttribute('data-state', 'lost');
    const alarms = async (): Promise<{ id: string; code: string; venues: string[] }[]> =>
      ((await demo.state())['alarms'] as { alarms: { id: string; code: string; venues: string[] }[] }).alarms;
    await expect
      .poll(async () => new Set((await alarms()).flatMap(({ code, venues }) => (code === 'lost' ? venues : []))).size)
      .toBe(branches.length);
    const cards = desk.locator('[data-alarm]');
    const ours = (await alarms()).find(({ code, venues }) => code === 'lost' && venues.includes(main.id));
    await expect(cards.first()).toHaveAttribute('data-alarm', ours?.id ?? '');
    // Of those that were here: nobody came to the guest's venue.
    const here = String(branches.length);
    await expect(cards.first()).toContainText(`${here} 个会场中 ${here} 个`);
    await context.close();
  } finally {
    for (const pid of bots) process.kill(pid, 'SIGCONT');
    await demo.stop();
  }
});

test('U19: a hall that is closed is silent, in the number as in the bar', async ({ rooms }) => {
  const demo = await Demo.start(2);
  try {
    const hall = await rooms.hall(demo.venue(0), 'blue');
    const tech = await rooms.page(technicianPage(demo.venue(0)));
    const number = tech.locator('.levels .num').first();
    await expect(number).toHaveText(/^−\d+ dB$/);
    await hall.close();
    await expect(number).toHaveText('无声');
  } finally {
    await demo.stop();
  }
});

test('U20: the card of a venue without a picture never shows the picture of another', async ({ desk, meeting }) => {
  const [main, guest] = [meeting.demo.venue(0), meeting.guest];
  await desk.page.keyboard.press('2');
  await desk.ready(main.sources[1]?.id ?? '');
  // Looks at every change of the page whether the guest's card has a picture.
  await desk.page.evaluate((id) => {
    const seen = { pictures: 0 };
    Object.assign(window, { seen });
    const look = (): void => {
      seen.pictures += document.querySelectorAll(`[data-card-venue="${id}"] video`).length;
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
  }, guest.id);
  await desk.chip(guest).click();
  await expect(desk.card(guest)).toBeVisible();
  await expect(desk.next).toHaveAttribute('data-source', guest.sources[0]?.id ?? '');
  await expect(desk.card(guest).locator('.pic')).toHaveText(/\S/);
  expect(await desk.page.evaluate(() => (window as unknown as { seen: { pictures: number } }).seen.pictures)).toBe(0);
});

test('U21: after the end a mark stands at what was held, and no screen invites to go on', async ({ rooms }) => {
  const demo = await Demo.start(2);
  try {
    for (const item of ['i1', 'i2']) await demo.act({ item: { item } });
    expect(await new Meeting(demo).act({ raise: {} }, demo.venue(1))).toBe(true);
    const pages = {
      desk: await rooms.page(demo.ready.desk),
      watch: await rooms.page(demo.ready.watch),
      tech: await rooms.page(technicianPage(demo.venue(1))),
    };
    await expect(pages.watch.locator('[data-item]').first()).toBeVisible();
    await expect(pages.desk.locator('[data-act=give]')).toHaveCount(1);
    await demo.act({ end: {} });
    for (const page of [pages.watch, pages.tech]) {
      await expect(page.locator('html')).toHaveAttribute('data-phase', 'ended');
      // Only the items that were begun have the mark of what is done.
      await expect(page.locator('[data-item]:has(svg), [data-item]:has(.i)')).toHaveCount(2);
    }
    await expect(pages.desk.locator('.page')).toHaveAttribute('data-phase', 'ended');
    await expect(pages.desk).toHaveTitle(/结束/);
    await expect(pages.desk.locator('[data-slot=preview].mon')).toHaveCount(0);
    await expect(pages.desk.locator('[data-act=give]:not([disabled], [aria-disabled=true])')).toHaveCount(0);
    for (const act of ['next-item', 'item'])
      await expect(pages.desk.locator(`[data-act=${act}]`).first()).toBeDisabled();
  } finally {
    await demo.stop();
  }
});

test('U22: a call-on has the limit of its card, and desk and technician see the time left', async ({
  desk,
  meeting,
  rooms,
}) => {
  const speaker = meeting.branch(2);
  const tech = await rooms.page(technicianPage(speaker));
  await desk.chip(speaker).click();
  await desk.ready(speaker.source);
  const limit = desk.card(speaker).locator('[data-act=limit]');
  await expect(limit).toBeVisible();
  await limit.selectOption('3');
  await desk.card(speaker).locator('[data-act=call-on]').click();
  await expect(desk.call).toHaveAttribute('data-call', speaker.id);
  await expect.poll(() => meeting.section('call_on')).toMatchObject({ running: { venue: speaker.id, limit_s: 180 } });
  await expect(desk.call).toContainText('/ 03:00');
  await expect(tech.locator('.tally-band')).toHaveAttribute('data-tally', 'air');
  await expect(tech.locator('.tally-band .mark')).toHaveText(/\d\d:\d\d/);
});

test('U27: a meeting that is months away is said with its date, and in days', async ({ rooms }) => {
  const bench = new Bench();
  try {
    const soon = new Date(Date.now() + 102 * 86_400_000).toISOString().slice(0, 10);
    const ready = await serveFirstMeeting(bench, (file) => file.replace('2027-03-10', soon));
    const desk = await rooms.page(ready.desk);
    const [, month = '', day = ''] = soon.split('-');
    await expect(desk.locator('.page')).toHaveAttribute('data-phase', 'waiting');
    await expect(desk.locator('.now')).toContainText(`${String(Number(month))}月${String(Number(day))}日`);
    await expect(desk.locator('.now')).not.toContainText(/\d{3,}:\d\d/);
  } finally {
    await bench.clear();
  }
});
