// The desk after the end: what was held, and the log to save.

import { readFileSync } from 'node:fs';
import { axe, clipped, deskSizes, expect, look, test } from './support/test';

for (const lang of ['zh-CN', 'en'] as const) {
  test(`after the end the desk says so and nothing looks alive in ${lang}`, async ({ stage }) => {
    const page = await stage.open('desk', 'ended', { lang });
    await expect(page).toHaveTitle(lang === 'en' ? /^Ended · / : /^已结束 · /);
    await expect(page.locator('.summary')).toBeVisible();
    for (const gone of ['[data-act=take]', '[data-act=slate]', '[data-act=give]', '.mon', '.tiles'])
      await expect(page.locator(gone)).toHaveCount(0);
    const said = await page.locator('body').innerText();
    expect(said).not.toMatch(/Press a venue|点会场或按/);
  });
}

test('items stand as they were held, one come back to twice, and who spoke by person and venue', async ({ stage }) => {
  const page = await stage.open('desk', 'ended', { lang: 'en' });
  const items = page.locator('[data-list=held] tbody tr');
  await expect(items).toHaveCount(4);
  await expect(items.nth(3)).toHaveAttribute('data-turn', '2');
  await expect(items.nth(3)).toContainText('2 Annual report');
  await expect(items.nth(0)).toContainText('6:00');
  await expect(items.nth(0)).toContainText('5 min');
  const speeches = page.locator('[data-list=speeches] tbody tr');
  await expect(speeches).toHaveCount(4);
  await expect(speeches.nth(0)).toContainText('Jiang');
  await expect(speeches.nth(0)).toContainText('3 Case reports');
  await expect(speeches.nth(0)).toContainText('6:52');
  // A person whom the directory does not tell has the id.
  await expect(speeches.nth(3)).toContainText('p77');
  // The total of the venue that spoke twice.
  await expect(page.locator('[data-list=spoken] tr[data-of=v002]')).toContainText('8:57');
  await expect(page.locator('.summary dl')).toContainText('24 of 25');
});

test('where nobody was called the lists say so', async ({ stage }) => {
  const page = await stage.open('desk', 'ended-quiet', { lang: 'en' });
  await expect(page.locator('[data-list=speeches]')).toContainText('Nobody was called on.');
  await expect(page.locator('[data-list=spoken]')).toContainText('No venue was called on.');
});

test('after the end a venue is looked at, and no command is sent', async ({ stage, page }) => {
  const acts: string[] = [];
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      if (payload.toString().startsWith('{"k":"cmd"')) acts.push(payload.toString());
    });
  });
  await stage.open('desk', 'ended');
  await page.locator('[data-cell="v:v005"]').click();
  await expect(page.locator('[data-card-venue=v005]')).toBeVisible();
  await page.keyboard.press('1');
  await page.keyboard.press('Space');
  await expect(page.locator('[data-remark]')).toBeVisible();
  expect(acts).toEqual([]);
});

test('the log is saved as one table, read page by page to its end', async ({ stage }) => {
  const page = await stage.open('desk', 'ended', { lang: 'en' });
  const saved = page.waitForEvent('download');
  await page.locator('[data-act=save-log]').click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^m1-\d{4}-\d\d-\d\d\.csv$/);
  const text = readFileSync(await file.path(), 'utf8');
  expect(text.startsWith('\ufeffTime,No.,What,By,')).toBe(true);
  const rows = text.trimEnd().split('\r\n');
  expect(rows).toHaveLength(8);
  expect(rows[6]).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}[+-]\d\d:\d\d,6,Call-on began,Director,Dongqiao,Jiang/);
  expect(rows[6]).toContain('limit 3:00');
  await expect(page.locator('[data-saving=saved]')).toContainText('7 events');
});

for (const [code, status, said] of [
  // The desk goes by the code; of an answer of 403 the test of pages makes a fault.
  ['wrong_role', 409, /may not read the log/],
  ['not_open', 503, /not_open/],
  ['', 0, /does not answer/],
] as const) {
  test(`a log that does not come is said in words: ${code || 'no answer'}`, async ({ stage, page }) => {
    await page.route('**/log?*', (route) =>
      code === '' ? route.abort() : route.fulfill({ status, json: { error: code, detail: '' } }),
    );
    await stage.open('desk', 'ended', { lang: 'en' });
    await page.locator('[data-act=save-log]').click();
    await expect(page.locator('[data-saving=failed]')).toContainText(said);
    // It may be tried again at once.
    await page.unroute('**/log?*');
    const saved = page.waitForEvent('download');
    await page.locator('[data-act=save-log]').click();
    await saved;
  });
}

for (const lang of ['zh-CN', 'en'] as const) {
  for (const scenario of ['ended', 'ended-quiet', 'ended-long']) {
    test(`the summary of ${scenario} fits every size in ${lang}, and axe finds nothing`, async ({ stage, page }) => {
      await stage.open('desk', scenario, { lang });
      for (const [width, height] of deskSizes) {
        await page.setViewportSize({ width, height });
        await expect(page.locator('[data-list=held]')).toBeInViewport({ ratio: 1 });
        const at = `at ${String(width)} px`;
        expect.soft(await clipped(page), at).toEqual([]);
        expect.soft(await axe(page), at).toEqual([]);
        await look(page, `summary/${scenario}-${lang}-${String(width)}`);
      }
    });
  }
}

test('a summary that is full says so, and one that is not says nothing of it', async ({ stage }) => {
  const full = await stage.open('desk', 'ended-full', { lang: 'en' });
  await expect(full.locator('[data-full]')).toContainText('2,000 speeches');
  expect(await clipped(full)).toEqual([]);
  const whole = await stage.open('desk', 'ended-long', { lang: 'en' });
  await expect(whole.locator('[data-list=held]')).toBeVisible();
  await expect(whole.locator('[data-full]')).toHaveCount(0);
});
