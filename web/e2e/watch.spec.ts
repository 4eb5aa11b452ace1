// The watcher page against canned states.

import { axe, clipped, expect, grow, test } from './support/test';

for (const [scenario, phase] of [
  ['waiting', 'waiting'],
  ['watching', 'live'],
  ['slate', 'live'],
  ['ended', 'ended'],
] as const) {
  test(`watcher page is ${phase} when ${scenario}`, async ({ stage }) => {
    const page = await stage.open('watch', scenario);
    await expect(page.locator('html')).toHaveAttribute('data-phase', phase);
    await expect(page.locator('video[data-slot=v0]')).toHaveCount(1);
  });
}

test('watcher page shows a lost link within three seconds and keeps the agenda', async ({ stage }) => {
  const page = await stage.open('watch', 'lost');
  await expect(page.locator('[data-state=lost]')).toBeVisible({ timeout: 3500 });
  await expect(page.locator('[data-item=now]')).toBeVisible();
});

for (const lang of ['zh-CN', 'en'] as const) {
  for (const width of [320, 768, 1280, 1920]) {
    test(`watcher page fits ${String(width)} px in ${lang}`, async ({ stage, page }) => {
      await page.setViewportSize({ width, height: 800 });
      await stage.open('watch', 'watching', { lang });
      expect(await clipped(page)).toEqual([]);
    });
  }
  test(`axe finds nothing on the watcher page in ${lang}`, async ({ stage }) => {
    for (const scenario of ['waiting', 'watching', 'lost', 'ended']) {
      const page = await stage.open('watch', scenario, { lang });
      if (scenario === 'lost') await expect(page.locator('[data-state=lost]')).toBeVisible({ timeout: 4000 });
      expect(await axe(page), scenario).toEqual([]);
    }
  });
}

test('a link without a token says what to do', async ({ page, fixture }) => {
  await page.goto(`${fixture.origin}/m/m1/watch`);
  await expect(page.locator('[data-error=missing]')).toBeVisible();
});

for (const lang of ['zh-CN', 'en'] as const) {
  for (const width of [320, 768, 1280, 1920]) {
    test(`watcher page lets words grow by 60 % at ${String(width)} px in ${lang}`, async ({ stage, page }) => {
      await page.setViewportSize({ width, height: 800 });
      await stage.open('watch', 'watching', { lang });
      await grow(page);
      expect(await clipped(page)).toEqual([]);
      await page.screenshot({ path: `test-results/grown/watch-${lang}-${String(width)}.png` });
    });
  }
}
