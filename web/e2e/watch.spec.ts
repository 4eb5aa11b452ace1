// The watcher page against canned states.

import { clipped, expect, grow, look, nextFrame, saysLost, test } from './support/test';

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

test('watcher page shows a lost link and keeps the agenda', async ({ stage }) => {
  const page = await stage.open('watch', 'lost');
  await saysLost(page);
  await expect(page.locator('[data-item=now]')).toBeVisible();
});

for (const lang of ['zh-CN', 'en'] as const) {
  test(`watcher page fits every width in ${lang}, also when words grow by 60 %`, async ({ stage, page }) => {
    await stage.open('watch', 'watching', { lang });
    for (const grown of [false, true]) {
      for (const width of [320, 768, 1280, 1920]) {
        await page.setViewportSize({ width, height: 800 });
        await nextFrame(page);
        if (grown) await grow(page);
        expect.soft(await clipped(page), `${grown ? 'grown ' : ''}at ${String(width)} px`).toEqual([]);
        if (grown) await look(page, `grown/watch-${lang}-${String(width)}`);
      }
    }
  });
}

test('a link without a token says what to do', async ({ page, fixture }) => {
  await page.goto(`${fixture.origin}/m/m1/watch`);
  await expect(page.locator('[data-error=missing]')).toBeVisible();
});
