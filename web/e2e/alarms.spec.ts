// What the cards of the alarms say: what happened and what is done about it, whole at every size, and nothing that is not so.

import { drawPictures } from './support/fixture-pictures';
import { deskSizes, expect, look, test } from './support/test';

test.beforeEach(async ({ page }) => {
  await drawPictures(page);
});

for (const lang of ['zh-CN', 'en'] as const) {
  test(`an alarm of each kind is read whole at every size, ${lang}`, async ({ stage, page }) => {
    await stage.open('desk', 'every-alarm', { lang });
    const cards = page.locator('[data-alarm]');
    await expect(cards).toHaveCount(14);
    for (const [width, height] of deskSizes) {
      await page.setViewportSize({ width, height });
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const wide = await cards.evaluateAll((all) =>
        all
          .flatMap((card) => [...card.querySelectorAll('header .clip-text, p.clip-text')])
          .filter((one) => one.scrollWidth > one.clientWidth)
          .map((one) => one.textContent.trim()),
      );
      expect.soft(wide, `at ${String(width)}`).toEqual([]);
      await look(page, `alarms/every-${lang}-${String(width)}`);
    }
  });
}

test('an alarm says which way a clock jumped and how far, and what is on air instead of the picture', async ({
  stage,
  page,
}) => {
  await stage.open('desk', 'every-alarm', { lang: 'en' });
  const card = (code: string) => page.locator(`[data-alarm][data-code=${code}]`);
  await expect(card('clock').locator('header')).toContainText('2 h back');
  await expect(card('no_picture').locator('p')).toContainText('slate is shown');
  // Whether its link is good is not known: nothing is promised but the floor, and until when.
  await expect(card('lost').locator('p')).toContainText(/floor kept until \d\d:\d\d:\d\d/);
  await expect(card('lost').locator('p')).not.toContainText('by itself');
});
