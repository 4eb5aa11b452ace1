// The first minute of a prepared meeting by mouse and keys, as the review of use ended one for good with the space bar.

import { Bench } from './support/bench';
import { serveFirstMeeting } from './support/guide';
import { readLog } from './support/log';
import { DeskHands, expect, test } from './support/review';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

test('U1: after the start Space is TAKE, and no press of it leads to the end', async ({ rooms }) => {
  const bench = new Bench();
  try {
    const ready = await serveFirstMeeting(bench);
    const [main] = ready.venues;
    if (!main) throw new Error('no main venue');
    await rooms.hall(main, 'blue');
    const desk = new DeskHands(await rooms.page(ready.desk));
    const { page } = desk;
    const ask = async (act: 'start' | 'end'): Promise<void> => {
      await desk.act(act).hover();
      await page.mouse.down();
      await expect(desk.act(`${act}-confirm`)).toBeVisible();
      await page.mouse.up();
    };
    const ends = async (): Promise<number> =>
      (await readLog(ready)).events.filter(({ kind }) => kind === 'ended').length;

    await expect(desk.chip(main)).toHaveAttribute('data-state', 'ok');
    await page.keyboard.press('1');
    await expect(desk.next).toHaveAttribute('data-source', 'main.1');
    await ask('start');
    await desk.act('start-confirm').click();
    await expect(page.locator('.page')).toHaveAttribute('data-phase', 'live');
    await desk.ready('main.1');
    await page.keyboard.press('Space');
    await expect(desk.air).toHaveAttribute('data-source', 'main.1');

    // The question of the end has its focus on Cancel: Space is No, as Escape is, and nothing of either is left.
    for (const key of ['Space', 'Escape', 'Enter']) {
      await ask('end');
      await expect(desk.act('start-cancel'), key).toBeFocused();
      await page.keyboard.press(key);
      await expect(desk.act('end-confirm'), key).toHaveCount(0);
      expect(await page.evaluate(() => document.activeElement?.tagName), key).toBe('BODY');
    }
    // A press of the mouse on the button that asks, not held, leaves nothing to Space either.
    await desk.act('end').click();
    await page.keyboard.press('Space');
    await expect(desk.remark).toHaveAttribute('data-code', /\S/);
    await expect(desk.act('end-confirm')).toHaveCount(0);
    expect(await ends()).toBe(0);
    await expect(page.locator('.page')).toHaveAttribute('data-phase', 'live');
  } finally {
    await bench.clear();
  }
});
