// What a screen reader hears, and where Tab and landmarks lead: in words, and the work first.

import type { Page, WebSocketRoute } from '@playwright/test';
import { expect, landmarks, test } from './support/test';

/** Opens the desk so that a test may send it sections as the server does. */
async function told(page: Page): Promise<(set: object) => void> {
  const line: { socket?: WebSocketRoute; boot: string; rev: number } = { boot: '', rev: 0 };
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    line.socket = socket;
    socket.onMessage((message) => {
      server.send(message);
    });
    server.onMessage((message) => {
      if (typeof message === 'string' && message.startsWith('{"k":"snapshot"'))
        Object.assign(line, JSON.parse(message) as { boot: string; rev: number });
      socket.send(message);
    });
  });
  return (set) => {
    line.rev += 1;
    line.socket?.send(JSON.stringify({ k: 'delta', boot: line.boot, from: line.rev - 1, to: line.rev, set }));
  };
}

const says = (page: Page) => page.locator('[data-says=calm]');
const alarm = (id: string, venue: string, code = 'silent') => ({
  ...{ id, code, venues: [venue], unit: null, source: null, since: 1, value: null, acknowledged: null },
});
const alarms = (...list: object[]) => ({
  alarms: { alarms: list, pictures: 25, gates_open: 1, dropped: 0, cleared_at: null },
});

test('a new alarm and one that cleared are spoken in words, each by itself', async ({ stage, page }) => {
  const tell = await told(page);
  await stage.open('desk', 'watching', { lang: 'en' });
  await expect(says(page)).toHaveAttribute('aria-live', 'polite');
  await expect(says(page)).toHaveText('');
  tell(alarms(alarm('a', 'v002')));
  await expect(says(page)).toHaveText('Alarm: Dongqiao silent');
  tell(alarms(alarm('a', 'v002'), alarm('b', 'v005', 'camera_refused')));
  await expect(says(page)).toHaveText('Alarm: Qingting camera refused');
  tell(alarms(alarm('b', 'v005', 'camera_refused')));
  await expect(says(page)).toHaveText('Cleared: Dongqiao silent');
  tell(alarms());
  await expect(says(page)).toHaveText('No alarms any more');
});

test('the same words are heard again when the same happens again', async ({ stage, page }) => {
  const tell = await told(page);
  await stage.open('desk', 'watching', { lang: 'en' });
  tell(alarms(alarm('a', 'v002')));
  await expect(says(page)).toHaveText('Alarm: Dongqiao silent');
  const first = await says(page).locator('p').elementHandle();
  tell(alarms(alarm('a', 'v002'), alarm('c', 'v002')));
  // Another element with the same words: a live region tells what is added to it.
  await expect.poll(() => first?.evaluate((element) => element.isConnected)).toBe(false);
  await expect(says(page)).toHaveText('Alarm: Dongqiao silent');
});

test('a call-on that begins and one that ends are spoken', async ({ stage, page }) => {
  const tell = await told(page);
  await stage.open('desk', 'watching', { lang: 'en' });
  const running = { venue: 'v002', source: 'v002-1', person: 'p03', request: null, began: 1, limit_s: null };
  tell({ call_on: { running } });
  await expect(says(page)).toHaveText("Call-on: Jiang Yu'an");
  tell({ call_on: { running: null } });
  await expect(says(page)).toHaveText('Speech ended');
});

test('a microphone that opens and closes is spoken with its venue', async ({ stage, page }) => {
  await stage.open('desk', 'watching', { lang: 'en' });
  await page.locator('[data-cell="v:v005"]').click();
  await page.locator('[data-card-venue=v005] [data-act=open-floor]').click();
  await expect(says(page)).toContainText('Microphone open: Qingting');
  await page.locator('[data-card-venue=v005] [data-act=close-floor]').click();
  await expect(says(page)).toContainText('Microphone closed: Qingting');
});

for (const scenario of ['waiting', 'watching', 'call'] as const) {
  test(`the first Tab stop of the desk is TAKE: ${scenario}`, async ({ stage, page }) => {
    await stage.open('desk', scenario);
    await page.keyboard.press('Tab');
    await expect(page.locator('[data-act=take]')).toBeFocused();
    // What is read first stands first in sight all the same: the top bar lies above the work.
    const top = await page.locator('header.top').boundingBox();
    const work = await page.locator('main').boundingBox();
    expect(top?.y).toBe(0);
    expect((top?.y ?? 0) + (top?.height ?? 0)).toBeLessThanOrEqual(work?.y ?? 0);
  });
}

for (const [surface, scenario] of [
  ['desk', 'call'],
  ['desk', 'ended'],
  ['tech', 'air'],
  ['tech', 'ended'],
  ['hall', 'air'],
  ['watch', 'watching'],
] as const) {
  test(`all of ${surface} lies in landmarks when ${scenario}`, async ({ stage }) => {
    expect(await landmarks(await stage.open(surface, scenario))).toEqual([]);
  });
}

test('what lies in no landmark is found', async ({ stage }) => {
  const page = await stage.open('tech', 'air');
  await page.evaluate(() => {
    document.body.append(Object.assign(document.createElement('p'), { textContent: 'loose' }));
  });
  expect((await landmarks(page)).length).toBeGreaterThan(0);
});
