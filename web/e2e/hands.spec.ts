// Safe hands, on the real server: every control of the desk pressed with the mouse and then Space, words typed without `/`, every Tab
// stop pressed. Judged by the commands that the desk sent, by the log and by the floor: nothing goes on air that was neither in NEXT
// nor named on what was pressed, no microphone opens that was not named there, and a meeting ends by End's own answer alone.

import type { Page } from '@playwright/test';
import { Bench } from './support/bench';
import { serveFirstMeeting } from './support/guide';
import { JudgedDesk } from './support/hands';
import { readLog } from './support/log';
import { expect, technicianPage, test as base, type Ready } from './support/onehall';
import { seeded } from './support/random';

base.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

const seed = Number(process.env['ONEHALL_SEED'] ?? 20_270_310);
const names = new Map([
  ['main', 'Main'],
  ['qingting', 'Qingting'],
  ['liuzhu', 'Liuzhu'],
]);

/** A prepared meeting of three venues, two of them with a hall, and a desk that is watched. */
class Meeting {
  readonly ready: Ready;
  readonly desk: JudgedDesk;
  readonly #tokens: ReadonlyMap<string, string>;

  constructor(ready: Ready, desk: JudgedDesk) {
    this.ready = ready;
    this.desk = desk;
    this.#tokens = new Map(ready.venues.map(({ id, token }) => [id, token]));
  }

  get page(): Page {
    return this.desk.page;
  }

  /** Gives an act as the director, or as a venue; tells whether it was taken. */
  async act(act: object, venue?: string): Promise<boolean> {
    const token = venue === undefined ? this.ready.tokens.director : this.#tokens.get(venue);
    const response = await fetch(`${this.ready.api}/commands`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token ?? ''}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify(act),
    });
    return response.ok;
  }

  /** Starts it, which is not what is tested. */
  async start(): Promise<void> {
    await this.act({ start: {} });
    await expect(this.page.locator('.page')).toHaveAttribute('data-phase', 'live');
  }

  /** Kinds of the events of the log, in order. */
  async kinds(): Promise<string[]> {
    return (await readLog(this.ready)).events.map(({ kind }) => kind);
  }

  /** Brings the desk to where every press begins: Qingting in NEXT with TAKE armed, a hand up, a call-on running or none. */
  async begin(phase: 'waiting' | 'live' | 'call' | 'ended'): Promise<void> {
    const { page, desk } = this;
    for (let tries = 0; tries < 3 && (await page.locator('dialog[open], .sources').count()) > 0; tries += 1)
      await page.keyboard.press('Escape');
    await desk.resetLists();
    if (phase === 'ended') return;
    if (phase !== 'waiting') {
      await this.act({ end_call_on: {} });
      if (phase === 'call') expect(await this.act({ call_on: { venue: 'main' } })).toBe(true);
      await desk.shows(`[data-call="${phase === 'call' ? 'main' : ''}"]`);
      await this.act({ raise: {} }, 'qingting');
      await desk.shows('[data-request][data-of=qingting]');
    }
    // Main is on air, so that Qingting may be taken.
    if (phase === 'live' && !(await page.locator('[data-slot=programme].mon[data-source="main.1"]').isVisible())) {
      await this.act({ preview: { source: 'main.1' } });
      await this.act({ take: {} });
    }
    await page.locator('[data-cell="v:qingting"]').click();
    await desk.shows('[data-slot=preview].mon[data-source="qingting.1"]');
    if (phase !== 'waiting') await desk.shows('[data-act=take]:not([aria-disabled=true])');
  }

  /** Asks the question of Start or of End, by the mouse. */
  async ask(act: 'start' | 'end'): Promise<void> {
    await this.page.locator(`[data-act=${act}]`).hover();
    await this.page.mouse.down();
    await expect(this.page.locator(`[data-act=${act}-confirm]`)).toBeVisible();
    await this.page.mouse.up();
  }

  /** Presses every control that there is in a phase, each followed by Space. */
  async everyControl(phase: 'waiting' | 'live' | 'call' | 'ended'): Promise<string[]> {
    const faults: string[] = [];
    const pressed = new Set<string>();
    for (;;) {
      await this.begin(phase);
      const control = (await this.desk.controls()).find(({ kind }) => !pressed.has(kind));
      if (!control) break;
      pressed.add(control.kind);
      faults.push(...(await this.desk.pressThenSpace(control)));
    }
    console.log(`${phase}: ${String(pressed.size)} kinds of controls: ${[...pressed].join(', ')}`);
    expect(pressed.size).toBeGreaterThan(15);
    return faults;
  }
}

const test = base.extend<{ meeting: Meeting }>({
  meeting: async ({ rooms, browser }, use) => {
    const bench = new Bench();
    const ready = await serveFirstMeeting(bench);
    const venue = (id: string) => {
      const found = ready.venues.find((one) => one.id === id);
      if (!found) throw new Error(`no venue ${id}`);
      return found;
    };
    await rooms.hall(venue('main'), 'blue');
    await rooms.hall(venue('qingting'), 'yellow');
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'en' });
    const page = await context.newPage();
    // A browser without a telephone asks which program is to ring, and takes no press until it is answered.
    await page.addInitScript(() => {
      addEventListener('click', (event) => {
        if (event.target instanceof Element && event.target.closest('a[href^="tel:"]')) event.preventDefault();
      });
    });
    const desk = await JudgedDesk.watch(page, names);
    await rooms.page(technicianPage(venue('qingting')));
    await page.goto(ready.desk.replace('#', '?lang=en#'));
    for (const id of ['main', 'qingting'])
      await expect(page.locator(`[data-cell="v:${id}"]`)).toHaveAttribute('data-state', 'ok');
    await use(new Meeting(ready, desk));
    await context.close();
    await bench.clear();
  },
});

const count = (kinds: readonly string[], kind: string): number => kinds.filter((each) => each === kind).length;

test('U3: every control is pressed with the mouse and then Space, in each phase: Space is TAKE, and nothing else goes on air, opens or ends', async ({
  meeting,
}) => {
  test.setTimeout(1_200_000);
  const { page, desk } = meeting;
  const yes = (act: 'start' | 'end') => page.locator(`[data-act=${act}-confirm]`);

  await test.step('before the start', async () => {
    expect(await meeting.everyControl('waiting')).toEqual([]);
    expect(count(await meeting.kinds(), 'started')).toBe(0);
  });

  await test.step('Start, and Space at once', async () => {
    await meeting.begin('waiting');
    await meeting.ask('start');
    await yes('start').click();
    await expect(page.locator('.page')).toHaveAttribute('data-phase', 'live');
    await expect(page.locator('[data-act=take]')).not.toHaveAttribute('aria-disabled', 'true');
    expect(await desk.space('Start')).toEqual([]);
    await expect(page.locator('[data-slot=programme].mon')).toHaveAttribute('data-source', 'qingting.1');
  });

  for (const phase of ['live', 'call'] as const) {
    await test.step(phase, async () => {
      expect(await meeting.everyControl(phase)).toEqual([]);
      expect(count(await meeting.kinds(), 'ended')).toBe(0);
    });
  }

  await test.step('the question of the end, each answer', async () => {
    await meeting.begin('live');
    await meeting.ask('end');
    for (const answer of ['start-cancel', 'Escape', 'Space', 'Enter']) {
      if (answer === 'start-cancel') await page.locator('[data-act=start-cancel]').click();
      else expect(await desk.sent(() => page.keyboard.press(answer))).toEqual([]);
      await expect(yes('end'), answer).toHaveCount(0);
      await meeting.begin('live');
      expect(await desk.space(answer)).toEqual([]);
      await meeting.begin('live');
      await meeting.ask('end');
    }
    expect(count(await meeting.kinds(), 'ended')).toBe(0);
    expect(await desk.sent(() => yes('end').click())).toEqual([{ end: {} }]);
    await expect(page.locator('.page')).toHaveAttribute('data-phase', 'ended');
  });

  await test.step('after the end', async () => {
    expect(await meeting.everyControl('ended')).toEqual([]);
    expect(count(await meeting.kinds(), 'ended')).toBe(1);
  });
});

test('the judge finds the focus that a start once left on Hold to end', async ({ meeting }) => {
  const { page, desk } = meeting;
  await meeting.begin('waiting');
  await meeting.ask('start');
  await page.locator('[data-act=start-confirm]').click();
  await expect(page.locator('[data-act=end]')).toBeVisible();
  await expect(page.locator('[data-act=take]')).not.toHaveAttribute('aria-disabled', 'true');
  // As first light did it: the button that took the old one's place is focused, and nothing takes the focus back.
  await page.evaluate(() => {
    HTMLElement.prototype.blur = () => undefined;
    document.querySelector<HTMLElement>('[data-act=end]')?.focus();
  });
  expect(await desk.space('Start')).toEqual(['Start: TAKE was armed, and Space was not TAKE']);
});

test('U4: 200 random words typed without / send nothing but previews, with a hand up and with a call-on running', async ({
  meeting,
}) => {
  const { page, desk } = meeting;
  await meeting.start();
  const random = seeded(seed);
  const below = (most: number) => Math.floor(random() * most);
  const letters = 'abcdefghijklmnopqrstuvwxyznremnremhb';
  for (const phase of ['live', 'call'] as const) {
    await meeting.begin(phase);
    let known = (await meeting.kinds()).length;
    let judged = 0;
    for (let at = 0; at < 100; at += 1) {
      const word = Array.from({ length: 2 + below(9) }, () => letters[below(letters.length)]).join('');
      const told = await desk.sent(async () => {
        await page.keyboard.type(word, { delay: below(20) });
        await page.keyboard.press('Escape');
      });
      const kinds = await meeting.kinds();
      // From 300 ms on a press is a hold: what the machine drew out so far was not typed.
      if ((await desk.longestPress()) > 250) {
        await meeting.begin(phase);
        known = (await meeting.kinds()).length;
        continue;
      }
      judged += 1;
      // Letters that a slow machine drew apart may load NEXT one by one; nothing else.
      const what = `${word}, seed ${String(seed)}`;
      for (const act of told) expect(Object.keys(act), what).toEqual(['preview']);
      const other = kinds
        .slice(known)
        .filter((kind) => !/^preview|^unchanged$|^request|link|joined|lost|back/.test(kind));
      expect(other, what).toEqual([]);
      known = kinds.length;
    }
    console.log(`${phase}: ${String(judged)} of 100 words were typed as fast as typed`);
    expect(judged).toBeGreaterThan(0);
    await expect(page.locator('[data-call]')).toHaveAttribute('data-call', phase === 'call' ? 'main' : '');
  }
});

test('every Tab stop is pressed with Space and with Enter: nothing goes on air, opens or ends that it does not name', async ({
  meeting,
}) => {
  const { page, desk } = meeting;
  await meeting.start();
  for (const phase of ['live', 'call'] as const) {
    await meeting.begin(phase);
    const stops: string[] = [];
    const faults: string[] = [];
    for (let walked = 0; walked < 150; walked += 1) {
      await page.keyboard.press('Tab');
      const stop = await desk.focused();
      if (stop === null) continue;
      if (stop.mark < 0) break;
      stops.push(stop.kind);
      // The language reloads every word, and what was walked would be forgotten.
      if (stop.kind === 'language') continue;
      for (const key of ['Space', 'Enter']) faults.push(...(await desk.key(stop, key)));
      if ((await page.locator('dialog[open], .sources, select:focus').count()) > 0) await page.keyboard.press('Escape');
    }
    console.log(`${phase}: ${String(stops.length)} Tab stops: ${stops.join(', ')}`);
    expect(stops.length).toBeGreaterThan(15);
    expect(faults).toEqual([]);
    expect(count(await meeting.kinds(), 'ended')).toBe(0);
    await page.evaluate(() => {
      for (const each of document.querySelectorAll<HTMLElement>('[data-walked]')) delete each.dataset['walked'];
    });
  }
});
