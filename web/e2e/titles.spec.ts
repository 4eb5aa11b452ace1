// A title breaks where its meeting file breaks it, and is one line where there is room for one.

import { deskSizes, expect, nextFrame, test } from './support/test';

const broken = {
  'zh-CN': ['云州省贯彻落实年度水利工作会议精神', '全省电视电话会议', '全省电视电话会议'],
  en: ['Carrying out the annual water conference', 'Video meeting', 'Video meeting'],
} as const;

for (const lang of ['zh-CN', 'en'] as const) {
  const lines = [...broken[lang]];
  const line = lines.join(' ');

  for (const [surface, place] of [
    ['hall', 'h1'],
    ['watch', '.slate .title'],
    ['desk', '[data-slot=programme] .over'],
  ] as const) {
    test(`the slate of ${surface} breaks a title twice in ${lang}`, async ({ stage }) => {
      const page = await stage.open(surface, 'broken', { lang });
      const spans = page.locator(`${place} span`);
      await expect(spans).toHaveText(lines);
      const boxes = await Promise.all([0, 1, 2].map((at) => spans.nth(at).boundingBox()));
      // Each begins below the one before.
      for (const at of [1, 2]) expect(boxes[at]?.y).toBeGreaterThan(boxes[at - 1]?.y ?? Infinity);
      for (const at of [0, 1, 2]) await expect(spans.nth(at)).toBeInViewport({ ratio: 1 });
    });
  }

  for (const [surface, place] of [
    ['desk', 'header h1'],
    ['watch', 'h1'],
    ['tech', 'header h1'],
  ] as const) {
    test(`${surface} says a title of three lines in one in ${lang}`, async ({ stage }) => {
      const page = await stage.open(surface, 'broken', { lang });
      // Not `toHaveText`, which takes a line break for a space.
      expect(await page.locator(place).first().textContent()).toBe(line);
      const title = await page.title();
      expect(title).not.toContain('\n');
      if (surface !== 'tech') expect(title).toContain(line);
    });
  }
}

for (const lang of ['zh-CN', 'en'] as const) {
  test(`a title of 120 characters is whole on the desk's slate at every size in ${lang}`, async ({ stage, page }) => {
    await stage.open('desk', 'slate-long', { lang });
    const over = page.locator('[data-slot=programme] .over');
    await expect(over).toBeVisible();
    for (const [width, height] of deskSizes) {
      await page.setViewportSize({ width, height });
      await nextFrame(page);
      const hidden = await over.evaluate((box) => box.scrollHeight - box.clientHeight);
      expect.soft(hidden, `at ${String(width)} px`).toBeLessThanOrEqual(0);
    }
  });
}
