// What several people of a real meeting share, as the review of use missed it: why a hall has no camera, who else directs, which alarm
// was seen, who asks to speak and as what, what was held, and at which hour it begins.

import type { Page } from '@playwright/test';
import { Bench } from './support/bench';
import { serveFirstMeeting } from './support/guide';
import { Demo, technicianPage } from './support/onehall';
import { expect, Meeting, test } from './support/review';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

interface Alarm {
  readonly code: string;
  readonly venues: readonly string[];
}

for (const [fault, error] of [
  ['refused', 'NotAllowedError'],
  ['missing', 'NotFoundError'],
  ['in_use', 'NotReadableError'],
] as const) {
  test(`U8: a camera that is ${fault} is told to technician and desk, and not to the hall`, async ({
    rooms,
    browser,
  }) => {
    const demo = await Demo.start(2);
    try {
      const venue = demo.venue(1);
      const context = await browser.newContext({ locale: 'zh-CN' });
      await context.addInitScript((name) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no camera', name));
      }, error);
      const hall = await rooms.page(venue.page, context);
      const tech = await rooms.page(technicianPage(venue));
      const desk = await rooms.page(demo.ready.desk);
      const alarms = async () => ((await demo.state())['alarms'] as { alarms: Alarm[] }).alarms;
      await expect
        .poll(alarms)
        .toContainEqual(expect.objectContaining({ code: `camera_${fault}`, venues: [venue.id] }));
      await expect(desk.locator(`[data-alarm][data-code=camera_${fault}]`)).toContainText('摄像头');
      await expect(desk.locator(`[data-cell="v:${venue.id}"]`)).toHaveAttribute('data-state', 'warn');
      // Whoever has joined has joined.
      await expect(tech.locator('.tally-band')).not.toHaveAttribute('data-state', 'lost');
      await expect(tech.locator(`[data-camera=${fault}]`)).toContainText('摄像头');
      await expect(hall.locator('main')).toHaveAttribute('data-picture', 'slate');
      await expect(hall.locator('main')).not.toContainText('摄像头');
      await context.close();
    } finally {
      await demo.stop();
    }
  });
}

test('U16: a desk says when another is open, and when it has gone', async ({ desk, meeting, rooms, browser }) => {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'zh-CN' });
  await rooms.page(meeting.demo.ready.desk, context);
  await expect(desk.page.locator('[data-desks="1"]')).toHaveText(/\S/);
  await context.close();
  await expect(desk.page.locator('[data-desks="0"]')).toHaveText('');
});

test('U22: who asks and as what stands in the queue, and the name comes with the floor', async ({
  desk,
  meeting,
  rooms,
}) => {
  const venue = meeting.branch(1);
  const { api, tokens } = meeting.demo.ready;
  const response = await fetch(`${api}/venues/${venue.id}/people`, {
    headers: { authorization: `Bearer ${tokens.director}` },
  });
  expect(response.status).toBe(200);
  const [person] = (await response.json()) as { id: string; name: { zh: string } }[];
  if (!person) throw new Error('nobody is of that venue');
  // The venue itself may have asked.
  await meeting.act({ withdraw: {} }, venue);
  expect(await meeting.act({ raise: { person: person.id, kind: 'question' } }, venue)).toBe(true);
  const row = desk.page.locator(`[data-request][data-of="${venue.id}"]`);
  await expect(row).toContainText(person.name.zh);
  await expect
    .poll(() => meeting.section<{ requests: object[] }>('queue'))
    .toMatchObject({ requests: expect.arrayContaining([expect.objectContaining({ kind: 'question' })]) as object });
  const watcher = await rooms.page(meeting.demo.ready.watch);
  await row.locator('[data-act=give]').click();
  await expect.poll(() => meeting.section('call_on')).toMatchObject({ running: { person: person.id } });
  await expect(watcher.locator('.caption')).toContainText(person.name.zh);
});

test('U22: the technician chooses who would speak and what for, and the desk may choose another', async ({ rooms }) => {
  const demo = await Demo.start(2);
  try {
    const meeting = new Meeting(demo);
    const venue = demo.venue(1);
    await rooms.hall(venue, 'blue');
    const tech = await rooms.page(technicianPage(venue));
    const desk = await rooms.page(demo.ready.desk);
    await expect(desk.locator(`[data-cell="v:${venue.id}"]`)).toHaveAttribute('data-state', 'ok');
    const speaker = tech.locator('[data-act=speaker]');
    await expect(speaker).toHaveAttribute('data-people', /[1-9]/);
    const person = speaker.locator('option').nth(1);
    const [id, name] = [(await person.getAttribute('value')) ?? '', (await person.textContent()) ?? ''];
    await speaker.selectOption(id);
    await tech.locator('[data-act=kind-point_of_order]').click();
    await tech.locator('[data-act=ask]').click();
    const row = desk.locator(`[data-request][data-of="${venue.id}"]`);
    await expect(row).toContainText(name);
    await expect(row.locator('[data-kind=point_of_order]')).toContainText('程序问题');
    // What was asked stands as it was asked.
    await expect(speaker).toBeDisabled();
    await tech.locator('[data-act=ask]').click();
    await expect(row).toHaveCount(0);

    await speaker.selectOption('');
    await tech.locator('[data-act=ask]').click();
    await expect(row).toHaveCount(1);
    await desk.locator(`[data-cell="v:${venue.id}"]`).click();
    const card = desk.locator(`[data-card-venue="${venue.id}"]`);
    await expect(card.locator('[data-act=speaker]')).toHaveAttribute('data-people', /[1-9]/);
    await card.locator('[data-act=speaker]').selectOption(id);
    await card.locator('[data-act=limit]').selectOption('3');
    await card.locator('[data-act=call-on]').click();
    await expect.poll(() => meeting.section('call_on')).toMatchObject({ running: { person: id, limit_s: 180 } });
    await expect(desk.locator('[data-call]')).toContainText(name);
    await expect(tech.locator('.tally-band')).toContainText('2:');
    // The next request begins anew.
    await expect(tech.locator('[data-act=kind-speech]')).toHaveAttribute('aria-pressed', 'true');
  } finally {
    await demo.stop();
  }
});

test('U21: after the end there is a summary of what was held and who spoke', async () => {
  const demo = await Demo.start(2);
  try {
    const meeting = new Meeting(demo);
    for (const item of ['i1', 'i2']) await demo.act({ item: { item } });
    await demo.act({ end: {} });
    await expect
      .poll(() => meeting.section('summary'))
      .toMatchObject({ done: { items: [{ item: 'i1' }, { item: 'i2' }], speeches: [] } });
  } finally {
    await demo.stop();
  }
});

test('U29: an alarm that was acknowledged stays so, after a reload and on a second desk', async ({ rooms }) => {
  const demo = await Demo.start(2);
  try {
    const hall = await rooms.hall(demo.venue(1), 'blue');
    const desk = await rooms.page(demo.ready.desk);
    const chip = desk.locator(`[data-cell="v:${demo.venue(1).id}"]`);
    await expect(chip).toHaveAttribute('data-state', 'ok');
    await hall.close();
    const seen = (page: Page, where: string) =>
      expect(page.locator('[data-alarm]'), where).toHaveAttribute('data-acknowledged', /\S/);
    await expect(desk.locator('[data-alarm][data-code=lost]')).toBeVisible();
    await desk.keyboard.press('a');
    await seen(desk, 'on the desk that did it');
    await desk.reload();
    await seen(desk, 'after a reload');
    await seen(await rooms.page(demo.ready.desk), 'on a second desk');
  } finally {
    await demo.stop();
  }
});

test('U27: times are those of the meeting, wherever the page is read', async ({ rooms, browser }) => {
  const bench = new Bench();
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'UTC' });
  try {
    const ready = await serveFirstMeeting(bench);
    const desk = await rooms.page(ready.desk, context);
    await expect(desk.locator('.now')).toContainText('09:00');
  } finally {
    await context.close();
    await bench.clear();
  }
});
