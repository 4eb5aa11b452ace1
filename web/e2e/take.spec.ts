// TAKE, pressed on the desk, is timed by decoded frames on every page that is to show it: watcher, desk, and each hall that is not
// on air. Tally is right on every page, and no microphone moves.

import type { Page } from '@playwright/test';
import { expect, technicianPage, test, type Colour } from './support/onehall';
import { seesColour } from './support/pixels';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

const TAKES = 20;
/** Twice what the product is to reach, 250 ms: browsers share two cores with the server here. Held by the median of all screens; each
 * screen's median and 95th percentile are told, since five pages in three browsers on two cores decide it as much as the server does. */
const LIMIT_MS = 500;

const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;
const floors = async (desk: Page): Promise<(string | null)[]> => desk.locator('[data-venue][data-floor=open]').evaluateAll((chips) => chips.map((chip) => chip.getAttribute('data-venue')));

test('twenty takes are on every screen in time, with the right tally and no microphone moved', async ({ demo, rooms }) => {
  test.setTimeout(240_000);
  const [red, green] = [demo.venue(1), demo.venue(2)];
  const halls = { red: await rooms.hall(red, 'red'), green: await rooms.hall(green, 'green') };
  const tech = await rooms.page(technicianPage(red));
  const watcher = await rooms.page(demo.ready.watch);
  const desk = await rooms.page(demo.ready.desk);
  for (const venue of [red, green]) {
    await expect.poll(async () => (await demo.state())[`venue:${venue.id}`], { timeout: 20_000 }).toMatchObject({ state: 'ok' });
  }
  // The page notes when a key goes down; the press itself comes from outside, as a finger's does.
  await desk.evaluate(() => {
    addEventListener('keydown', () => { Object.assign(window, { pressed: performance.timeOrigin + performance.now() }); }, { capture: true });
  });
  const keys = { red: '3', green: '4' } as const; // The favourites are the first nine sources by rank: two of the main venue, then these.
  const before = await floors(desk);
  const delays: Record<'watcher' | 'desk' | 'hall', number[]> = { watcher: [], desk: [], hall: [] };

  for (let n = 0; n <= TAKES; n++) {
    const [next, other]: [Colour & keyof typeof keys, Colour & keyof typeof keys] = n % 2 === 0 ? ['red', 'green'] : ['green', 'red'];
    const venue = next === 'red' ? red : green;
    await desk.keyboard.press(keys[next]);
    await expect(desk.locator(`[data-venue="${venue.id}"]`).first()).toHaveAttribute('data-tally', 'next');
    await expect(desk.locator('[data-act=take]')).not.toHaveAttribute('aria-disabled', 'true', { timeout: 15_000 });
    // A director looks at the preview before the press.
    await seesColour(desk, 'v2', next);
    const seen = [seesColour(watcher, 'v0', next), seesColour(desk, 'v0', next), seesColour(halls[other], 'v0', next)] as const;
    await desk.keyboard.press('Control+Enter');
    const [onWatcher, onDesk, inHall] = await Promise.all(seen);
    const pressed = await desk.evaluate(() => (window as unknown as { pressed: number }).pressed);
    await expect(desk.locator(`[data-venue="${venue.id}"]`).first()).toHaveAttribute('data-tally', 'air');
    await expect(desk.locator('[data-venue][data-tally=air]:not([data-source])')).toHaveCount(1);
    if (next === 'red') await expect(tech.locator('[data-tally]').first()).toHaveAttribute('data-tally', 'air');
    else await expect(tech.locator('[data-tally=air]')).toHaveCount(0);
    // The hall on air sees its return picture, never itself (R6).
    await expect(halls[next].locator('main')).toHaveAttribute('data-picture', /^(v2|slate)$/);
    // The first take comes from the slate and warms every decoder.
    if (n === 0) continue;
    delays.watcher.push(onWatcher - pressed);
    delays.desk.push(onDesk - pressed);
    delays.hall.push(inHall - pressed);
  }
  expect(await floors(desk)).toEqual(before);
  for (const [screen, times] of Object.entries(delays)) {
    const sorted = [...times].sort((a, b) => a - b);
    console.log(`TAKE to picture on ${screen}: p50 ${at(sorted, 0.5).toFixed(0)} ms, p95 ${at(sorted, 0.95).toFixed(0)} ms of ${String(sorted.length)}`);
    expect(sorted).toHaveLength(TAKES);
  }
  const all = Object.values(delays).flat().sort((a, b) => a - b);
  expect(at(all, 0.5)).toBeLessThan(LIMIT_MS);
});
