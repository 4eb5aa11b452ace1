// A page that the server does not let in says why: one whose link is good for nothing any more, and one that only has to wait.

import type { Page } from '@playwright/test';
import { drawPictures } from './support/fixture-pictures';
import { axe, clipped, cut, expect, look, test, type Surface } from './support/test';
import { pagePath } from './support/fixture/server.mjs';

const gone = { 'zh-CN': '不在本会议', en: 'no longer in the meeting' };
const surfaces: readonly Surface[] = ['desk', 'tech', 'watch', 'hall'];
const languages = ['zh-CN', 'en'] as const;
const sizes = [
  [1920, 1080],
  [1366, 768],
] as const;

/** What is said, by language and code. */
const said = {
  'zh-CN': { bad_token: '不接受该链接', expired: '链接已过期', not_open: '会议暂时打不开', full: '名额已满' },
  en: {
    bad_token: 'does not accept this link',
    expired: 'link has expired',
    not_open: 'cannot be opened now',
    full: 'no place left',
  },
};

test.beforeEach(async ({ page }) => {
  await drawPictures(page);
});
test.afterEach(({ fixture }) => {
  fixture.turnAway();
});

/** Tries now, as when the network comes back. */
async function kick(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
}

async function fits(page: Page, name: string): Promise<void> {
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    expect.soft(await clipped(page), `${name} at ${String(width)}`).toEqual([]);
    expect.soft(await cut(page), `${name} at ${String(width)}`).toEqual([]);
    await look(page, `turned-away/${name}-${String(width)}`);
  }
}

for (const lang of languages) {
  test(`a technician whose venue has left the meeting is told so, and offered nothing, ${lang}`, async ({
    stage,
    page,
    fixture,
  }) => {
    await stage.open('tech', 'call', { lang });
    const name = await page.locator('header .venue').innerText();
    fixture.leaveOut('v002');
    await expect(page.locator('.tally-band')).toContainText(gone[lang]);
    await expect(page.locator('header .venue')).toHaveText(name);
    expect(await page.title()).toContain(name);
    await expect(page.locator('main button, main select')).toHaveCount(0);
    await expect(page.locator('main a')).toContainText('80001');
    await fits(page, `gone-${lang}`);
    expect(await axe(page)).toEqual([]);
  });
}

for (const surface of surfaces) {
  for (const lang of languages) {
    for (const code of ['bad_token', 'expired'] as const) {
      test(`an open page says that its link has ended, and promises nothing: ${surface}, ${code}, ${lang}`, async ({
        stage,
        page,
        fixture,
      }) => {
        await stage.open(surface, 'call', { lang });
        fixture.turnAway(code);
        await expect(page.locator(`[data-error=${code}]`)).toContainText(said[lang][code]);
        await expect(page.locator('body :is([data-state=lost], [data-link=lost], button)')).toHaveCount(0);
        expect(await page.title()).not.toMatch(/播出|air/i);
        if (surface === 'hall') await expect(page.locator('main')).toHaveAttribute('data-picture', 'slate');
        await fits(page, `ended-${surface}-${code}-${lang}`);
        expect(await axe(page)).toEqual([]);
        // A key that was laid back makes the link good.
        fixture.turnAway();
        await kick(page);
        await expect(page.locator('[data-error]')).toHaveCount(0);
        await expect(page.locator('main').first()).toBeVisible();
      });
    }
    test(`an open page says that the meeting cannot be opened now, and comes back: ${surface}, ${lang}`, async ({
      stage,
      page,
      fixture,
    }) => {
      // A hall has no word for it while a picture comes.
      await stage.open(surface, surface === 'hall' ? 'slate' : 'call', { lang });
      fixture.turnAway('not_open');
      await expect(page.locator('body')).toContainText(said[lang].not_open);
      await fits(page, `not-open-${surface}-${lang}`);
      fixture.turnAway();
      await expect(page.locator('body')).not.toContainText(said[lang].not_open);
    });
    for (const code of ['not_open', 'full'] as const) {
      test(`a page that is loaded meanwhile says what keeps it out, and comes in: ${surface}, ${code}, ${lang}`, async ({
        page,
        fixture,
      }) => {
        fixture.turnAway(code);
        await page.goto(fixture.origin + pagePath(surface, 'call').replace('#', `?lang=${lang}#`));
        await expect(page.locator(`main[data-error=${code}]`)).toContainText(said[lang][code]);
        await expect(page.locator('main')).not.toContainText(said[lang].bad_token);
        await fits(page, `loaded-${surface}-${code}-${lang}`);
        fixture.turnAway();
        await expect(page.locator('[data-error]')).toHaveCount(0);
        await expect(page.locator('main').first()).toBeVisible();
      });
    }
  }
}
