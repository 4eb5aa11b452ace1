// What the desk says is true: times with their date, marks of what was held, alarms in their order, and that all of it fits.

import type { Page } from '@playwright/test';
import { overlaps } from './support/boxes';
import { axe, clipped, cut, deskSizes, expect, look, test } from './support/test';

test.use({ viewport: { width: 1920, height: 1080 } });

const current = (page: Page) => page.locator('[aria-current=step]');

test('what lies over something is found', async ({ stage }) => {
  const page = await stage.open('desk', 'call');
  expect(await overlaps(page)).toEqual([]);
  await page.locator('[data-act=take]').evaluate((take) => {
    take.style.minBlockSize = '420px';
  });
  expect((await overlaps(page)).length).toBeGreaterThan(0);
});

for (const lang of ['zh-CN', 'en'] as const) {
  test(`who else has a desk open, and who has seen to an alarm, is said in ${lang} at every size`, async ({
    stage,
  }) => {
    const page = await stage.open('desk', 'two-desks', { lang });
    for (const [width, height] of deskSizes) {
      await page.setViewportSize({ width, height });
      const others = page.locator('[data-desks="2"]');
      await expect(others).toContainText(lang === 'en' ? 'the director since' : '导播');
      await expect(page.locator('[data-acknowledged=chair] .done')).toHaveAttribute(
        'title',
        lang === 'en' ? /the chair/ : /主席/,
      );
      expect(await clipped(page), String(width)).toEqual([]);
      expect(await cut(page), String(width)).toEqual([]);
      expect(await overlaps(page), String(width)).toEqual([]);
      await look(page, `desks/${lang}-${String(width)}`);
    }
    expect(await axe(page)).toEqual([]);
  });
}

test('a slate on air is said in words for as long as it lasts, whatever its line carries', async ({ stage }) => {
  const page = await stage.open('desk', 'slate');
  const air = page.locator('[data-slot=programme].mon');
  await expect(air.locator('.noimg')).toBeVisible();
  await expect(air.locator('video')).toHaveCount(0);
});

for (const lang of ['zh-CN', 'en'] as const) {
  test(`a meeting in 102 days is said with its date in ${lang}, and in days`, async ({ stage }) => {
    const page = await stage.open('desk', 'far', { lang });
    const said = page.locator('.now');
    await expect(said).toContainText(lang === 'en' ? '102 days' : '102 天');
    await expect(said).toContainText(lang === 'en' ? /[A-Z][a-z]+ \d+/ : /\d+月\d+日/);
    await expect(said).not.toContainText(/\d{3,}:\d\d/);
  });
}

test('a row of the rundown makes its item the current one, and Shift with the button goes back', async ({ stage }) => {
  const page = await stage.open('desk', 'watching');
  const button = page.locator('[data-act=next-item]');
  await expect(current(page)).toHaveAttribute('data-item-id', 'i3');
  await button.click();
  await expect(current(page)).toHaveAttribute('data-item-id', 'i4');
  await button.click({ modifiers: ['Shift'] });
  await expect(current(page)).toHaveAttribute('data-item-id', 'i3');
  await expect(page.locator('[data-item-id=i4]')).toHaveAttribute('data-item', 'done');
  await page.locator('[data-item-id=i6] [data-act=item]').click();
  await expect(current(page)).toHaveAttribute('data-item-id', 'i6');
  await expect(page.locator('[data-item-id=i5]')).toHaveAttribute('data-item', 'next');
  await expect(button).toHaveAttribute('data-goes', '');
  await page.keyboard.down('Shift');
  await expect(button).toHaveAttribute('data-goes', 'i5');
  await page.keyboard.up('Shift');
  await expect(button).toHaveAttribute('data-goes', '');
});

test('after the end a mark stands at what was held alone, and nothing invites to go on', async ({ stage }) => {
  const page = await stage.open('desk', 'ended');
  await expect(page.locator('[data-item-id]')).toHaveCount(6);
  await expect(page).toHaveTitle(/^已结束 · /);
  await expect(page.locator('[data-item=done]')).toHaveCount(3);
  await expect(page.locator('[data-item=now]')).toHaveCount(0);
  for (const act of ['next-item', 'item']) await expect(page.locator(`[data-act=${act}]`).first()).toBeDisabled();
});

test('a call-on has the limit of its card, else that of the item, and names whom the item names', async ({
  stage,
  page,
}) => {
  for (const [venue, choice, limit, name] of [
    ['v005', '3', '03:00', '青汀'],
    ['v005', 'none', '', '青汀'],
    ['v002', 'item', '10:00', '江予安'],
  ] as const) {
    await stage.open('desk', 'watching');
    await page.locator(`[data-cell="v:${venue}"]`).click();
    const card = page.locator(`[data-card-venue=${venue}]`);
    await expect(card.locator('[data-act=limit]')).toHaveValue('item');
    await card.locator('[data-act=limit]').selectOption(choice);
    await card.locator('[data-act=call-on]').click();
    const now = page.locator('.now');
    await expect(now).toHaveAttribute('data-call', venue);
    await expect(now).toContainText(name);
    await expect(now.locator('.bar')).toHaveCount(limit === '' ? 0 : 1);
    if (limit !== '') await expect(now).toContainText(`/ ${limit}`);
    // Who speaks has nothing to be chosen, and the choice held for that one speech.
    await expect(card.locator('[data-act=limit]')).toHaveCount(0);
    await page.locator('[data-act=end-call-on]').click();
    await expect(card.locator('[data-act=limit]')).toHaveValue('item');
  }
});

test('the parts of a card over 131 venues cover none another', async ({ stage, page }) => {
  for (const [width, height] of deskSizes) {
    await page.setViewportSize({ width, height });
    for (const lang of ['zh-CN', 'en'] as const) {
      await stage.open('desk', 'bad', { lang, branches: 131 });
      for (const venue of ['v000', 'v010']) {
        await page.locator(`[data-cell="v:${venue}"]`).click();
        const card = page.locator(`[data-card-venue=${venue}]`);
        await expect(card).toBeVisible();
        const cut = await card.evaluate((all) => {
          const { right, bottom } = all.getBoundingClientRect();
          return [...all.querySelectorAll('button, select, a, dd, .name, .badge')]
            .map((one) => ({ name: one.textContent, at: one.getBoundingClientRect() }))
            .filter(({ at }) => at.right > right || at.bottom > bottom)
            .map(({ name }) => name);
        });
        expect(cut, `${String(width)} ${lang} ${venue}`).toEqual([]);
      }
    }
  }
});

test('the last minute of a speech is told by a shape and a word', async ({ stage }) => {
  const page = await stage.open('desk', 'last-minute');
  const timer = page.locator('.now [data-timer]');
  await expect(timer).toHaveAttribute('data-timer', 'near');
  await expect(timer.locator('.i')).toBeVisible();
  await expect(timer).toContainText('最后一分钟');
  await expect(page.locator('.since[data-timer=warn] .i')).toBeVisible();
});

test('alarms put the main venue first, name what most of them share, and say how many more there are', async ({
  stage,
  page,
}) => {
  for (const [width, height] of [
    [1366, 768],
    [1920, 1080],
  ] as const) {
    await page.setViewportSize({ width, height });
    await stage.open('desk', 'many-lost', { branches: 131 });
    const cards = page.locator('[data-alarm]');
    await expect(cards).toHaveCount(10);
    await expect(cards.nth(0)).toHaveAttribute('data-alarm', 'b9');
    await expect(cards.nth(1)).toContainText('132 个会场中 131 个');
    const more = page.locator('p.more[data-below]');
    await expect(more).toBeVisible();
    const below = Number(await more.getAttribute('data-below'));
    const seen = await cards.evaluateAll((all) => {
      const list = all[0]?.parentElement?.getBoundingClientRect();
      return all.filter((one) => one.getBoundingClientRect().bottom <= (list?.bottom ?? 0) + 1).length;
    });
    expect(below).toBe(10 - seen);
    const list = page.locator('.als');
    await list.evaluate((all) => all.scrollTo({ top: all.scrollHeight }));
    await expect(more).toHaveAttribute('data-below', '0');
  }
});

test('a filtered wall says how much of it is shown, and shows all again', async ({ stage }) => {
  const page = await stage.open('desk', 'bad');
  await page.locator('[data-act=filter-absent]').click();
  await page.locator('[data-act=wall-unfilter]').click();
  await expect(page.locator('[data-act=wall-unfilter]')).toHaveCount(0);
  await expect(page.locator('[data-cell^="v:"]:visible')).toHaveCount(25);
});

for (const [width, height] of [
  [960, 540],
  [1024, 768],
  [1279, 600],
] as const) {
  test(`a window of ${String(width)} by ${String(height)} scrolls the desk whole, and nothing lies over anything`, async ({
    stage,
    page,
  }) => {
    await page.setViewportSize({ width, height });
    for (const scenario of ['call', 'bad']) {
      await stage.open('desk', scenario);
      await expect(page.locator('[data-cell]').first()).toBeVisible();
      expect(await overlaps(page), scenario).toEqual([]);
      const ends = await page.evaluate(() => ({
        rail: document.querySelector('.rail')?.getBoundingClientRect().right ?? 0,
        page: document.querySelector('.page')?.getBoundingClientRect().right ?? 0,
        scrolls: document.documentElement.scrollWidth,
      }));
      expect(ends.rail).toBeLessThanOrEqual(ends.page);
      expect(ends.page - ends.rail).toBeLessThanOrEqual(12);
      expect(ends.scrolls).toBe(1280);
    }
  });
}

for (const lang of ['zh-CN', 'en'] as const) {
  for (const [width, height] of deskSizes) {
    test(`names and titles of 120 characters fit ${String(width)} px in ${lang}`, async ({ stage, page }) => {
      await page.setViewportSize({ width, height });
      await stage.open('desk', 'long', { lang });
      await expect(page.locator('[data-cell]').first()).toBeVisible();
      expect(await overlaps(page)).toEqual([]);
      expect(await clipped(page)).toEqual([]);
      expect(await cut(page)).toEqual([]);
      await page.locator('[data-cell="v:v005"]').click();
      await expect(page.locator('[data-card-venue=v005]')).toBeVisible();
      expect(await overlaps(page)).toEqual([]);
      expect(await axe(page)).toEqual([]);
    });
  }
}
