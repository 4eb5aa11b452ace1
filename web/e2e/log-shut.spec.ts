// The log of the meeting cannot be written: what a desk and a venue offer meanwhile, and what they say. Closing is all that works (R16, R17).

import { drawPictures } from './support/fixture-pictures';
import { overlaps } from './support/boxes';
import { hold } from './support/hands';
import { axe, clipped, cut, deskSizes, expect, sentFrames, test } from './support/test';

const languages = ['zh-CN', 'en'] as const;

/** What must say why it is not offered. */
const barred = [
  '[data-card-venue=v005] [data-act=call-on]',
  '[data-card-venue=v005] [data-act=open-floor]',
  '[data-act=take]',
  '[data-act=main]',
  '[data-act=favourite-1]',
  '[data-act=queue-call-on]',
  '[data-act=queue-load]',
  '[data-act=give]',
  '[data-act=drop]',
  '[data-act=next-item]',
];

test.use({ viewport: { width: 1920, height: 1080 } });
test.beforeEach(async ({ page }) => {
  await drawPictures(page);
});

for (const lang of languages) {
  test(`the desk says why, since when, what works and what does not, at every size, ${lang}`, async ({
    stage,
    page,
  }) => {
    await stage.open('desk', 'log-shut', { lang, branches: 131 });
    const card = page.locator('[data-alarm][data-code=log]');
    for (const [width, height] of deskSizes) {
      await page.setViewportSize({ width, height });
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const at = `at ${String(width)} px`;
      expect.soft(await clipped(page), at).toEqual([]);
      expect.soft(await cut(page), at).toEqual([]);
      expect.soft(await overlaps(page), at).toEqual([]);
      for (const part of ['header', 'p', 'dl', 'footer [data-act=acknowledge]', 'footer .tel'])
        await expect.soft(card.locator(part).first(), `${part} ${at}`).toBeInViewport({ ratio: 0.95 });
      await page.screenshot({ path: `test-results/fit/desk-log-shut-${lang}-${String(width)}.png` });
    }
    await expect(card).toHaveAttribute('data-cause', 'disk_full');
    await expect(card.locator('dd')).toHaveText([/\S/, /\S/, /\S/]);
    await expect(page.locator('.top [data-log=shut]')).toHaveText(/\d\d:\d\d:\d\d/);
    expect(await axe(page)).toEqual([]);
  });
}

test('what does not close is not offered, says why by pointer and by key, and is never sent', async ({
  stage,
  page,
}) => {
  const sent = sentFrames(page);
  await stage.open('desk', 'log-shut', { lang: 'en' });
  await page.locator('[data-cell="v:v005"]').click();
  const remark = page.locator('.remark');
  await expect(remark).toHaveAttribute('data-code', 'log_shut');
  for (const control of barred) {
    const button = page.locator(control).first();
    await expect(button, control).toHaveAttribute('aria-disabled', 'true');
    await page.locator('[data-act=dismiss]').click();
    await expect(remark, control).not.toHaveAttribute('data-code', /./);
    if (control === '[data-act=take]') await page.keyboard.press('Space');
    else await button.click({ force: true });
    await expect(remark, control).toHaveAttribute('data-code', 'log_shut');
  }
  await expect(page.locator('[data-act=take]')).toHaveAttribute('data-bar', 'log_shut');
  await expect(page.locator('[data-act=take]')).toContainText('cannot be written');
  for (const key of ['h', '1', 'n', 'Enter']) {
    await page.locator('[data-act=dismiss]').click();
    await page.keyboard.press(key);
    await expect(remark, key).toHaveAttribute('data-code', 'log_shut');
  }
  expect(sent.filter(({ k }) => k === 'cmd')).toEqual([]);
});

test('what closes is done at once, with the last tick its user saw, and is told as not in the log yet', async ({
  stage,
  page,
}) => {
  const sent = sentFrames(page);
  const tick = page
    .waitForEvent('websocket')
    .then((socket) => socket.waitForEvent('framereceived', ({ payload }) => payload.toString().includes('"tick"')));
  await stage.open('desk', 'log-shut', { lang: 'en' });
  await tick;
  const unlogged = page.locator('.log > .panel [data-unlogged]');
  await expect(unlogged).toHaveCount(1);
  await expect(page.locator('.log > .panel [data-log=shut]')).toContainText('stopped at');
  await expect(page.locator('[data-cell="v:v003"]')).toHaveAttribute('data-withheld', 'true');
  await expect(page.locator('[data-cell="v:v002"]')).toHaveAttribute('data-floor', 'open');
  await page.locator('[data-act=end-call-on]').click();
  const remark = page.locator('.remark');
  await expect(remark).toHaveAttribute('data-remark', 'closed_unlogged');
  await expect(remark).toContainText('not yet in the log');
  await expect(page.locator('[data-cell="v:v002"]')).toHaveAttribute('data-floor', 'closed');
  await expect(unlogged).toHaveCount(2);
  await page.locator('[data-cell="v:v002"]').click();
  await expect(page.locator('[data-card-venue=v002]')).toContainText('closed, not yet in the log');
  await expect(page.locator('[data-withheld="2"]')).toContainText('not in the log yet');

  const slate = page.locator('[data-act=slate]');
  await expect(slate).toContainText('no way back yet');
  await hold(page, 'b', slate, ['data-holding', 'true']);
  await slate.hover();
  await page.mouse.down();
  await expect(page.locator('[data-slot=programme].mon')).toHaveAttribute('data-source', '');
  await page.mouse.up();
  const commands = sent.filter(({ k }) => k === 'cmd');
  expect(commands.map((frame) => Object.keys(frame['do'] as object))).toEqual([['end_call_on'], ['slate']]);
  expect(commands.map(({ seen }) => typeof seen)).toEqual(['number', 'number']);
});

test('End says before that the meeting goes on, and after that it must be pressed again', async ({ stage, page }) => {
  await stage.open('desk', 'log-shut', { lang: 'en' });
  await page.locator('[data-act=end]').hover();
  await page.mouse.down();
  await expect(page.locator('[role=alertdialog]')).toContainText('Ends only when pressed again');
  await page.mouse.up();
  for (const [width, height] of deskSizes) {
    await page.setViewportSize({ width, height });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    expect.soft(await cut(page), `at ${String(width)} px`).toEqual([]);
    await page.screenshot({ path: `test-results/fit/desk-log-shut-end-${String(width)}.png` });
  }
  await page.locator('[data-act=end-confirm]').click();
  await expect(page.locator('.remark')).toContainText('goes on until End is pressed again');
  await expect(page.locator('.page')).toHaveAttribute('data-phase', 'live');
});

for (const lang of languages) {
  test(`a technician is told that nobody can ask, and that the microphone is closed, ${lang}`, async ({
    stage,
    page,
  }) => {
    const sent = sentFrames(page);
    await stage.open('tech', 'log-fenced', { lang });
    await expect(page.locator('[data-act=ask]')).toBeDisabled();
    await expect(page.locator('.ask [data-log=shut]')).toHaveText(/\S/);
    await expect(page.locator('.mic')).toHaveAttribute('data-withheld', 'true');
    await expect(page.locator('.mic')).toContainText(lang === 'en' ? 'not yet in the log' : '尚未记入日志');
    await expect(page.locator('[data-unlogged]')).toHaveCount(1);
    await page.keyboard.press('s');
    for (const width of [390, 1366, 1920]) {
      await page.setViewportSize({ width, height: width < 600 ? 844 : 768 });
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      expect.soft(await clipped(page), `at ${String(width)} px`).toEqual([]);
      expect.soft(await cut(page), `at ${String(width)} px`).toEqual([]);
    }
    expect(await axe(page)).toEqual([]);
    expect(sent.filter(({ k }) => k === 'cmd')).toEqual([]);
  });
}

test('hall and watcher show nothing of it', async ({ stage }) => {
  for (const surface of ['hall', 'watch'] as const) {
    const page = await stage.open(surface, 'log-fenced', { lang: 'en' });
    await expect(page.locator('body')).not.toContainText(/\blog\b/i);
  }
});
