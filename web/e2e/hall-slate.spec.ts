// What the audience of the main hall sees at the first take: its slate with title and venue, and no field of one colour.

import type { Page } from '@playwright/test';
import { Demo, expect, test } from './support/onehall';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

/** The part of a page's picture that the most frequent colour has. */
async function largestField(page: Page): Promise<number> {
  const png = (await page.screenshot()).toString('base64');
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    if (!pen) throw new Error('no canvas');
    pen.drawImage(bitmap, 0, 0);
    const { data: pixels } = pen.getImageData(0, 0, bitmap.width, bitmap.height);
    const counts = new Map<number, number>();
    for (let at = 0; at < pixels.length; at += 4) {
      const colour = ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0);
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return (Math.max(...counts.values()) * 4) / pixels.length;
  }, png);
}

test('the largest field of a grey card with a bar is nearly all of it', async ({ page }) => {
  await page.setContent(
    '<body style="margin:0;background:#3c3c3c"><div style="margin:48vh auto;width:20vw;height:1vh;background:#ccc"></div>',
  );
  expect(await largestField(page)).toBeGreaterThan(0.9);
});

test('U6: at the first take the main hall shows its slate with title and venue, and keeps it', async ({ rooms }) => {
  const demo = await Demo.start(2);
  try {
    const main = demo.venue(0);
    const source = main.sources[0]?.id ?? '';
    const hall = await rooms.hall(main, 'blue');
    // What the audience is shown, each change of it: a page that takes the slate of its line for a picture may do so now and then.
    await hall.locator('main').evaluate((main) => {
      const shown: string[] = [];
      Object.assign(window, { shown });
      new MutationObserver(() => shown.push(main.dataset['picture'] ?? '')).observe(main, {
        attributeFilter: ['data-picture'],
      });
    });
    await demo.act({ preview: { source } });
    await demo.act({ take: {} });
    const root = hall.locator('html');
    await expect(root).toHaveAttribute('data-phase', 'on-air');
    // The return line brings frames before this is looked at: they are not to be taken for a picture.
    const returned = hall.locator('video[data-slot=v2]');
    await expect(returned).toHaveAttribute('data-alive', 'true');
    const frames = () =>
      returned.evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames);
    const before = await frames();
    await expect.poll(frames).toBeGreaterThan(before + 3);
    await expect(hall.locator('main')).toHaveAttribute('data-picture', 'slate');
    expect(await hall.evaluate(() => (window as unknown as { shown: string[] }).shown)).not.toContain('v2');
    const meeting = (await demo.state())['meeting'] as { title: { zh: string } };
    await expect(hall.locator('h1')).toHaveText(meeting.title.zh);
    await expect(hall.locator('.clock span')).toHaveText(/\S/);
    expect(await largestField(hall)).toBeLessThan(0.9);

    // Once a branch was on air, the main venue sees it when it is on air again itself.
    const branch = demo.venue(1);
    await rooms.hall(branch, 'red');
    await demo.act({ preview: { source: branch.sources[0]?.id } });
    await demo.act({ take: {} });
    await expect(hall.locator('main')).toHaveAttribute('data-picture', 'v0');
    await demo.act({ take: {} });
    await expect(hall.locator('main')).toHaveAttribute('data-picture', 'v2');
  } finally {
    await demo.stop();
  }
});
