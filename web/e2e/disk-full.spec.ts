// The disk of a real server fills up in the middle of a speech: closing works and is silent at once, the desk says why nothing else is
// offered, and nothing happens by itself when there is room again (R16, R17).

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SmallDisk } from './support/disk';
import { brokenChain, readLog } from './support/log';
import { Demo, expect, technicianPage, test } from './support/onehall';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

interface State {
  readonly meeting: { readonly phase: string; readonly log: string; readonly cause: string | null };
  readonly programme: { readonly shown: { readonly kind: string } };
  readonly preview: { readonly source: string | null; readonly held: boolean };
  readonly floor: { readonly open: readonly { readonly venue: string }[] };
  readonly journal: { readonly unlogged: readonly unknown[] };
}

interface Venue {
  readonly gate: string;
  readonly withheld: boolean;
  readonly state: string;
}

interface Told {
  readonly by:
    'server' | { readonly actor: { readonly key: string; readonly act: string; readonly effective?: number } };
}

const stateOf = async (demo: Demo): Promise<State> => (await demo.state()) as unknown as State;
const venueOf = async (demo: Demo, id: string): Promise<Venue> => (await demo.state())[`venue:${id}`] as Venue;

/** Gives a command as the director; answers with its status and code. */
async function give(
  demo: Demo,
  act: object,
  key: string,
): Promise<{ status: number; code?: string; k?: string; kept?: boolean }> {
  const response = await fetch(`${demo.ready.api}/commands`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${demo.ready.tokens.director}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(act),
  });
  return { status: response.status, ...((await response.json()) as { code?: string; k?: string; kept?: boolean }) };
}

/** Gives commands until the log cannot be written: some may find room in what it has taken before. */
async function fillUp(demo: Demo, disk: SmallDisk): Promise<void> {
  let count = 0;
  await expect
    .poll(
      async () => {
        disk.fill();
        count += 1;
        await give(demo, { preview: { source: demo.venue(count % 2).sources[0]?.id } }, `fill-${String(count)}`);
        return (await stateOf(demo)).meeting.log;
      },
      { timeout: 60_000, intervals: [50] },
    )
    .toBe('shut');
}

test('a disk that fills up in a speech silences nobody, and mute all does', async ({ rooms, browser }) => {
  test.setTimeout(240_000);
  const disk = SmallDisk.mount(8);
  test.skip(disk === undefined, 'mounting a small disk needs root');
  if (!disk) return;
  const demo = await Demo.start(2, ['--no-bots'], disk.path);
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'zh-CN' });
  try {
    const venue = demo.venue(1);
    await rooms.hall(venue, 'green');
    const desk = await rooms.page(demo.ready.desk, context);
    const tech = await rooms.page(technicianPage(venue));
    if ((await stateOf(demo)).meeting.phase === 'waiting') await demo.act({ start: {} });
    await expect.poll(async () => (await venueOf(demo, venue.id)).state, { timeout: 60_000 }).toBe('ok');
    await demo.act({ call_on: { venue: venue.id } });
    const gate = async (): Promise<string> => (await venueOf(demo, venue.id)).gate;
    await expect.poll(gate, { timeout: 20_000 }).toBe('open');

    await fillUp(demo, disk);
    expect((await stateOf(demo)).meeting.cause).toBe('disk_full');
    expect(await gate()).toBe('open');
    const alarm = desk.locator('[data-alarm][data-code=log]');
    await expect(alarm).toHaveAttribute('data-cause', 'disk_full', { timeout: 20_000 });
    await expect(alarm).toContainText('磁盘已满');
    await expect(desk.locator('[data-act=take]')).toHaveAttribute('data-bar', 'log_shut');
    await expect(tech.locator('[data-act=ask]')).toBeDisabled();
    const opening = await give(demo, { open_floor: { venue: demo.venue(2).id } }, 'never');
    expect(opening).toMatchObject({ status: 503, code: 'busy' });

    await desk.locator('[data-act=mute-all]').click();
    await expect(desk.locator('.remark')).toHaveAttribute('data-remark', 'closed_unlogged', { timeout: 20_000 });
    await expect.poll(() => venueOf(demo, venue.id)).toMatchObject({ gate: 'closed', withheld: true });
    await expect(desk.locator(`[data-cell="v:${venue.id}"]`)).toHaveAttribute('data-withheld', 'true');
    await expect(tech.locator('.mic')).toHaveAttribute('data-withheld', 'true');

    await desk.locator('[data-act=slate]').hover();
    await desk.mouse.down();
    await expect.poll(async () => (await stateOf(demo)).programme.shown.kind).toBe('slate');
    await desk.mouse.up();
    const lines = desk.locator('.log > .panel [data-unlogged]');
    await expect(lines).toHaveCount(2);
    await desk.screenshot({ path: 'test-results/fit/disk-full.png' });

    disk.free();
    await expect.poll(async () => (await stateOf(demo)).meeting.log, { timeout: 30_000 }).toBe('ok');
    await expect.poll(() => venueOf(demo, venue.id)).toMatchObject({ gate: 'closed', withheld: false });
    await expect(lines).toHaveCount(0);
    await expect(alarm).toHaveCount(0);
    await expect(desk.locator('.remark')).not.toHaveAttribute('data-remark', /./);
    await expect(tech.locator('.mic')).not.toHaveAttribute('data-withheld');

    // A command that goes through is in the log behind all that came into it by itself.
    expect(await give(demo, { mute_all: {} }, 'last')).toMatchObject({ status: 200 });
    const after = await stateOf(demo);
    const main = demo.venue(0).id;
    expect(after.floor.open.filter((lease) => lease.venue !== main)).toEqual([]);
    expect(after.programme.shown.kind).toBe('slate');
    // The slate leaves in NEXT what was on air, as it always does.
    expect(after.preview).toMatchObject({ source: venue.sources[0]?.id, held: true });
    const { run, events } = await readLog(demo.ready);
    expect(brokenChain(run, events)).toBeUndefined();
    const told = events.map(({ body }) => JSON.parse(body) as Told);
    const actors = told.flatMap(({ by }) => (by === 'server' ? [] : [by.actor]));
    expect(actors.filter(({ key }) => key === 'never')).toEqual([]);
    const late = actors.filter(({ effective }) => effective !== undefined).map(({ act }) => act);
    expect(new Set(late)).toEqual(new Set(['mute_all', 'slate']));
  } finally {
    await context.close();
    await demo.stop();
    disk.unmount();
  }
});

test('what was closed while the disk is full stays closed though the server is killed', async () => {
  test.setTimeout(240_000);
  const disk = SmallDisk.mount(8);
  test.skip(disk === undefined, 'mounting a small disk needs root');
  if (!disk) return;
  const demo = await Demo.start(2, ['--no-bots'], disk.path);
  try {
    const venue = demo.venue(1).id;
    const open = async (): Promise<boolean> => (await stateOf(demo)).floor.open.some((lease) => lease.venue === venue);
    const pid = (): number => Number(readFileSync(join(demo.ready.data, 'server.pid'), 'utf8'));
    if ((await stateOf(demo)).meeting.phase === 'waiting') await demo.act({ start: {} });
    await demo.act({ open_floor: { venue } });
    await fillUp(demo, disk);
    expect(await open()).toBe(true);
    expect(await give(demo, { mute_all: {} }, 'mute')).toMatchObject({ status: 202, k: 'closed_unlogged', kept: true });
    expect(await open()).toBe(false);

    process.kill(pid(), 'SIGKILL');
    disk.free();
    // The first that the next server tells: the log has the lease, and the page beside it that it was closed.
    const first = async (): Promise<boolean | undefined> => open().catch(() => undefined);
    await expect.poll(first, { timeout: 60_000, intervals: [20] }).toBeDefined();
    expect(await open()).toBe(false);
    await expect.poll(async () => (await stateOf(demo)).journal.unlogged.length, { timeout: 30_000 }).toBe(0);
    expect(await open()).toBe(false);
    const { run, events } = await readLog(demo.ready);
    expect(brokenChain(run, events)).toBeUndefined();
    const closed = events.filter(({ kind }) => kind === 'floor_closed').map(({ body }) => JSON.parse(body) as Told);
    expect(closed.map(({ by }) => (by === 'server' ? by : [by.actor.key, typeof by.actor.effective]))).toEqual([
      ['mute', 'number'],
    ]);
  } finally {
    await demo.stop();
    disk.unmount();
  }
});
