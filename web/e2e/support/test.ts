// The test of pages against canned states, and what every test checks of a page: no error, no request outside its origin.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test as base, type Page } from '@playwright/test';
import { pagePath, serveFixture, type Fixture } from './fixture/server.mjs';

/** Surfaces with a page of their own, and the desk as a chair's link opens it. */
export type Surface = 'hall' | 'tech' | 'desk' | 'chair' | 'watch';

/** Where pages of the fixture are shown. */
export interface Stage {
  /** Opens a page of the fixture in a state and a language. */
  open(surface: Surface, scenario: string, options?: { lang?: 'zh-CN' | 'en'; branches?: number }): Promise<Page>;
}

/** Notes what a page does wrong; `check` fails on any of it. */
export function watchPage(page: Page): () => void {
  const faults: string[] = [];
  const first = { origin: '' };
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (404|409|503)|ERR_|WebSocket connection/.test(message.text()))
      faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (!/^https?:$/.test(protocol)) return;
    first.origin ||= origin;
    if (origin !== first.origin) faults.push(`request to ${origin}`);
  });
  return () => {
    expect(faults).toEqual([]);
  };
}

export const test = base.extend<{ stage: Stage }, { fixture: Fixture }>({
  fixture: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
    async ({}, use) => {
      const fixture = await serveFixture();
      await use(fixture);
      fixture.stop();
    },
    { scope: 'worker' },
  ],
  stage: async ({ page, fixture }, use) => {
    const check = watchPage(page);
    await use({
      async open(surface, scenario, { lang = 'zh-CN', branches = 24 } = {}) {
        await page.goto('about:blank');
        await page.goto(fixture.origin + pagePath(surface, scenario, branches).replace('#', `?lang=${lang}#`));
        await expect(page.locator('html')).toHaveAttribute('lang', lang);
        await page.waitForFunction(
          () =>
            document.title !== '' &&
            document.querySelector('main') !== null &&
            !['idle', 'opening'].includes(document.documentElement.dataset['phase'] ?? ''),
        );
        return page;
      },
    });
    check();
  },
});

export { expect };

/** A picture for people, under `test-results`, where `LOOK=1` asks for one: it takes longer than what is checked beside it, and proves nothing. */
export async function look(page: Page, name: string): Promise<void> {
  if (process.env['LOOK']) await page.screenshot({ path: `test-results/${name}.png` });
}

/** Waits until a page that was opened in the scenario `lost` says, in its own way, that its link is lost. */
export async function saysLost(page: Page): Promise<void> {
  const said = '[data-overlay=reconnecting], [data-link=lost][role=alert], [data-state=lost]';
  await expect(page.locator(said)).not.toHaveCount(0);
}

/** How far the script of a page has come is seen once what waits for its next frame has run. */
export async function nextFrame(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Violations of the A and AA rules, one line each. */
export function axe(page: Page): Promise<string[]> {
  return violations(page, { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
}

/** Content outside every landmark, and landmarks that are missing, doubled or not told apart, one line each. */
export function landmarks(page: Page): Promise<string[]> {
  return violations(page, {
    type: 'rule',
    values: [
      'region',
      'landmark-one-main',
      'landmark-main-is-top-level',
      'landmark-banner-is-top-level',
      'landmark-no-duplicate-main',
      'landmark-no-duplicate-banner',
      'landmark-no-duplicate-contentinfo',
      'landmark-unique',
    ],
  });
}

async function violations(page: Page, runOnly: { type: 'tag' | 'rule'; values: string[] }): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async (runOnly) => {
    interface Axe {
      run(
        options: object,
      ): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] }>;
    }
    const { axe: tool } = window as unknown as { axe: Axe };
    const { violations } = await tool.run({ runOnly });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary.split('\n')[1]?.trim() ?? ''}`),
    );
  }, runOnly);
}

/** Elements whose text does not fit, and sideways scroll of the page. */
export async function clipped(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide =
      document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page scrolls sideways'] : [];
    const small = [...document.querySelectorAll<HTMLElement>('button, b, h1, h2, a')].filter(
      (element) =>
        element.checkVisibility?.() !== false &&
        element.clientWidth > 0 &&
        element.scrollWidth > element.clientWidth + 1 &&
        getComputedStyle(element).overflow !== 'visible' &&
        !element.matches('.vh, .vh *, .clip-text'),
    );
    return [...wide, ...small.map((element) => `${element.tagName} ${element.textContent.trim().slice(0, 40)}`)];
  });
}

/** Words and controls of which a part cannot be seen: cut off by what does not scroll (but for an ellipsis), or under a button that is not theirs. */
export async function cut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const clips = (one: Element) => {
      const { overflow, contain } = getComputedStyle(one);
      return overflow !== 'visible' || /content|paint|strict/.test(contain);
    };
    // A button as far as it is seen.
    const buttons = [...document.querySelectorAll<HTMLElement>('button, select, .badge')]
      // One without words lies over its row on purpose.
      .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.textContent.trim() !== '')
      .map((one) => {
        let { left, top, right, bottom } = one.getBoundingClientRect();
        for (let over = one.parentElement; over && over !== document.body; over = over.parentElement) {
          if (!clips(over)) continue;
          const room = over.getBoundingClientRect();
          [left, top] = [Math.max(left, room.left), Math.max(top, room.top)];
          [right, bottom] = [Math.min(right, room.right), Math.min(bottom, room.bottom)];
        }
        return { one, left, top, right, bottom };
      });
    for (const { one, left, right } of buttons) {
      const box = one.getBoundingClientRect();
      if (right - left > 1 && right - left < box.width - 2 && !one.closest('.vh, [inert]'))
        found.push(`${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 24)} is cut at its side`);
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const scrolls = (style: CSSStyleDeclaration) => /auto|scroll/.test(style.overflowY);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const own = node.parentElement;
      if (!own || !node.textContent?.trim() || !own.checkVisibility({ visibilityProperty: true })) continue;
      if (own.closest('.vh, dialog, [inert], option, .clamp-text')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      let { left, right } = box;
      let above: DOMRect | undefined;
      let part = false;
      let wide = false;
      let ends = false;
      for (let over: Element | null = own; over && over !== document.body; over = over.parentElement) {
        if (!clips(over)) continue;
        const style = getComputedStyle(over);
        const room = over.getBoundingClientRect();
        ends ||= style.textOverflow === 'ellipsis';
        if (!ends && !/auto|scroll/.test(style.overflowX) && (left < room.left - 3 || right > room.right + 3))
          wide = true;
        [left, right] = [Math.max(left, room.left), Math.min(right, room.right)];
        if (box.bottom <= room.top + 2 || box.top >= room.bottom - 2) above = room;
        // Lines are higher than their letters.
        else if (!scrolls(style) && (box.top < room.top - 3 || box.bottom > room.bottom + 3)) part = true;
        if (scrolls(style)) break;
      }
      if (above || right - left < 1) continue;
      const said = `${own.tagName}.${own.className} ${node.textContent.trim().slice(0, 24)}`;
      if (part) found.push(`${said} is cut`);
      const under = buttons.find(
        (button) =>
          !button.one.contains(own) &&
          // The bar of a lost link lies over what cannot be pressed meanwhile.
          !own.closest('[data-link=lost][role=alert]') &&
          left < Math.min(button.right, right) - 2 &&
          button.left < button.right &&
          right > button.left + 2 &&
          box.top < button.bottom - 3 &&
          box.bottom > button.top + 3,
      );
      if (wide) found.push(`${said} is cut at its side`);
      if (under) found.push(`${said} is under ${under.one.textContent.trim().slice(0, 24)}`);
    }
    return found;
  });
}

/** Lets every word on the page grow by 60 %, as another language may. Times and numbers stay, and so does what has grown before. */
export async function grow(page: Page): Promise<void> {
  await page.evaluate(() => {
    const kept = window as unknown as { grown?: WeakMap<Node, string | null> };
    const grown = (kept.grown ??= new WeakMap());
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const text = node.nodeValue?.trim() ?? '';
      const parent = node.parentElement;
      if (!/\p{L}{2}/u.test(text) || parent?.matches('script, style, .name-cap *, h1') || parent?.closest('.vh'))
        continue;
      if (grown.get(node) === node.nodeValue) continue;
      node.nodeValue = text + ' ' + text.slice(0, Math.ceil(text.length * 0.6) - 1);
      grown.set(node, node.nodeValue);
    }
  });
}

/** Text frames that a page sends on its control connection, as they come. */
export function sentFrames(page: Page): Record<string, unknown>[] {
  const frames: Record<string, unknown>[] = [];
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      frames.push(JSON.parse(payload.toString()) as Record<string, unknown>);
    });
  });
  return frames;
}

/** Sizes of screens at which a desk stands, in CSS pixels. */
export const deskSizes = [
  [1280, 720],
  [1366, 768],
  [1920, 1080],
  [2560, 1440],
] as const;
