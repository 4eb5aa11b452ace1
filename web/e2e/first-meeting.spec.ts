// docs/how-to/first-meeting.md, step by step, as a person does it: the files and commands of the page, the real binary, halls in
// Chromiums of their own, and a desk that is used by mouse and keyboard alone. ONEHALL_SCREENSHOTS=DIR renews the page's pictures.

import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Locator, Page } from '@playwright/test';
import { Bench, freePort, linksOf } from './support/bench';
import { drawRoom } from './support/cinema';
import { Guide } from './support/guide';
import { hold } from './support/hands';
import { colours, expect, test, type ReadyVenue } from './support/onehall';
import { seesColour } from './support/pixels';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

const guide = new Guide(fileURLToPath(new URL('../../docs/how-to/first-meeting.md', import.meta.url)));
const pictures = process.env['ONEHALL_SCREENSHOTS'];

/** Walls of the drawn rooms: near enough to the colours by which pixels are told apart, and easier on the eye. */
const walls = { blue: [62, 88, 178], yellow: [196, 176, 78] } as const;

const english = (address: string): string => address.replace('#', '?lang=en#');
const chip = (desk: Page, venue: string) => desk.locator(`[data-cell="v:${venue}"]`);
const openMicrophones = (desk: Page) => desk.locator('[role=grid] [data-floor=open]');
const monitor = (desk: Page, slot: 'preview' | 'programme') => desk.locator(`[data-slot=${slot}].mon`);

/** Presses and keys of one step: the guide must name each. */
function hands(title: string) {
  return {
    async press(page: Page, act: string, word: string): Promise<void> {
      expect(guide.names(title, word), `step "${title}" names ${word}`).toBe(true);
      const control = page.locator(`[data-act=${act}]`).first();
      await expect(control).toContainText(word);
      await control.click();
    },
    async hold(page: Page, act: string, word: string, until: string): Promise<void> {
      expect(guide.names(title, word), `step "${title}" names ${word}`).toBe(true);
      const control = page.locator(`[data-act=${act}]`);
      await expect(control).toContainText(word);
      await control.hover();
      await page.mouse.down();
      await expect(page.locator(`[data-act=${until}]`)).toBeVisible();
      await page.mouse.up();
    },
    async key(page: Page, key: string): Promise<void> {
      expect(guide.hasKey(title, key), `step "${title}" names the key ${key}`).toBe(true);
      await page.keyboard.press(key.toLowerCase());
    },
    async holdKey(page: Page, key: string, where: Locator, what: [string, string]): Promise<void> {
      expect(guide.hasKey(title, key), `step "${title}" names the key ${key}`).toBe(true);
      await hold(page, key.toLowerCase(), where, what);
    },
  };
}

async function shoot(page: Page, name: string, size: { width: number; height: number }): Promise<void> {
  expect(guide.pictures).toContain(name);
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  const before = page.viewportSize();
  await page.setViewportSize(size);
  const path = join(pictures, name);
  await page.screenshot({ path });
  expect(statSync(path).size, name).toBeLessThan(250_000);
  if (before) await page.setViewportSize(before);
}

test('a person holds a first meeting by the guide, from two small files to its end', async ({
  browser,
  files,
  rooms,
}) => {
  const bench = new Bench();
  const contexts: BrowserContext[] = [];
  const done: string[] = [];
  const step = async <T>(title: string, does: (hands_: ReturnType<typeof hands>) => Promise<T>): Promise<T> => {
    done.push(title);
    return test.step(title, () => does(hands(title)));
  };
  for (const [name, wall] of Object.entries(walls))
    drawRoom(join(files, `${name}.y4m`), wall, pictures === undefined ? 320 : 640);

  try {
    await step('Write two small files', async () => {
      const port = String(await freePort());
      expect(guide.file('onehall.toml')).toContain('8440');
      writeFileSync(join(bench.folder, 'onehall.toml'), guide.file('onehall.toml').replaceAll('8440', port));
      writeFileSync(join(bench.folder, 'spring.toml'), guide.file('spring.toml'));
    });

    await step('See what would change', async () => {
      const told = await bench.run(guide.command('See what would change'));
      expect(told).toContain('+ meeting spring');
      expect(told.trim().split('\n').at(-1)).toContain('none made');
      expect(linksOf(told).size).toBe(0);
    });

    const links = await step('Apply it', async () => {
      const told = await bench.run(guide.command('Apply it'));
      const again = await bench.run(guide.command('Apply it'));
      expect(again).toContain('Nothing changes.');
      expect(linksOf(again)).toEqual(linksOf(told));
      return linksOf(told);
    });
    const link = (who: string): string => {
      const address = links.get(who);
      if (address === undefined) throw new Error(`no link for ${who}: ${[...links.keys()].join(', ')}`);
      return english(address);
    };

    const ready = await step('Start the server', () => bench.serve(guide.command('Start the server')));
    const hall = (id: string, colour: keyof typeof walls): Promise<Page> => {
      const venue = ready.venues.find((one) => one.id === id);
      if (!venue) throw new Error(`no venue ${id}`);
      expect(colours[colour]).toBeDefined();
      return rooms.hall({ ...venue, page: link(`${id}, hall`) } satisfies ReadyVenue, colour);
    };

    const { mainHall, branchHall, tech, watcher, desk } = await step('Open the pages', async () => {
      const sizes = [
        { width: 1366, height: 768 },
        { width: 1920, height: 1080 },
      ] as const;
      const [context, large] = await Promise.all(
        sizes.map((viewport) => browser.newContext({ viewport, timezoneId: 'Asia/Shanghai' })),
      );
      for (const own of [context, large]) if (own) contexts.push(own);
      const pages = {
        mainHall: await hall('main', 'blue'),
        branchHall: await hall('qingting', 'yellow'),
        tech: await rooms.page(link('qingting, technician'), context),
        watcher: await rooms.page(link('watcher'), context),
        desk: await rooms.page(link('director'), large),
      };
      for (const page of [pages.mainHall, pages.branchHall, pages.tech])
        await expect(page.locator('html')).toHaveAttribute('data-phase', 'waiting');
      await expect(pages.branchHall.locator('main')).toHaveAttribute('data-picture', 'slate');
      await expect(pages.tech.locator('[data-floor]')).toHaveAttribute('data-floor', 'closed');
      await expect(pages.desk.locator('.page')).toHaveAttribute('data-phase', 'waiting');
      for (const venue of ['main', 'qingting'])
        await expect(chip(pages.desk, venue)).toHaveAttribute('data-state', 'ok');
      await expect(chip(pages.desk, 'liuzhu')).toHaveAttribute('data-state', 'absent');
      await expect(pages.desk.locator('[data-alarm]')).toHaveCount(0);
      await expect(openMicrophones(pages.desk)).toHaveCount(0);
      await shoot(pages.branchHall, 'hall-waiting.png', { width: 1280, height: 720 });
      return pages;
    });

    await step('Start the meeting', async ({ hold, press }) => {
      await hold(desk, 'start', 'Hold to start', 'start-confirm');
      await expect(desk.locator('.page')).toHaveAttribute('data-phase', 'waiting');
      await press(desk, 'start-confirm', 'Start');
      await expect(desk.locator('.page')).toHaveAttribute('data-phase', 'live');
      await expect(branchHall.locator('html')).toHaveAttribute('data-phase', 'watching');
      await expect(branchHall.locator('main')).toHaveAttribute('data-picture', 'slate');
      await expect(openMicrophones(desk)).toHaveCount(1);
      await expect(chip(desk, 'main')).toHaveAttribute('data-floor', 'open');
    });

    await step('Show the main venue', async ({ press }) => {
      await chip(desk, 'main').click();
      await expect(chip(desk, 'main')).toHaveAttribute('data-tally', 'next');
      await expect(monitor(desk, 'preview')).toHaveAttribute('data-tally', 'next');
      await expect(mainHall.locator('html')).toHaveAttribute('data-phase', 'next');
      await expect(monitor(desk, 'programme')).toHaveAttribute('data-source', '');
      await expect(desk.locator('[data-act=take]')).not.toHaveAttribute('aria-disabled', 'true');
      await press(desk, 'take', 'TAKE');
      await Promise.all([branchHall, watcher, desk, tech].map((page) => seesColour(page, 'v0', 'blue')));
      await expect(chip(desk, 'main')).toHaveAttribute('data-tally', 'air');
      await expect(mainHall.locator('html')).toHaveAttribute('data-phase', 'on-air');
      await expect(mainHall.locator('main')).toHaveAttribute('data-picture', 'slate');
      await expect(openMicrophones(desk)).toHaveCount(1);
    });

    await step('Give the floor to a venue that asks', async ({ press, key, holdKey }) => {
      // The desk gives the floor only to a venue whose picture is there; on a machine out of breath it may be gone for a moment, and
      // a person presses again.
      const until = (venue: string, does: () => Promise<void>): Promise<void> =>
        expect(async () => {
          const call = desk.locator('[data-call]');
          if ((await call.getAttribute('data-call')) !== venue) await does();
          await expect(call).toHaveAttribute('data-call', venue, { timeout: 3000 });
        }).toPass();
      expect(guide.names('Give the floor to a venue that asks', 'Ask to speak')).toBe(true);
      await expect(tech.locator('[data-act=ask]')).toContainText('Ask to speak');
      await key(tech, 'S');
      await expect(tech.locator('[data-hand]')).toHaveAttribute('data-hand', '1');
      await expect(chip(desk, 'qingting')).toHaveAttribute('data-hand', '1');
      await expect(desk.locator('[data-request][data-of=qingting]')).toHaveCount(1);
      await shoot(desk, 'desk.png', { width: 1760, height: 1020 });
      await until('qingting', () => press(desk, 'give', 'Give'));
      await Promise.all([
        seesColour(watcher, 'v0', 'yellow'),
        seesColour(mainHall, 'v0', 'yellow'),
        seesColour(branchHall, 'v2', 'blue'),
      ]);
      await expect(branchHall.locator('main')).toHaveAttribute('data-picture', 'v2');
      await expect(tech.locator('.tally-band')).toHaveAttribute('data-tally', 'air');
      await expect(tech.locator('[data-floor]')).toHaveAttribute('data-floor', 'open');
      await expect(desk.locator('[data-call]')).toHaveAttribute('data-call', 'qingting');
      await expect(openMicrophones(desk)).toHaveCount(2);
      if (pictures !== undefined) await expect(tech.locator('.pics')).not.toContainText(' 0 fps');
      await shoot(tech, 'technician.png', { width: 1366, height: 768 });
      await shoot(watcher, 'watch.png', { width: 1366, height: 768 });
      await press(desk, 'end-call-on', 'End speech');
      await expect(tech.locator('[data-floor]')).toHaveAttribute('data-floor', 'closed');
      await expect(desk.locator('[data-request]')).toHaveCount(0);
      await expect(openMicrophones(desk)).toHaveCount(1);
      await expect(monitor(desk, 'programme')).toHaveAttribute('data-source', 'qingting.1');

      // The same by keys alone.
      await expect(tech.locator('[data-hand]')).toHaveCount(0);
      await expect(tech.locator('[data-act=ask]')).toContainText('Ask to speak');
      await key(tech, 'S');
      await expect(chip(desk, 'qingting')).toHaveAttribute('data-hand', '1');
      await key(desk, 'N');
      await expect(monitor(desk, 'preview')).toHaveAttribute('data-source', 'qingting.1');
      await until('qingting', () => holdKey(desk, 'R', desk.locator('[data-call]'), ['data-call', 'qingting']));
      await expect(tech.locator('[data-floor]')).toHaveAttribute('data-floor', 'open');
      await holdKey(desk, 'E', desk.locator('[data-call]'), ['data-call', '']);
      await expect(tech.locator('[data-floor]')).toHaveAttribute('data-floor', 'closed');
    });

    await step('Go on in the rundown', async ({ press }) => {
      const on = await monitor(desk, 'programme').getAttribute('data-source');
      for (const item of ['opening', 'qingting']) {
        await press(desk, 'next-item', 'Next item');
        await expect(desk.locator('[aria-current=step]')).toHaveAttribute('data-item-id', item);
      }
      for (const page of [tech, watcher])
        await expect(page.locator('[data-item=now]')).toContainText('Report from Qingting');
      await expect(monitor(desk, 'programme')).toHaveAttribute('data-source', on ?? '');
    });

    await step('Open one more microphone, and mute all', async ({ press, holdKey }) => {
      await chip(desk, 'qingting').click();
      await press(desk, 'open-floor', 'Open mic');
      await expect(desk.locator('[data-open]')).toHaveAttribute('data-open', '2');
      await expect(tech.locator('[data-floor]')).toHaveAttribute('data-floor', 'open');
      await press(desk, 'mute-all', 'Mute all');
      await expect(desk.locator('[data-open]')).toHaveAttribute('data-open', '1');
      await expect(tech.locator('[data-floor]')).toHaveAttribute('data-floor', 'closed');
      await expect(chip(desk, 'main')).toHaveAttribute('data-floor', 'open');
      await press(desk, 'open-floor', 'Open mic');
      await expect(desk.locator('[data-open]')).toHaveAttribute('data-open', '2');
      await holdKey(desk, 'M', desk.locator('[data-open]'), ['data-open', '1']);
    });

    await step('Change the file while the meeting runs', async () => {
      for (const page of [desk, watcher, branchHall])
        await page.evaluate(() => {
          Object.assign(window, { notReloaded: true });
        });
      appendFileSync(join(bench.folder, 'spring.toml'), `\n${guide.file('added')}`);
      const told = await bench.run(guide.command('Change the file while the meeting runs'));
      expect(told).toContain('+ venue wangchuan');
      expect(told).toContain('+ item questions');
      expect([...linksOf(told)].filter(([who]) => links.has(who))).toEqual([...links]);
      expect(linksOf(told).has('wangchuan, hall')).toBe(true);
      await expect(chip(desk, 'wangchuan')).toHaveAttribute('data-state', 'absent');
      await expect(desk.locator('[data-item-id=questions]')).toHaveCount(1);
      await expect(watcher.locator('aside li')).toHaveCount(4);
      for (const page of [desk, watcher, branchHall])
        expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);
      await expect(monitor(desk, 'programme')).toHaveAttribute('data-source', 'qingting.1');
      await seesColour(watcher, 'v0', 'yellow');
    });

    await step('End the meeting', async ({ hold, press }) => {
      await hold(desk, 'end', 'Hold to end', 'end-confirm');
      await expect(desk.locator('.page')).toHaveAttribute('data-phase', 'live');
      await press(desk, 'end-confirm', 'End');
      await expect(desk.locator('.page')).toHaveAttribute('data-phase', 'ended');
      await expect(openMicrophones(desk)).toHaveCount(0);
      await expect(desk.locator('[data-list=held] tbody tr').first()).toBeVisible();
      await expect(desk.locator('[data-list=speeches] tr[data-of=qingting]').first()).toBeVisible();
      const saved = desk.waitForEvent('download');
      await press(desk, 'save-log', 'Save the log (CSV)');
      const rows = readFileSync(await (await saved).path(), 'utf8')
        .trimEnd()
        .split('\r\n');
      for (const page of [mainHall, branchHall]) {
        await expect(page.locator('html')).toHaveAttribute('data-phase', 'ended');
        await expect(page.locator('main')).toHaveAttribute('data-picture', 'slate');
      }
      for (const page of [tech, watcher]) await expect(page.locator('html')).toHaveAttribute('data-phase', 'ended');
      const log = (await (
        await fetch(`${ready.api}/log?from=1&count=500`, {
          headers: { authorization: `Bearer ${ready.tokens.director}` },
        })
      ).json()) as { events: { kind: string }[] };
      const kinds = new Set(log.events.map(({ kind }) => kind));
      console.log(`the log has ${String(log.events.length)} events of ${String(kinds.size)} kinds`);
      expect(rows).toHaveLength(log.events.length + 1);
      // Each kind has its word: none is written as the log writes it.
      for (const kind of kinds) expect(rows.filter((row) => row.split(',')[2] === kind)).toEqual([]);
      expect(await bench.interrupt()).toBe(0);
    });
    expect(done).toEqual(guide.steps);
  } finally {
    for (const context of contexts) await context.close();
    await bench.clear();
  }
});
