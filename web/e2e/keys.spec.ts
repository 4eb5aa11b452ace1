// Keys, focus and presses of the desk, against canned states: what each key does, where Space goes, what a key that does nothing says.

import type { Page } from '@playwright/test';
import { drawPictures } from './support/fixture-pictures';
import { hold } from './support/hands';
import { expect, sentFrames, test as base, type Stage } from './support/test';

const next = (page: Page) => page.locator('[data-slot=preview].mon');
const air = (page: Page) => page.locator('[data-slot=programme].mon');
const chip = (page: Page, venue: string) => page.locator(`[data-cell="v:${venue}"]`);
const open = (page: Page) => page.locator('[role=grid] [data-floor=open]');
const call = (page: Page) => page.locator('[data-call]');
const take = (page: Page) => page.locator('[data-act=take]');
const hint = (page: Page) => page.locator('[data-remark=hint]');
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('data-act') ?? document.activeElement?.tagName);

/** The stage, whose desk has its state and its link: keys act. */
const test = base.extend<{ stage: Stage }>({
  stage: async ({ stage }, use) => {
    await use({
      async open(...what) {
        const page = await stage.open(...what);
        await expect(page.locator('.page[data-link=live] [data-cell]').first()).toBeVisible();
        return page;
      },
    });
  },
});

test.use({ viewport: { width: 1920, height: 1080 } });
test.beforeEach(async ({ page }) => {
  await drawPictures(page);
});

test('the keys do what the list says', async ({ stage }) => {
  const page = await stage.open('desk', 'queue');
  await page.keyboard.press('3');
  await expect(next(page)).toHaveAttribute('data-source', 'v001-1');
  await page.keyboard.press('h');
  await expect(next(page)).toHaveAttribute('data-source', 'v000-1');
  await page.keyboard.press('4');
  await expect(next(page)).toHaveAttribute('data-source', 'v002-1');
  await expect(take(page)).not.toHaveAttribute('aria-disabled');
  await page.keyboard.press('Control+Enter');
  await expect(air(page)).toHaveAttribute('data-source', 'v002-1');
  // The first of the queue comes to NEXT, and the call of it answers its request.
  const first = page.locator('[data-request]').first();
  const [asked, request] = [await first.getAttribute('data-of'), await first.getAttribute('data-request')];
  await page.keyboard.press('n');
  await expect(next(page)).toHaveAttribute('data-source', `${asked ?? ''}-1`);
  await expect(call(page)).toHaveAttribute('data-call', '');
  await hold(page, 'r', call(page), ['data-call', asked ?? '']);
  await expect(page.locator(`[data-request="${request ?? ''}"]`)).toHaveCount(0);
  await hold(page, 'e', call(page), ['data-call', '']);
  await chip(page, 'v010').click();
  await expect(next(page)).toHaveAttribute('data-source', 'v010-1');
  await hold(page, 'r', call(page), ['data-call', 'v010']);
  await expect(open(page)).toHaveCount(2);
  await hold(page, 'm', page.locator('[data-open]'), ['data-open', '1']);
  await hold(page, 'b', air(page), ['data-source', '']);
});

test('keys that load NEXT move selection and card with it, and arrows move the focus alone', async ({ stage }) => {
  const page = await stage.open('desk', 'queue');
  const card = page.locator('[data-card-venue]');
  const selected = page.locator('[role=grid] [aria-selected=true][data-venue]');
  await chip(page, 'v010').click();
  await expect(card).toHaveAttribute('data-card-venue', 'v010');
  await page.keyboard.press('5');
  await expect(next(page)).toHaveAttribute('data-source', 'v003-1');
  await expect(card).toHaveAttribute('data-card-venue', 'v003');
  await expect(selected).toHaveAttribute('data-venue', 'v003');
  await page.keyboard.press('h');
  await expect(card).toHaveAttribute('data-card-venue', 'v000');
  const asked = await page.locator('[data-request]').first().getAttribute('data-of');
  await page.keyboard.press('n');
  await expect(card).toHaveAttribute('data-card-venue', asked ?? '');
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
  const reached = await page.locator('[data-cell]:focus').getAttribute('data-venue');
  expect(reached).not.toBe(asked);
  await expect(card).toHaveAttribute('data-card-venue', asked ?? '');
  // What stands in NEXT is called, wherever the focus went.
  await hold(page, 'r', call(page), ['data-call', asked ?? '']);
});

test('R loads what is selected first, says so, and calls it the second time', async ({ stage }) => {
  const page = await stage.open('desk', 'watching');
  await chip(page, 'v010').click();
  await expect(take(page)).not.toHaveAttribute('aria-disabled');
  await page.keyboard.press('Space');
  await expect(air(page)).toHaveAttribute('data-source', 'v010-1');
  await expect(page.locator('[data-act=queue-call-on]')).toHaveAttribute('data-venue', 'v000');
  await hold(page, 'r', next(page), ['data-source', 'v010-1']);
  await expect(hint(page)).toHaveAttribute('data-code', 'loaded');
  await expect(call(page)).toHaveAttribute('data-call', '');
  await hold(page, 'r', call(page), ['data-call', 'v010']);
});

test('two letters in a row are typing: the search opens with them, and nothing else happens', async ({
  stage,
  page,
}) => {
  const sent = sentFrames(page);
  await stage.open('desk', 'queue');
  // The browser stamps both presses itself: no slow machine comes between them.
  await page.evaluate(() => {
    for (const key of ['n', 'i']) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  });
  await expect(page.locator('[data-act=search]')).toBeFocused();
  await page.keyboard.type('ngbo');
  await expect(page.locator('[data-act=search]')).toHaveValue('ningbo');
  expect(sent.filter(({ k }) => k === 'cmd')).toEqual([]);
});

test('a key that does nothing says why', async ({ stage }) => {
  const page = await stage.open('desk', 'watching');
  const says = async (key: string, code: string): Promise<void> => {
    await page.keyboard.press(key);
    await expect(hint(page), key).toHaveAttribute('data-code', code);
    expect((await hint(page).textContent())?.trim().length, key).toBeGreaterThan(3);
    await page.locator('[data-act=dismiss]').click();
    await expect(hint(page), key).toHaveCount(0);
  };
  await says('q', 'no_act');
  for (const key of ['r', 'e', 'm', 'b']) await says(key, 'tapped');
  await says('n', 'nobody_waits');
  await says('a', 'no_alarm');
  await says('Enter', 'no_selection');
  await says('Space', 'empty');
  await page.keyboard.down('r');
  await expect(hint(page)).toHaveAttribute('data-code', 'empty');
  await page.keyboard.up('r');
  await page.keyboard.down('e');
  await expect(hint(page)).toHaveAttribute('data-code', 'nobody_speaks');
  await page.keyboard.up('e');
  await stage.open('desk', 'watching', { branches: 2 });
  await says('9', 'no_favourite');
  await stage.open('desk', 'waiting');
  await says('Space', 'not_live');
  await page.keyboard.down('m');
  await expect(hint(page)).toHaveAttribute('data-code', 'not_live');
  await page.keyboard.up('m');
});

test('two takes in a row are one, and the second says why', async ({ stage }) => {
  const page = await stage.open('desk', 'next');
  await expect(take(page)).not.toHaveAttribute('aria-disabled');
  const [on, due] = [await air(page).getAttribute('data-source'), await next(page).getAttribute('data-source')];
  await page.evaluate(() => {
    for (const repeat of [0, 1])
      document.body.dispatchEvent(
        new KeyboardEvent('keydown', { key: ' ', code: `Space${String(repeat)}`, bubbles: true }),
      );
  });
  await expect(air(page)).toHaveAttribute('data-source', due ?? '');
  await expect(next(page)).toHaveAttribute('data-source', on ?? '');
  await expect(hint(page)).toHaveAttribute('data-code', 'rest');
});

test('what a call-on would close stands on its button, and is said when it is done', async ({ stage }) => {
  const page = await stage.open('desk', 'queue');
  for (const venue of ['v007', 'v008', 'v009']) {
    await chip(page, venue).click();
    await page.locator('[data-act=open-floor]').click();
    await expect(chip(page, venue)).toHaveAttribute('data-floor', 'open');
  }
  await chip(page, 'v010').click();
  for (const act of ['call-on', 'queue-call-on', 'give'])
    await expect(page.locator(`[data-act=${act}]`).first()).toHaveAttribute('data-closes', '3');
  await page.keyboard.down('r');
  await expect(call(page)).toHaveAttribute('data-call', 'v010');
  await page.keyboard.up('r');
  await expect(open(page)).toHaveCount(2);
  await expect(hint(page)).toHaveAttribute('data-code', 'closed');
  await expect(hint(page)).toContainText('3');
});

test('while somebody speaks nobody else can be called, and the buttons say who does', async ({ stage }) => {
  const page = await stage.open('desk', 'call');
  await chip(page, 'v010').click();
  for (const act of ['call-on', 'queue-call-on', 'give']) {
    const button = page.locator(`[data-act=${act}]`).first();
    await expect(button, act).toHaveAttribute('aria-disabled', 'true');
    await button.click({ force: true });
    await expect(hint(page), act).toHaveAttribute('data-code', 'speech_runs');
    await page.locator('[data-act=dismiss]').click();
  }
});

test("a chair's link offers at the desk what a chair may do; what the director does says why, and is never sent", async ({
  stage,
  page,
}) => {
  const sent = sentFrames(page);
  await stage.open('chair', 'queue', { lang: 'en' });
  await page.locator('[data-cell="v:v005"]').click();
  const commands = () => sent.filter(({ k }) => k === 'cmd');
  // A click looks at a venue, and says nothing of NEXT.
  await expect(page.locator('[data-card-venue=v005]')).toBeVisible();
  await expect(page.locator('.remark')).not.toHaveAttribute('data-code', /./);
  for (const act of ['take', 'main', 'favourite-1', 'queue-load']) {
    const control = page.locator(`[data-act=${act}]`).first();
    await expect.soft(control, act).toHaveAttribute('aria-disabled', 'true');
    await control.click({ force: true });
  }
  for (const key of ['h', '1', 'n', 'Enter', 'Space']) await page.keyboard.press(key);
  const slate = page.locator('[data-act=slate]');
  await expect(slate).toHaveAttribute('aria-disabled', 'true');
  for (const act of ['next-item', 'end'])
    await expect(page.locator(`[data-act=${act}]`)).toHaveAttribute('aria-disabled', 'true');
  await hold(page, 'b', page.locator('.remark'), ['data-code', 'no_right']);
  expect(commands()).toEqual([]);
  for (const act of ['give', 'drop', 'mute-all', 'open-floor', 'call-on'])
    await expect.soft(page.locator(`[data-act=${act}]`).first(), act).not.toHaveAttribute('aria-disabled', 'true');
  await page.locator('[data-act=mute-all]').click();
  await expect.poll(() => commands().length).toBe(1);
});

test("the chair's microphone has no button that closes it", async ({ stage }) => {
  const page = await stage.open('desk', 'watching');
  await chip(page, 'v000').click();
  await expect(page.locator('[data-card-venue=v000]')).toBeVisible();
  await expect(page.locator('[data-act=close-floor]')).toHaveCount(0);
  await page.keyboard.down('m');
  await expect(page.locator('[data-act=mute-all]')).toHaveAttribute('data-press', 'idle');
  await page.keyboard.up('m');
  await expect(chip(page, 'v000')).toHaveAttribute('data-floor', 'open');
});

test('a press with the pointer leaves no focus, and Space is TAKE; after Tab it is the control’s, and the cap says so', async ({
  stage,
}) => {
  const page = await stage.open('desk', 'next');
  for (const act of ['next-item', 'sound', 'filter-alarms', 'order-worst', 'mute-all', 'keys-switch', 'favourite-4']) {
    await page.locator(`[data-act=${act}]`).click();
    expect(await focused(page), act).toBe('BODY');
    await expect(take(page), act).toHaveAttribute('data-space', act === 'keys-switch' ? 'elsewhere' : 'take');
    if (act === 'keys-switch') await page.locator(`[data-act=${act}]`).click();
  }
  await page.keyboard.press('Tab');
  expect(await focused(page)).not.toBe('BODY');
  await expect(take(page)).toHaveAttribute('data-space', 'elsewhere');
  await page.keyboard.press('Escape');
  expect(await focused(page)).toBe('BODY');
  await expect(take(page)).toHaveAttribute('data-space', 'take');
});

test('Space presses the control that Tab went to; fields and the switch in the footer silence the keys', async ({
  stage,
}) => {
  const page = await stage.open('desk', 'next');
  await expect(take(page)).not.toHaveAttribute('aria-disabled');
  const on = await air(page).getAttribute('data-source');
  await page.locator('[data-act=keys-switch]').focus();
  await page.keyboard.press('Space');
  await expect(page.locator('.page')).toHaveAttribute('data-keys', 'off');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Space');
  await page.keyboard.press('h');
  await page.locator('[data-act=keys-switch]').click();
  await page.keyboard.press('/');
  await expect(page.locator('[data-act=search]')).toBeFocused();
  await page.keyboard.type('h1 m');
  await expect(page.locator('[data-act=search]')).toHaveValue('h1 m');
  await expect(air(page)).toHaveAttribute('data-source', on ?? '');
  await expect(next(page)).toHaveAttribute('data-source', 'v002-1');
});

test('code, name, pinyin and initials find the same venue; Enter loads it, shows the wall, and Space takes it', async ({
  stage,
}) => {
  const page = await stage.open('desk', 'watching');
  const shown = page.locator('[data-cell^="v:"]:visible');
  const all = await shown.count();
  for (const query of ['qt', '青汀', 'qingting']) {
    await page.locator('[data-act=search]').fill(query);
    await expect(shown).toHaveCount(1);
    await expect(shown).toContainText('青汀');
  }
  const found = (await shown.getAttribute('data-venue')) ?? '';
  await page.locator('[data-act=search]').press('Enter');
  await expect(next(page)).toHaveAttribute('data-source', `${found}-1`);
  await expect(shown).toHaveCount(all);
  await expect(page.locator('[role=grid] [aria-selected=true][data-venue]')).toHaveAttribute('data-venue', found);
  expect(await focused(page)).toBe('BODY');
  await expect(take(page)).not.toHaveAttribute('aria-disabled');
  await page.keyboard.press('Space');
  await expect(air(page)).toHaveAttribute('data-source', `${found}-1`);
  await page.keyboard.press('/');
  await page.keyboard.type('zzzz');
  await page.keyboard.press('Enter');
  await expect(hint(page)).toHaveAttribute('data-code', 'none_found');
});

test('a key that was chosen in the list of the card gives the focus back: the next digit loads', async ({ stage }) => {
  const page = await stage.open('desk', 'watching');
  await chip(page, 'v010').click();
  const list = page.locator('[data-act=pin]');
  await list.click();
  await list.selectOption('9');
  await expect(page.locator('[data-act=favourite-9]')).toHaveAttribute('data-source', 'v010-1');
  await page.keyboard.press('3');
  await expect(next(page)).toHaveAttribute('data-source', 'v001-1');
  await expect(page.locator('[data-act=favourite-9]')).toHaveAttribute('data-source', 'v010-1');
  // Opened, left, and not chosen from: the same.
  await chip(page, 'v010').click();
  await list.click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('3');
  await expect(next(page)).toHaveAttribute('data-source', 'v001-1');
  await expect(page.locator('[data-act=favourite-9]')).toHaveAttribute('data-source', 'v010-1');
});

test('the end is held, then asked with the focus on Cancel; Escape cancels, Space never ends, a click does', async ({
  stage,
}) => {
  const page = await stage.open('desk', 'next');
  const [ask, yes, no] = ['end', 'end-confirm', 'start-cancel'].map((act) => page.locator(`[data-act=${act}]`));
  const live = page.locator('.page[data-phase=live]');
  if (!ask || !yes || !no) throw new Error('three controls');
  await ask.click();
  await expect(yes).toHaveCount(0);
  const question = async (): Promise<void> => {
    await ask.hover();
    await page.mouse.down();
    await expect(yes).toBeVisible();
    await page.mouse.up();
    await expect(no).toBeFocused();
    await expect(take(page)).toHaveAttribute('data-space', 'elsewhere');
  };
  for (const key of ['Escape', 'Space', 'Enter']) {
    await question();
    await page.keyboard.press(key);
    await expect(yes, key).toHaveCount(0);
    expect(await focused(page), key).toBe('BODY');
  }
  // A key on End itself must be held.
  for (const key of ['Space', 'Enter']) {
    await question();
    await yes.focus();
    await page.keyboard.press(key);
    await expect(yes, key).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(yes).toHaveCount(0);
  }
  await expect(live).toHaveCount(1);
  await question();
  await yes.click();
  await expect(page.locator('.page')).toHaveAttribute('data-phase', 'ended');
  await expect(open(page)).toHaveCount(0);
});

test('the end by keys alone takes two holds, and a No brings the focus back to where Tab was', async ({ stage }) => {
  const page = await stage.open('desk', 'watching');
  const yes = page.locator('[data-act=end-confirm]');
  await page.locator('[data-act=end]').focus();
  await page.keyboard.down('Space');
  await expect(yes).toBeVisible();
  await page.keyboard.up('Space');
  await page.keyboard.press('Escape');
  await expect(page.locator('[data-act=end]')).toBeFocused();
  await page.keyboard.down('Space');
  await expect(yes).toBeVisible();
  await page.keyboard.up('Space');
  await page.keyboard.press('Shift+Tab');
  await expect(yes).toBeFocused();
  await page.keyboard.down('Enter');
  await expect(page.locator('.page')).toHaveAttribute('data-phase', 'ended');
  await page.keyboard.up('Enter');
});

test('dialog and list give the focus back to the opener that Tab had reached, and none to the pointer', async ({
  stage,
}) => {
  const page = await stage.open('desk', 'watching');
  for (const [act, opened] of [
    ['keys', 'dialog'],
    ['all-sources', '.sources'],
  ] as const) {
    const opener = page.locator(`[data-act=${act}]`);
    await opener.focus();
    await page.keyboard.press('Enter');
    await expect(page.locator(opened)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.locator(opened)).toHaveCount(0);
    await expect(opener).toBeFocused();
    await opener.click();
    await expect(page.locator(opened)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.locator(opened)).toHaveCount(0);
    expect(await focused(page), act).toBe('BODY');
  }
});
