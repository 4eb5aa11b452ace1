// The desk's media in a real Chromium against a stand-in for the hop: monitors on one session, favourites on another.

import { pagePath } from './support/fixture/server.mjs';
import { FakeHop } from './support/hop';
import { expect, sentFrames, test } from './support/test';

test('monitors come on v0 and v2 of one session, the favourites on nine lines of another, and arm TAKE', async ({
  context,
  fixture,
  page,
}) => {
  const sent = sentFrames(page);
  const view = () => sent.filter(({ k }) => k === 'view').at(-1)?.['lines'];
  const hop = await FakeHop.open(context, fixture.origin);
  await page.goto(fixture.origin + pagePath('desk', 'next'));
  for (const [monitor, line] of [
    ['programme', 'v0'],
    ['preview', 'v2'],
  ] as const) {
    await expect(page.locator(`.mon[data-slot=${monitor}] video[data-slot=${line}]`)).toHaveAttribute(
      'data-alive',
      'true',
    );
  }
  await expect(page.locator('[data-act=take]')).not.toHaveAttribute('aria-disabled');
  const lines = hop.offers.map(({ sdp }) => [
    sdp.match(/^m=video/gm)?.length ?? 0,
    sdp.match(/^m=audio/gm)?.length ?? 0,
  ]);
  expect(lines.sort(([a = 0], [b = 0]) => a - b)).toEqual([
    [3, 4],
    [9, 0],
  ]);
  await expect
    .poll(view)
    .toEqual(['v000-1', 'v000-2', 'v001-1', 'v002-1', 'v003-1', 'v004-1', 'v005-1', 'v006-1', 'v007-1']);
  await page.locator('[data-act=sources], [data-act=all-sources]').filter({ visible: true }).first().click();
  await page.locator('[data-source-row="v010-1"] select').selectOption('2');
  await expect
    .poll(view)
    .toEqual(['v000-1', 'v010-1', 'v001-1', 'v002-1', 'v003-1', 'v004-1', 'v005-1', 'v006-1', 'v007-1']);
});

test('the sound of the programme is off until it is asked for', async ({ context, fixture, page }) => {
  await FakeHop.open(context, fixture.origin);
  await page.goto(fixture.origin + pagePath('desk', 'next'));
  const sound = page.locator('[data-act=sound]');
  await expect(sound).toHaveAttribute('aria-pressed', 'false');
  await sound.click();
  await expect(sound).toHaveAttribute('aria-pressed', 'true');
  await sound.click();
  await expect(sound).toHaveAttribute('aria-pressed', 'false');
});
