// What rooms and watchers of a real meeting see, as the review of use saw it: long names, narrow and wide windows, what is told to
// the technician of a venue that is next, held or taken off the queue. Boxes are compared, not pictures.

import type { Browser, Page } from '@playwright/test';
import { Bench } from './support/bench';
import { overlaps } from './support/boxes';
import { serveFirstMeeting } from './support/guide';
import { technicianPage } from './support/onehall';
import { expect, test } from './support/review';
import { clipped } from './support/test';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

/** As much of a sentence as a length asks for, again and again. */
const long = (text: string, length: number): string => text.repeat(Math.ceil(length / text.length)).slice(0, length);

const sized = (browser: Browser, width: number, height: number) =>
  browser.newContext({ viewport: { width, height }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });

const box = async (page: Page, selector: string) => {
  const found = await page.locator(selector).first().boundingBox();
  if (!found) throw new Error(`${selector} has no box`);
  return found;
};

for (const [name, title, venue, item] of [
  ['as real ones are', 55, 29, 48],
  ['at their limit', 120, 120, 120],
] as const) {
  test(`U7: names ${name} leave the technician clock, language, mark and ask`, async ({ rooms, browser }) => {
    const bench = new Bench();
    try {
      const names = {
        '"Spring planning meeting"': `"${long('深入学习贯彻落实全省水利工作电视电话会议精神', title)}"`,
        '"Report from Qingting"': `"${long('推进重点水利工程建设情况汇报', item)}"`,
        'name = "Qingting"\ntechnician': `name = "${long('青汀市水利局防汛抗旱指挥部第一会议室', venue)}"\nshort = "青汀"\ntechnician`,
      };
      const ready = await serveFirstMeeting(bench, (file) =>
        Object.entries(names).reduce((text, [from, to]) => {
          expect(text).toContain(from);
          return text.replace(from, to);
        }, file),
      );
      const act = (given: object): Promise<Response> =>
        fetch(`${ready.api}/commands`, {
          method: 'POST',
          body: JSON.stringify(given),
          headers: {
            authorization: `Bearer ${ready.tokens.director}`,
            'content-type': 'application/json',
            'idempotency-key': crypto.randomUUID(),
          },
        });
      expect((await act({ start: {} })).ok).toBe(true);
      expect((await act({ item: { item: 'qingting' } })).ok).toBe(true);
      const own = ready.venues.find(({ id }) => id === 'qingting');
      if (!own) throw new Error('no venue qingting');
      const context = await sized(browser, 1366, 768);
      const tech = await rooms.page(technicianPage(own), context);
      await expect(tech.locator('html')).toHaveAttribute('data-phase', 'watching');
      for (const selector of ['header time', '[data-act=language-en]', '[data-act=ask]', '[data-act=ask] kbd'])
        await expect(tech.locator(selector).first(), selector).toBeInViewport({ ratio: 1 });
      expect(await clipped(tech)).toEqual([]);
      await context.close();
    } finally {
      await bench.clear();
    }
  });
}

test('U10: a venue goes from next to on air without a gap, and may return when it is held', async ({
  meeting,
  rooms,
}) => {
  const [due, then] = [meeting.branch(1), meeting.branch(2)];
  const tech = await rooms.page(technicianPage(due));
  const band = tech.locator('.tally-band');
  await expect(band).toBeVisible();
  await meeting.act({ preview: { source: due.source } });
  await expect(band).toHaveAttribute('data-tally', 'next');
  await band.evaluate((element: HTMLElement) => {
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver(() => said.push(element.dataset['tally'] ?? 'none')).observe(element, {
      attributeFilter: ['data-tally'],
    });
  });
  await meeting.act({ take: {} });
  await expect(band).toHaveAttribute('data-tally', 'air');
  expect(await tech.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual(['air']);
  await meeting.take(then.source);
  await expect(tech.locator('[data-held]')).toBeVisible();
  await expect(tech.locator('[data-tally]')).toHaveCount(0);
});

for (const [width, height, least] of [
  [1920, 1080, 0.6],
  [2560, 1440, 0.7],
] as const) {
  test(`U23: the watcher's picture takes the room of a window of ${String(width)} px`, async ({
    meeting,
    rooms,
    browser,
  }) => {
    const context = await sized(browser, width, height);
    const watcher = await rooms.page(meeting.demo.ready.watch, context);
    await expect(watcher.locator('[data-picture]')).toHaveAttribute('data-picture', 'programme');
    const picture = await box(watcher, 'video[data-slot=v0]');
    expect((picture.width * picture.height) / (width * height)).toBeGreaterThan(least);
    const under = await box(watcher, '.under');
    expect(under.y + under.height, 'the item is in sight').toBeLessThanOrEqual(height);
    await context.close();
  });
}

for (const [width, height] of [
  [960, 540],
  [1024, 768],
] as const) {
  test(`U24: at ${String(width)} css px nothing of the desk lies over anything, and no gap is left`, async ({
    desk,
    meeting,
  }) => {
    await desk.page.setViewportSize({ width, height });
    for (const number of [1, 2]) await meeting.take(meeting.branch(number).source);
    await desk.ready(meeting.branch(1).source);
    expect(await overlaps(desk.page)).toEqual([]);
    const [tiles, rail, page] = [
      await box(desk.page, '.tiles'),
      await box(desk.page, '.rail'),
      await box(desk.page, '.page'),
    ];
    expect(rail.x - tiles.x - tiles.width).toBeLessThanOrEqual(24);
    expect(rail.x + rail.width).toBeLessThanOrEqual(page.x + page.width);
    expect(page.x + page.width - rail.x - rail.width).toBeLessThanOrEqual(12);
  });
}

for (const [width, height] of [
  [1024, 768],
  [390, 844],
] as const) {
  test(`U25: at ${String(width)} px the technician has band, microphone and ask first`, async ({
    meeting,
    rooms,
    browser,
  }) => {
    const context = await sized(browser, width, height);
    const tech = await rooms.page(technicianPage(meeting.branch(1)), context);
    await expect(tech.locator('.tally-band')).toBeVisible();
    const tops: number[] = [];
    for (const selector of ['.tally-band', '.mic', '[data-act=ask]', 'video[data-slot=v0]'])
      tops.push((await box(tech, selector)).y);
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    expect(tops[2], 'ask stands in the first window').toBeLessThan(height);
    await context.close();
  });
}

test('U28: a request that the desk has dropped is said to be taken off until it is seen', async ({
  desk,
  meeting,
  rooms,
}) => {
  // A synthetic venue asks when it likes; the guest's venue has a person alone.
  const asking = meeting.guest;
  const tech = await rooms.page(technicianPage(asking));
  await expect(tech.locator('[data-act=ask]')).toBeEnabled();
  await tech.keyboard.press('s');
  await expect(tech.locator('[data-hand]')).toBeVisible();
  await desk.page.locator(`[data-request][data-of="${asking.id}"] [data-act=drop]`).click();
  await expect(tech.locator('[data-hand]')).toHaveCount(0);
  const said = tech.locator('[data-taken-off]');
  await expect(said).toContainText(/\d\d:\d\d/);
  await tech.locator('[data-act=seen]').click();
  await expect(said).toHaveCount(0);
});
