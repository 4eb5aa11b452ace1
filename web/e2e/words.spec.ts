// Words come over the net, and a net fails.

import { expect, test } from './support/test';
import { pagePath } from './support/fixture/server.mjs';

test('a page without words shows none of its ids, tries by itself, and opens in the language asked for', async ({
  page,
  fixture,
}) => {
  let down = true;
  await page.route('**/*.ftl', (route) => (down ? route.abort() : route.continue()));
  await page.goto(fixture.origin + pagePath('hall', 'waiting').replace('#', '?lang=en#'));
  await expect(page.locator('html')).toHaveAttribute('data-words', 'missing');
  await expect(page.locator('#app')).toBeEmpty();
  down = false;
  await expect(page.getByText('Yunzhou Province annual water conference').first()).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.locator('html')).not.toHaveAttribute('data-words', /./);
});

test('a page whose language does not come opens in the other one, and comes to its own by itself', async ({
  page,
  fixture,
}) => {
  let down = true;
  await page.clock.install();
  await page.route(/\/technician-[^/]*\.ftl$/, async (route) => {
    const text = await (await route.fetch()).text();
    return down && text.includes('Ask to speak') ? route.abort() : route.continue();
  });
  await page.goto(fixture.origin + pagePath('tech', 'watching').replace('#', '?lang=en#'));
  await expect(async () => {
    await page.clock.runFor(2000);
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN', { timeout: 100 });
  }).toPass();
  await expect(page.getByRole('main')).toBeVisible();
  down = false;
  await page.clock.runFor(11_000);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

test('a language that cannot be fetched leaves the page at work in its own, and says so', async ({ stage }) => {
  const page = await stage.open('tech', 'watching');
  await page.context().setOffline(true);
  await page.locator('[data-act=language-en]').click();
  await expect(page.getByText('暂时无法取得另一种语言')).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await page.context().setOffline(false);
  await page.locator('[data-act=language-en]').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByText('暂时无法取得另一种语言')).toBeHidden();
  await page.context().setOffline(true);
  // What came once stays.
  await page.locator('[data-act=language-zh-CN]').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
});
