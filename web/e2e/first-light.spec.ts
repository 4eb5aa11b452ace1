// The thin thread in real browsers: halls with cameras of their own publish, a take is seen everywhere, a call-on opens exactly
// one microphone, and a page that is reloaded has everything again.

import { existsSync } from 'node:fs';
import { firefoxPath, launchFirefox } from './support/firefox';
import { expect, technicianPage, test } from './support/onehall';
import { runs, seesColour } from './support/pixels';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

test('a take shows the venue everywhere and the return picture in its own hall', async ({ demo, rooms }) => {
  const [main, branch] = [demo.venue(0), demo.venue(1)];
  const mainHall = await rooms.hall(main, 'red');
  const branchHall = await rooms.hall(branch, 'green');
  const tech = await rooms.page(technicianPage(branch));
  const watcher = await rooms.page(demo.ready.watch);
  await expect(branchHall.locator('html')).toHaveAttribute('data-phase', 'watching');
  await demo.act({ preview: { source: main.sources[0]?.id } });
  await demo.act({ take: {} });
  await Promise.all([branchHall, tech, watcher].map((page) => seesColour(page, 'v0', 'red')));
  await demo.act({ preview: { source: branch.sources[0]?.id } });
  await expect(tech.locator('[data-tally]')).toHaveAttribute('data-tally', 'next');
  await demo.act({ take: {} });
  await Promise.all([
    seesColour(watcher, 'v0', 'green'),
    seesColour(mainHall, 'v0', 'green'),
    seesColour(branchHall, 'v2', 'red'),
  ]);
  await expect(tech.locator('[data-tally]')).toHaveAttribute('data-tally', 'air');
  await expect(tech.locator('[data-floor]')).toHaveAttribute('data-floor', 'closed');
  await expect(branchHall.locator('html')).toHaveAttribute('data-phase', 'on-air');
  await expect(branchHall.locator('main')).toHaveAttribute('data-picture', 'v2');
  await runs(watcher, 'v0');
});

test('a call-on opens the microphone of the venue called, and its end closes it', async ({ demo, rooms }) => {
  const branch = demo.venue(1);
  const hall = await rooms.hall(branch, 'green');
  const tech = await rooms.page(technicianPage(branch));
  await expect(hall.locator('html')).toHaveAttribute('data-phase', /watching|on-air/);
  await demo.act({ call_on: { venue: branch.id } });
  await expect(tech.locator('[data-floor]')).toHaveAttribute('data-floor', 'open');
  await expect
    .poll(async () => (await demo.state())[`venue:${branch.id}`])
    .toMatchObject({ gate: 'open', report: { microphone: 'open' } });
  await demo.act({ end_call_on: {} });
  await expect(tech.locator('[data-floor]')).toHaveAttribute('data-floor', 'closed');
  await expect
    .poll(async () => (await demo.state())[`venue:${branch.id}`])
    .toMatchObject({ gate: 'closed', report: { microphone: 'closed' } });
});

test("a request to speak is raised on the technician's page and survives its reload", async ({ demo, rooms }) => {
  const tech = await rooms.page(technicianPage(demo.venue(2)));
  await expect(tech.locator('[data-act=ask]')).toBeEnabled();
  await tech.keyboard.press('s');
  await expect(tech.locator('[data-hand]')).toHaveAttribute('data-hand', '1');
  await tech.reload();
  await expect(tech.locator('[data-hand]')).toHaveAttribute('data-hand', '1');
  await tech.keyboard.press('s');
  await expect(tech.locator('[data-hand]')).toHaveCount(0);
});

test('every page has its state again after a reload, without a touch', async ({ demo, rooms }) => {
  const branch = demo.venue(1);
  await demo.act({ preview: { source: branch.sources[0]?.id } });
  await demo.act({ take: {} });
  const addresses = [
    [branch.page, 'on-air'],
    [technicianPage(branch), 'on-air'],
    [demo.ready.watch, 'live'],
  ] as const;
  const pages = await Promise.all(
    addresses.map(async ([address, phase]) => [await rooms.page(address), phase] as const),
  );
  for (const [page, phase] of pages) {
    await expect(page.locator('html')).toHaveAttribute('data-phase', phase);
    const reloaded = performance.now();
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('data-phase', phase);
    console.log(
      `${new URL(page.url()).pathname}: its state ${(performance.now() - reloaded).toFixed(0)} ms after a reload`,
    );
  }
  await demo.act({ slate: {} });
});

test('Firefox watches the programme with picture and sound', async ({ demo, rooms }) => {
  test.skip(!existsSync(firefoxPath), 'Firefox is not installed');
  await rooms.hall(demo.venue(0), 'red');
  await demo.act({ preview: { source: demo.venue(0).sources[0]?.id } });
  await demo.act({ take: {} });
  const firefox = await launchFirefox();
  try {
    const page = await firefox.newPage();
    await page.goto(demo.ready.watch);
    await page.waitForFunction(
      () => document.querySelector('video[data-slot=v0]')?.getAttribute('data-alive') === 'true',
    );
    await page.waitForFunction(
      () => document.querySelector('[data-picture]')?.getAttribute('data-picture') === 'programme',
    );
    await page.waitForFunction(() => document.querySelector('[data-sound]')?.getAttribute('data-sound') === 'on');
  } finally {
    await firefox.close();
  }
});
