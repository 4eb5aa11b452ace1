// What the hand does on the desk of a real meeting, as the review of use did it: what goes on air, whose microphone opens, what comes
// back, and that a press which does nothing says why. Beside these, hands.spec.ts presses every control.

import { expect, test, type DeskHands } from './support/review';
import { hold } from './support/hands';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

/** Key of a branch's tile: the first two are the main venue's. */
const tile = (branch: number): string => String(branch + 2);

const remarks = async (desk: DeskHands, code: string, why: string): Promise<void> => {
  await expect(desk.remark, why).toHaveAttribute('data-code', code);
  expect((await desk.remark.textContent())?.trim().length, why).toBeGreaterThan(3);
};

test('U2: R calls what stands in NEXT, not the venue that was looked at before', async ({ desk, meeting }) => {
  const [seen, due] = [meeting.branch(1), meeting.branch(3)];
  await desk.chip(seen).click();
  await desk.ready(seen.source);
  await desk.page.keyboard.press(tile(3));
  await desk.ready(due.source);
  await hold(desk.page, 'r', desk.call, ['data-call', due.id]);
  await expect(desk.chip(due)).toHaveAttribute('data-floor', 'open');
  await expect(desk.chip(seen)).toHaveAttribute('data-floor', 'closed');
});

test('U2: R calls what stands in NEXT, wherever arrows moved the focus', async ({ desk, meeting }) => {
  const due = meeting.branch(4);
  await desk.chip(due).click();
  await desk.ready(due.source);
  const at = desk.page.locator('[data-cell]:focus');
  for (const key of ['ArrowUp', 'ArrowLeft', 'ArrowLeft']) await desk.page.keyboard.press(key);
  await expect(at).not.toHaveAttribute('data-venue', due.id);
  await hold(desk.page, 'r', desk.call, ['data-call', due.id]);
});

test("U5: no press closes the chair's microphone", async ({ desk, meeting }) => {
  const main = meeting.demo.venue(0);
  await desk.chip(main).click();
  await expect(desk.card(main)).toBeVisible();
  await expect(desk.chip(main)).toHaveAttribute('data-floor', 'open');
  await expect(desk.card(main).locator('[data-act=close-floor]')).toHaveCount(0);
  // Nor does the key that mutes all others.
  const branch = meeting.branch(1);
  await meeting.act({ open_floor: { venue: branch.id } });
  await expect(desk.chip(branch)).toHaveAttribute('data-floor', 'open');
  await hold(desk.page, 'm', desk.chip(branch), ['data-floor', 'closed']);
  await expect(desk.chip(main)).toHaveAttribute('data-floor', 'open');
});

test('U9: after the slate what was on air comes back', async ({ desk, meeting }) => {
  const [held, on] = [meeting.branch(1), meeting.branch(2)];
  await meeting.take(held.source);
  await meeting.take(on.source);
  await desk.ready(held.source);
  await expect(desk.air).toHaveAttribute('data-source', on.source);
  await hold(desk.page, 'b', desk.air, ['data-source', '']);
  await desk.ready(on.source);
  await desk.page.keyboard.press('Space');
  await meeting.onAir(on.source);
});

test('U10: a key that bounces after 120 ms is one take, and the second says why', async ({ desk, meeting }) => {
  const due = meeting.branch(2);
  await desk.chip(due).click();
  await desk.ready(due.source);
  const before = await meeting.count('programme_set');
  // The second press has the time of a bounce and comes when the desk knows of the first take, however slow the machine.
  await desk.page.evaluate(() => {
    const press = (code: string, at: number): void => {
      const event = new KeyboardEvent('keydown', { key: ' ', code, bubbles: true, cancelable: true });
      Object.defineProperty(event, 'timeStamp', { value: at });
      document.body.dispatchEvent(event);
    };
    const now = performance.now();
    const next = document.querySelector<HTMLElement>('[data-slot=preview].mon');
    const seen = new MutationObserver(() => {
      seen.disconnect();
      // A page that is slow hears of it when the rest is over.
      while (performance.now() < now + 400);
      press('Bounce', now + 120);
      document.documentElement.dataset['bounced'] = 'yes';
    });
    if (next) seen.observe(next, { attributeFilter: ['data-source'] });
    press('Space', now);
  });
  await expect(desk.page.locator('html')).toHaveAttribute('data-bounced', 'yes');
  await expect
    .poll(async () => ({
      takes: (await meeting.count('programme_set')) - before,
      said: await desk.remark.getAttribute('data-code', { timeout: 1000 }).catch(() => null),
    }))
    .toEqual({ takes: 1, said: 'rest' });
  await meeting.onAir(due.source);
});

test('U11: Enter in the search loads, empties it, and leaves Space to TAKE', async ({ desk, meeting }) => {
  const due = meeting.branch(3);
  const shown = desk.page.locator('[data-cell^="v:"]:visible');
  const all = await shown.count();
  await desk.page.keyboard.press('/');
  await desk.page.keyboard.type(due.id);
  await expect(shown).toHaveCount(1);
  await desk.page.keyboard.press('Enter');
  await desk.ready(due.source);
  await expect(shown).toHaveCount(all);
  await expect(desk.page.locator('[role=grid] [aria-selected=true][data-venue]')).toHaveAttribute('data-venue', due.id);
  await desk.page.keyboard.press('Space');
  await meeting.onAir(due.source);
});

test('U12: a digit after a choice in the list of keys loads, and pins nothing', async ({ desk, meeting }) => {
  const pinned = meeting.branch(2);
  await desk.chip(pinned).click();
  await desk.ready(pinned.source);
  const list = desk.act('pin');
  await list.focus();
  await list.click();
  await list.selectOption('9');
  await expect(desk.act('favourite-9')).toHaveAttribute('data-source', pinned.source);
  await desk.page.keyboard.press(tile(3));
  await expect(desk.next).toHaveAttribute('data-source', meeting.branch(3).source);
  await expect(desk.act('favourite-9')).toHaveAttribute('data-source', pinned.source);
});

test('U13: a key that does nothing says why', async ({ desk, meeting }) => {
  const says = async (key: string, code: string, held = false): Promise<void> => {
    if (held) await desk.page.keyboard.down(key);
    else await desk.page.keyboard.press(key);
    await remarks(desk, code, key);
    if (held) await desk.page.keyboard.up(key);
    await desk.act('dismiss').click();
    await expect(desk.remark, key).toHaveCount(0);
  };
  await says('r', 'empty', true);
  await says('e', 'nobody_speaks', true);
  await says('b', 'tapped');
  await says('9', 'no_favourite');
  // Synthetic venues ask to speak when they like: the queue is empty for as long as none does.
  await expect(async () => {
    await meeting.begin();
    await expect(desk.page.locator('[data-request]')).toHaveCount(0, { timeout: 3000 });
    await desk.page.keyboard.press('n');
    await expect(desk.remark).toHaveAttribute('data-code', 'nobody_waits', { timeout: 3000 });
  }).toPass();
});

test('U14: while somebody speaks what would call another is barred, and says who speaks', async ({ desk, meeting }) => {
  const [speaker, other] = [meeting.branch(1), meeting.branch(2)];
  await meeting.act({ call_on: { venue: speaker.id } });
  await meeting.act({ raise: {} }, meeting.branch(3));
  await expect(desk.call).toHaveAttribute('data-call', speaker.id);
  await desk.chip(other).click();
  await desk.ready(other.source);
  for (const act of ['call-on', 'queue-call-on', 'give']) {
    const button = desk.act(act).first();
    await expect(button, act).toHaveAttribute('aria-disabled', 'true');
    await button.click({ force: true });
    await remarks(desk, 'speech_runs', act);
    await desk.act('dismiss').click();
  }
  await expect(desk.call).toHaveAttribute('data-call', speaker.id);
});

test('U15: Shift with Next item goes back, and a row of the rundown is gone to', async ({ desk, meeting }) => {
  const current = desk.page.locator('[aria-current=step]');
  await expect(current).toHaveAttribute('data-item-id', 'i1');
  await desk.act('next-item').click();
  await expect(current).toHaveAttribute('data-item-id', 'i2');
  await desk.act('next-item').click({ modifiers: ['Shift'] });
  await expect(current).toHaveAttribute('data-item-id', 'i1');
  await desk.page.locator('[data-item-id=i4] [data-act=item]').click();
  await expect(current).toHaveAttribute('data-item-id', 'i4');
  await expect.poll(() => meeting.section('rundown')).toMatchObject({ current: 'i4' });
});

test('U26: on a small desk the key of a tile that finds no room stands on its chip', async ({ desk, meeting }) => {
  await desk.page.setViewportSize({ width: 1366, height: 768 });
  const due = meeting.branch(4);
  await desk.page.keyboard.press(tile(4));
  await desk.ready(due.source);
  await expect(desk.chip(due).locator('kbd')).toHaveText(tile(4));
});

test('U26: items that find no room on a small desk are counted', async ({ desk }) => {
  const { page } = desk;
  await page.setViewportSize({ width: 1366, height: 768 });
  await desk.act('language').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  const list = page.locator('ol.rd');
  const hidden = (): Promise<number> =>
    list.evaluate((rows) => {
      const { bottom } = rows.getBoundingClientRect();
      return [...rows.children].filter((row) => row.getBoundingClientRect().bottom > bottom + 1).length;
    });
  expect(await hidden()).toBeGreaterThan(0);
  await expect(page.locator('.panel:has(ol.rd) .count')).toContainText(`${String(await hidden())} below`);
  await list.evaluate((rows) => rows.scrollTo({ top: rows.scrollHeight }));
  await expect(page.locator('.panel:has(ol.rd) .count')).not.toContainText('below');
});

test('U30: three microphones that a call-on closes are said before it, and after it', async ({ desk, meeting }) => {
  const open = [1, 2, 3].map((number) => meeting.branch(number));
  for (const { id } of open) await meeting.act({ open_floor: { venue: id } });
  for (const venue of open) await expect(desk.chip(venue)).toHaveAttribute('data-floor', 'open');
  const due = meeting.branch(4);
  await desk.chip(due).click();
  await desk.ready(due.source);
  const before = desk.act('call-on').first();
  const named = await before.getAttribute('data-closes');
  await hold(desk.page, 'r', desk.call, ['data-call', due.id]);
  for (const venue of open) await expect(desk.chip(venue)).toHaveAttribute('data-floor', 'closed');
  await remarks(desk, 'closed', 'three were closed');
  await expect(desk.remark).toContainText('3');
  expect(named).toBe('3');
});

test('what is held acts on what stood in NEXT when it went down, whoever changes it meanwhile', async ({
  desk,
  meeting,
}) => {
  const [one, other] = [meeting.branch(1), meeting.branch(2)];
  await desk.chip(one).click();
  await desk.ready(one.source);
  // The hold lasts until this test lets its time pass.
  await desk.page.clock.install();
  await desk.page.clock.pauseAt(Date.now() + 100);
  const before = await meeting.count('call_on_began');
  await desk.page.keyboard.down('r');
  await meeting.act({ preview: { source: other.source } });
  await expect(desk.next).toHaveAttribute('data-source', other.source);
  await desk.page.clock.runFor(400);
  await desk.page.keyboard.up('r');
  await expect(desk.remark).toHaveAttribute('data-code', 'next_changed');
  expect(await meeting.count('call_on_began')).toBe(before);
});
