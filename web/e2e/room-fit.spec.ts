// Hall, technician's page and watcher's page with the longest names there may be, on every width that they serve.

import type { Page } from '@playwright/test';
import { axe, clipped, expect, look, nextFrame, test, type Surface } from './support/test';

const widths: Readonly<Record<'hall' | 'tech' | 'watch', readonly number[]>> = {
  hall: [1280, 1920, 2560],
  tech: [390, 768, 1024, 1280, 1366, 1920, 2560],
  watch: [390, 768, 1280, 1920, 2560],
};

async function size(page: Page, width: number): Promise<void> {
  const height = width < 600 ? 844 : width <= 1024 ? 768 : width === 1366 ? 768 : Math.round((width * 9) / 16);
  await page.setViewportSize({ width, height });
}

/** Texts and controls that leave the window or the box that cuts them off, and controls that something lies over. */
async function misplaced(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const said = (element: Element) => `${element.tagName} ${(element.textContent ?? '').trim().slice(0, 30)}`;
    const leaves = [
      ...document.querySelectorAll<HTMLElement>('h1, h2, p, b, span, time, button, select, input, a'),
    ].filter(
      (element) =>
        element.checkVisibility() &&
        !element.closest('.vh, svg') &&
        (element.matches('button, select, input') || element.children.length === 0) &&
        (element.matches('select, input') || (element.textContent ?? '').trim() !== ''),
    );
    for (const element of leaves) {
      const box = element.getBoundingClientRect();
      if (box.width < 2 || box.height < 2) continue;
      if (box.left < -1 || box.right > innerWidth + 1) faults.push(`outside: ${said(element)}`);
      for (let at = element.parentElement; at; at = at.parentElement) {
        if (getComputedStyle(at).overflow !== 'hidden' || at.matches('.clip-text, ol')) continue;
        const frame = at.getBoundingClientRect();
        if (box.top < frame.top - 1 || box.bottom > frame.bottom + 1 || box.right > frame.right + 1)
          faults.push(`cut by ${at.tagName}.${at.className}: ${said(element)}`);
      }
    }
    for (const control of document.querySelectorAll<HTMLElement>('button:not([disabled]), select, input')) {
      control.scrollIntoView({ block: 'center' });
      const box = control.getBoundingClientRect();
      const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (top && !control.contains(top) && !top.contains(control)) faults.push(`under ${said(top)}: ${said(control)}`);
    }
    scrollTo(0, 0);
    return faults;
  });
}

for (const surface of ['hall', 'tech', 'watch'] as const) {
  for (const lang of ['zh-CN', 'en'] as const) {
    test(`${surface} holds names and titles of 120 characters at every width in ${lang}, and axe finds nothing`, async ({
      stage,
      page,
    }) => {
      await stage.open(surface satisfies Surface, 'longest', { lang });
      expect.soft(await axe(page)).toEqual([]);
      for (const width of widths[surface]) {
        await size(page, width);
        await nextFrame(page);
        const at = `at ${String(width)} px`;
        expect.soft(await clipped(page), at).toEqual([]);
        expect.soft(await misplaced(page), at).toEqual([]);
        await look(page, `long/${surface}-${lang}-${String(width)}`);
      }
    });
  }
}

test('a title breaks where the meeting file breaks it', async ({ stage }) => {
  const page = await stage.open('hall', 'longest');
  const lines = page.locator('h1 span');
  await expect(lines).toHaveCount(2);
  expect((await lines.first().innerText()).length).toBe(30);
});

for (const width of [390, 768, 1024]) {
  test(`the technician has band, microphone and ask before any picture at ${String(width)} px`, async ({
    stage,
    page,
  }) => {
    await size(page, width);
    await stage.open('tech', 'watching');
    const top = async (selector: string) => (await page.locator(selector).first().boundingBox())?.y ?? NaN;
    const [band, microphone, ask, picture] = await Promise.all(
      ['.tally-band', '.mic', '[data-act=ask]', 'video[data-slot=v0]'].map(top),
    );
    expect(band).toBeLessThan(microphone ?? NaN);
    expect(microphone).toBeLessThan(ask ?? NaN);
    expect(ask).toBeLessThan(picture ?? NaN);
    expect(ask, 'in the first window').toBeLessThan(page.viewportSize()?.height ?? 0);
  });
}

test('language and clock of the technician stay in sight beside the longest names', async ({ stage, page }) => {
  await size(page, 1366);
  await stage.open('tech', 'longest');
  for (const selector of ['[data-act=language-en]', 'header time', '[data-act=ask]', '.mark'])
    await expect(page.locator(selector).first()).toBeInViewport({ ratio: 1 });
});

for (const [width, height, least] of [
  [1440, 800, 0.5],
  [1920, 1080, 0.6],
  [2560, 1440, 0.7],
] as const) {
  test(`the watcher's picture takes the room there is at ${String(width)} px`, async ({ stage, page }) => {
    await page.setViewportSize({ width, height });
    await stage.open('watch', 'watching');
    const box = await page.locator('.video').boundingBox();
    const part = ((box?.width ?? 0) * (box?.height ?? 0)) / (width * height);
    expect(part).toBeGreaterThan(least);
    const under = await page.locator('.under').boundingBox();
    expect((under?.y ?? Infinity) + (under?.height ?? 0), 'the item is in sight').toBeLessThanOrEqual(height);
    await look(page, `watch/${String(width)}`);
  });
}
