// Hall screen and technician's page against canned states: what they show, in which attribute, and that the hall stays clean.

import type { Page } from '@playwright/test';
import { axe, clipped, expect, grow, look, nextFrame, test } from './support/test';

test.describe('hall screen', () => {
  test.use({ viewport: { width: 1920, height: 1080 } });

  for (const [scenario, phase] of [
    ['waiting', 'waiting'],
    ['watching', 'watching'],
    ['next', 'next'],
    ['air', 'on-air'],
    ['ended', 'ended'],
  ] as const) {
    test(`is ${phase} and shows neither tally nor control when ${scenario}`, async ({ stage }) => {
      const page = await stage.open('hall', scenario);
      await expect(page.locator('html')).toHaveAttribute('data-phase', phase);
      await expect(page.locator('[data-tally], [data-state], button, input, [role=alert]')).toHaveCount(0);
      await expect(page).toHaveTitle(phase === 'on-air' ? /^● 播出/ : /^[^·]+ · /);
    });
  }

  test('writes nothing smaller than 4 % of the screen, and nothing outside the safe area', async ({ stage }) => {
    const page = await stage.open('hall', 'waiting');
    const texts = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('h1, p, time, span, b')]
        .filter((element) => element.textContent.trim() !== '' && element.children.length === 0)
        .map((element) => ({
          text: element.textContent,
          size: parseFloat(getComputedStyle(element).fontSize) / innerHeight,
          box: element.getBoundingClientRect().toJSON() as DOMRect,
        })),
    );
    expect(texts.length).toBeGreaterThan(3);
    for (const { text, size, box } of texts) {
      expect(size, text).toBeGreaterThanOrEqual(0.0399);
      expect(box.left, text).toBeGreaterThanOrEqual(1920 * 0.05 - 1);
      expect(box.right, text).toBeLessThanOrEqual(1920 * 0.95 + 1);
      expect(box.bottom, text).toBeLessThanOrEqual(1080 * 0.95 + 1);
    }
  });

  for (const lang of ['zh-CN', 'en'] as const) {
    test(`says in ${lang} that another window shows the venue, until it is shown here`, async ({ stage, page }) => {
      await page.routeWebSocket(/\/ws$/, (socket) => {
        const server = socket.connectToServer();
        let told = false;
        server.onMessage((message) => {
          socket.send(message);
          if (told) return;
          told = true;
          socket.send(JSON.stringify({ k: 'replaced', source: 'v002-1' }));
        });
      });
      await stage.open('hall', 'watching', { lang });
      await expect(page.locator('html')).toHaveAttribute('data-overlay', 'elsewhere');
      const here = page.locator('[data-act=show-here]');
      await expect(here).toBeFocused();
      await expect(page.locator('video')).toHaveCount(0);
      expect(await clipped(page)).toEqual([]);
      expect(await axe(page)).toEqual([]);
      await look(page, `elsewhere/${lang}`);
      await page.keyboard.press('Enter');
      await expect(here).toHaveCount(0);
      await expect(page.locator('html')).not.toHaveAttribute('data-overlay', 'elsewhere');
      await expect(page.locator('video[data-slot=v0]')).toHaveCount(1);
    });
  }

  for (const [name, fault] of [
    ['NotAllowedError', 'refused'],
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'in_use'],
  ] as const) {
    test(`tells the server that its camera is ${fault}, and takes the camera when it comes`, async ({
      stage,
      page,
    }) => {
      const told: unknown[] = [];
      page.on('websocket', (socket) => {
        socket.on('framesent', ({ payload }) => {
          const frame = JSON.parse(payload.toString()) as { k: string; camera_fault?: unknown };
          if (frame.k === 'report' && frame.camera_fault !== undefined) told.push(frame.camera_fault);
        });
      });
      await page.addInitScript((error) => {
        const devices = navigator.mediaDevices as MediaDevices | undefined;
        if (!devices) return;
        const ask = devices.getUserMedia.bind(devices);
        devices.getUserMedia = (wish) =>
          wish?.video && !('camera' in window) ? Promise.reject(new DOMException('', error)) : ask(wish);
      }, name);
      await stage.open('hall', 'watching');
      await expect.poll(() => told.at(-1)).toBe(fault);
      await page.evaluate(() => {
        Object.assign(window, { camera: true });
      });
      await expect.poll(() => told.at(-1)).toBeNull();
    });
  }

  test('keeps the display on, again after the page was hidden', async ({ stage, page }) => {
    await page.addInitScript(() => {
      const asked = { count: 0 };
      Object.assign(window, { asked });
      Object.defineProperty(navigator, 'wakeLock', {
        configurable: true,
        value: {
          request: () => {
            asked.count += 1;
            return Promise.resolve({ release: () => Promise.resolve() });
          },
        },
      });
    });
    await stage.open('hall', 'watching');
    const asked = () => page.evaluate(() => (window as unknown as { asked: { count: number } }).asked.count);
    expect(await asked()).toBe(1);
    for (const [value, count] of [
      ['hidden', 1],
      ['visible', 2],
    ] as const) {
      await page.evaluate((state) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, value: state });
        document.dispatchEvent(new Event('visibilitychange'));
      }, value);
      expect(await asked()).toBe(count);
    }
  });

  test('says no word about a lost link, and keeps its phase', async ({ stage }) => {
    const page = await stage.open('hall', 'lost');
    await expect(page.locator('html')).toHaveAttribute('data-overlay', 'reconnecting');
    await expect(page.locator('html')).toHaveAttribute('data-phase', 'on-air');
    await expect(page.locator('[data-picture=slate]')).toBeVisible();
    await expect(page.locator('[data-state=lost], [role=alert]')).toHaveCount(0);
  });
});

test.describe("technician's page", () => {
  for (const [scenario, tally, floor] of [
    ['watching', null, 'closed'],
    ['next', 'next', 'closed'],
    ['air', 'air', 'closed'],
    ['call', 'air', 'open'],
  ] as const) {
    test(`tells tally ${String(tally)} and floor ${floor} when ${scenario}`, async ({ stage }) => {
      const page = await stage.open('tech', scenario);
      await expect(page.locator('[data-floor]')).toHaveAttribute('data-floor', floor);
      if (tally === null) await expect(page.locator('[data-tally]')).toHaveCount(0);
      else await expect(page.locator('[data-tally]')).toHaveAttribute('data-tally', tally);
    });
  }

  for (const [scenario, time] of [
    ['call', null],
    ['last-minute', 'last'],
    ['over', 'over'],
  ] as const) {
    test(`marks the time of a speech as ${String(time)} when ${scenario}`, async ({ stage }) => {
      const page = await stage.open('tech', scenario);
      await expect(page.locator('.mark')).toHaveText(/\d\d:\d\d/);
      await expect(page.locator('[data-time]')).toHaveCount(time === null ? 0 : 1);
      await expect(page.locator('.mark svg, .mark .i')).toHaveCount(time === null ? 0 : 1);
      if (time !== null) await expect(page.locator('.tally-band')).toHaveAttribute('data-time', time);
    });
  }

  for (const fault of ['refused', 'missing', 'in_use'] as const) {
    for (const lang of ['zh-CN', 'en'] as const) {
      test(`says in ${lang} why the hall has no camera when it is ${fault}, and the hall shows nothing of it`, async ({
        stage,
      }) => {
        const scenario = `camera-${fault.replace('_', '-')}`;
        const tech = await stage.open('tech', scenario, { lang });
        await expect(tech.locator('[data-camera]')).toHaveAttribute('data-camera', fault);
        await expect(tech.locator('.tally-band')).not.toHaveAttribute('data-state', 'lost');
        expect(await axe(tech)).toEqual([]);
        await look(tech, `camera/${fault}-${lang}`);
        const hall = await stage.open('hall', scenario, { lang });
        await expect(hall.locator('html')).toHaveAttribute('data-phase', 'watching');
        await expect(hall.locator('[data-camera], [data-state], [role=alert], button')).toHaveCount(0);
      });
    }
  }

  test('says that a held venue may return, without a tally, and nothing of it in the hall', async ({ stage }) => {
    const tech = await stage.open('tech', 'held');
    await expect(tech.locator('[data-held]')).toBeVisible();
    await expect(tech.locator('[data-tally]')).toHaveCount(0);
    const hall = await stage.open('hall', 'held');
    await expect(hall.locator('html')).toHaveAttribute('data-phase', 'watching');
    await expect(hall.locator('[data-held]')).toHaveCount(0);
  });

  test('says that control has taken the request off until somebody has seen it', async ({ stage }) => {
    const page = await stage.open('tech', 'dropped');
    const said = page.locator('[data-taken-off]');
    await expect(said).toContainText(/\d\d:\d\d:\d\d/);
    await page.locator('[data-act=seen]').click();
    await expect(said).toHaveCount(0);
    await page.reload();
    await expect(said).toHaveCount(1);
    await page.keyboard.press('s');
    await expect(page.locator('[data-hand]')).toHaveAttribute('data-hand', '1');
    await expect(said).toHaveCount(0);
  });

  test('asks to speak by S and takes it back by S', async ({ stage }) => {
    const page = await stage.open('tech', 'watching');
    await expect(page.locator('[data-hand]')).toHaveCount(0);
    await page.keyboard.press('s');
    await expect(page.locator('[data-hand]')).toHaveAttribute('data-hand', '1');
    await expect(page.locator('[data-act=ask]')).toHaveAttribute('data-press', 'idle');
    await page.keyboard.press('s');
    await expect(page.locator('[data-hand]')).toHaveCount(0);
  });

  test('keeps the number beside the meter while every other report is empty', async ({ stage, page }) => {
    let reports = 0;
    await page.routeWebSocket(/\/ws$/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => {
        server.send(message);
      });
      server.onMessage((message) => {
        if (typeof message !== 'string' && (reports += 1) % 2 === 1) message.fill(255, 5);
        socket.send(message);
      });
    });
    await stage.open('tech', 'call');
    const number = page.locator('.levels .num').first();
    await expect(number).toHaveText(/^−\d+ dB$/);
    await number.evaluate((element) => {
      const said = [element.textContent];
      Object.assign(window, { said });
      new MutationObserver(() => said.push(element.textContent)).observe(element, {
        characterData: true,
        childList: true,
        subtree: true,
      });
    });
    const from = reports;
    await expect.poll(() => reports - from).toBeGreaterThanOrEqual(10);
    const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
    expect([...new Set(said)]).toEqual(['−18 dB']);
  });

  test('shows a lost link, bars the request, and says as of when', async ({ stage }) => {
    const page = await stage.open('tech', 'lost');
    await expect(page.locator('[data-state=lost].tally-band')).toBeVisible();
    await expect(page.locator('[data-tally]')).toHaveCount(0);
    await expect(page.locator('[data-act=ask]')).toBeDisabled();
    await expect(page.locator('[data-as-of]')).toBeVisible();
  });

  test('changes every word with the language', async ({ stage }) => {
    const page = await stage.open('tech', 'call');
    const words = () =>
      page
        .locator('[data-surface=technician]')
        .evaluate((root) =>
          [...root.querySelectorAll('b, p, h1, h2, span, button')]
            .filter((element) => element.children.length === 0 && /[\p{L}]/u.test(element.textContent))
            .map((element) => element.textContent.trim()),
        );
    const chinese = await words();
    await page.locator('[data-act=language-en]').click();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    const english = await words();
    const same = english.filter((text) => chinese.includes(text) && !/^(中文|EN|S|−\d+ dB)$/.test(text));
    expect(same).toEqual([]);
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  });

  for (const [scenario, grown] of [
    ['call', false],
    ['queue', true],
  ] as const) {
    for (const lang of ['zh-CN', 'en'] as const) {
      test(`${grown ? 'lets words grow by 60 %' : 'fits'} at every width in ${lang}`, async ({ stage, page }) => {
        await stage.open('tech', scenario, { lang });
        for (const width of [320, 768, 1280, 1920]) {
          await page.setViewportSize({ width, height: width < 1000 ? 1024 : Math.round((width * 9) / 16) });
          await nextFrame(page);
          if (grown) await grow(page);
          expect.soft(await clipped(page), `at ${String(width)} px`).toEqual([]);
          if (grown) await look(page, `grown/tech-${lang}-${String(width)}`);
        }
      });
    }
  }
});

test.describe('a server of another build', () => {
  /** Leads the looks of the page, not its loads, to a page of another build. */
  async function serveOther(page: Page): Promise<() => number> {
    const looks = { count: 0 };
    await page.route(/\/venue(\/tech)?$/, async (route) => {
      if (route.request().resourceType() !== 'fetch') {
        await route.continue();
        return;
      }
      looks.count += 1;
      await route.fulfill({
        contentType: 'text/html',
        body: '<script type="module" crossorigin src="/assets/room-other.js"></script>',
      });
    });
    return () => looks.count;
  }

  /** What the page does about the answer to its look it has begun once requests of its own, made after that, are answered. */
  const settles = (page: Page) =>
    page.evaluate(async () => {
      for (let trip = 0; trip < 3; trip += 1) await fetch('/assets/none').then((answer) => answer.text());
    });

  const mark = (page: Page) =>
    page.evaluate(() => {
      document.documentElement.dataset['old'] = 'old';
    });
  const old = (page: Page) => page.locator('html[data-old]');

  for (const surface of ['hall', 'tech'] as const) {
    for (const scenario of ['watching', 'next', 'air', 'waiting', 'ended'] as const) {
      const loads = scenario === 'waiting' || scenario === 'ended';
      test(`${loads ? 'is followed' : 'waits'} by ${surface} when ${scenario}`, async ({ stage, page, fixture }) => {
        const looks = await serveOther(page);
        await stage.open(surface, scenario, { lang: 'en' });
        await mark(page);
        expect(looks()).toBe(0);
        fixture.reboot();
        await expect.poll(looks).toBe(1);
        if (loads) {
          await expect(old(page)).toHaveCount(0);
          await expect(page.locator('html')).toHaveAttribute('data-phase', scenario);
          expect(looks()).toBe(1);
        } else {
          await settles(page);
          await expect(old(page)).toHaveCount(1);
        }
      });
    }
  }

  test('of the same build is no reason to load again', async ({ stage, page, fixture }) => {
    const looked = page.waitForResponse(
      (response) => response.request().resourceType() === 'fetch' && new URL(response.url()).pathname === '/venue',
    );
    await stage.open('hall', 'ended');
    await mark(page);
    fixture.reboot();
    await looked;
    await settles(page);
    await expect(old(page)).toHaveCount(1);
  });
});

for (const [ahead, lang] of [
  [7_000, 'zh-CN'],
  [-90_000, 'en'],
] as const) {
  test(`technician's page marks a clock that is wrong by ${String(ahead)} ms in ${lang}`, async ({ stage, page }) => {
    await page.addInitScript((by) => {
      const own = Date.now.bind(Date);
      Date.now = () => own() + by;
    }, ahead);
    await stage.open('tech', 'call', { lang });
    const marked = page.locator('[data-clock=wrong]');
    await expect(page.locator('[data-quality]')).toBeVisible();
    await expect(marked).toHaveCount(1);
    if (ahead === 7_000) await expect(marked).toContainText('0:07');
    if (ahead === -90_000) await expect(marked).toContainText('1:30');
    expect(await clipped(page)).toEqual([]);
    expect(await axe(page)).toEqual([]);
  });
}
