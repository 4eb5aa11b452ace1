// `onehall demo` as scripts and people use it: one line of JSON for the script, addresses for the person, nothing left behind; and
// the desk of a meeting of 132 venues on the real server.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createInterface } from 'node:readline';
import type { Page } from '@playwright/test';
import { readLog } from './support/log';
import { Demo, expect, technicianPage, test as base, type Ready } from './support/onehall';
import { axe, clipped } from './support/test';

const test = base.extend<object, { large: Demo }>({
  large: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
    async ({}, use) => {
      const demo = await Demo.start(130);
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker' },
  ],
});

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

/** A demo run as from a terminal, with all that it says. */
class Run {
  readonly out: string[] = [];
  readonly err: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  constructor(options: readonly string[]) {
    this.#child = spawn(process.env['ONEHALL_BIN'] ?? '', ['demo', '--address', '127.0.0.1:0', ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const [stream, lines] of [
      [this.#child.stdout, this.out],
      [this.#child.stderr, this.err],
    ] as const) {
      if (stream) createInterface({ input: stream }).on('line', (line) => lines.push(line));
    }
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', resolve);
    });
  }

  /** Process ids of server and bots. */
  get children(): number[] {
    const pid = String(this.#child.pid);
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  }

  /** The ready line. */
  async ready(): Promise<Ready> {
    await expect.poll(() => this.out.length).toBeGreaterThan(0);
    return JSON.parse(this.out[0] ?? '') as Ready;
  }

  /** Ctrl+C; the exit status. */
  async interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.#ended;
  }
}

/** Ends the run also where the test fails. */
async function running(options: readonly string[], does: (run: Run) => Promise<void>): Promise<void> {
  const run = new Run(options);
  try {
    await does(run);
  } finally {
    await run.interrupt();
  }
}

const gone = (pid: number): boolean => !existsSync(`/proc/${String(pid)}`);

/** What a control panel would do: everything by curl, from the ready line alone. */
const script = `
set -eu
say() { curl --fail-with-body --silent --show-error --header "Authorization: Bearer $TOKEN" "$@"; }
do_() { say --header 'Content-Type: application/json' --header "Idempotency-Key: $1" --data "$2" "$API/commands"; }
do_ script-1 "{\\"preview\\":{\\"source\\":\\"$SOURCE\\"}}"
echo
do_ script-2 '{"take":{}}'
echo
for _ in $(seq 100); do
  say "$API/state" > state.json
  if grep -q "\\"shown\\":{[^}]*$SOURCE" state.json; then break; fi
  sleep 0.1
done
cat state.json
`;

test('with --json it prints one line, by which a script takes a venue on air with curl, and Ctrl+C leaves nothing', async ({
  files,
}) => {
  await running(['--venues', '2', '--json', '--slate'], async (run) => {
    const ready = await run.ready();
    expect(Object.keys(ready).sort()).toEqual([
      'api',
      'data',
      'desk',
      'meeting',
      'pid',
      'tokens',
      'venues',
      'watch',
      'whep',
    ]);
    expect(Object.keys(ready.tokens).sort()).toEqual(['chair', 'director', 'watcher']);
    expect(ready.venues.map(({ rank }) => rank)).toEqual(ready.venues.map((_, index) => index + 1));
    expect(ready.venues.map(({ id }) => id)).toEqual(['main', expect.any(String), expect.any(String), 'guest']);
    for (const venue of ready.venues) {
      expect(Object.keys(venue).sort()).toEqual(['id', 'name', 'page', 'rank', 'sources', 'token', 'whep', 'whip']);
      expect(venue.whip).toBe(venue.sources[0]?.whip);
      for (const source of venue.sources) expect(Object.keys(source).sort()).toEqual(['id', 'name', 'whip']);
    }
    expect(ready.venues[0]?.sources).toHaveLength(2);
    expect(ready.api.endsWith(`/api/v1/meetings/${ready.meeting}`)).toBe(true);
    expect(existsSync(ready.data)).toBe(true);
    expect(Number(readFileSync(`${ready.data}/server.pid`, 'utf8'))).toBe(ready.pid);

    const source = ready.venues[1]?.sources[0]?.id ?? '';
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      cwd: files,
      env: { ...process.env, API: ready.api, TOKEN: ready.tokens.director, SOURCE: source },
    });
    const [preview = '', take = '', state = ''] = stdout.split('\n');
    expect(JSON.parse(preview)).toMatchObject({ k: 'ack', key: 'script-1' });
    expect(JSON.parse(take)).toMatchObject({ k: 'ack', key: 'script-2' });
    expect((JSON.parse(state) as { state: { programme: object } }).state.programme).toMatchObject({
      shown: { kind: 'full', source },
    });

    const { children } = run;
    expect(children).toContain(ready.pid);
    expect(children).toHaveLength(2);
    expect(await run.interrupt()).toBe(0);
    expect(children.filter((pid) => !gone(pid))).toEqual([]);
    expect(existsSync(ready.data)).toBe(false);
    expect(run.out).toHaveLength(1);
  });
});

test('for a person it prints addresses that open their pages, and nothing on standard output', async ({ rooms }) => {
  await running(['--venues', '2', '--slate'], async (run) => {
    await expect.poll(() => run.err.some((line) => line.includes('Ctrl+C'))).toBe(true);
    // What to try first, five lines in each language.
    const hints = run.err.filter((line) => /^ {2}[1-5]\. \S/.test(line));
    expect(hints).toHaveLength(10);
    expect(hints.filter((line) => /\p{Script=Han}/u.test(line))).toHaveLength(5);
    expect(hints[0]).toContain('正在播出垫片，预监为空');
    expect(hints[5]).toContain('The slate is on air and NEXT is empty');
    const addresses = run.err.map((line) => line.trim()).filter((line) => /^http\S+#t=/.test(line));
    expect(addresses.map((address) => new URL(address).pathname.replace(/\/m\/[^/]+/, ''))).toEqual([
      '/desk',
      '/watch',
      '/venue',
      '/venue/tech',
      '/venue/tech',
    ]);
    for (const address of addresses) {
      const page = await rooms.page(address);
      await expect(page.locator('html')).toHaveAttribute('data-phase', /live|watching|next|on-air/);
      await page.close();
    }
    expect(run.out).toEqual([]);
  });
});

/** What is known of a meeting as its director sees it. */
async function stateOf(ready: Ready): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${ready.tokens.director}` };
  try {
    const response = await fetch(`${ready.api}/state`, { headers });
    return ((await response.json()) as { state?: Record<string, unknown> }).state ?? {};
  } catch {
    // The server is killed in between.
    return {};
  }
}

/** The request of a venue; others may have theirs, as synthetic venues ask to speak now and then. */
async function handOf(ready: Ready, venue: string): Promise<object | undefined> {
  const { queue } = (await stateOf(ready)) as { queue?: { requests: { venue: string }[] } };
  return queue?.requests.find((request) => request.venue === venue);
}

/** Kinds of the events that the opening brought. */
async function opened(ready: Ready): Promise<string[]> {
  const { events } = await readLog(ready);
  return events.filter(({ body }) => body.includes('"opening-')).map(({ kind }) => kind);
}

test('it opens on the main hall, with the podium in preview, the first item and a hand, once, whatever is killed', async ({
  files,
}) => {
  const data = join(files, 'opening');
  const options = ['--venues', '2', '--json', '--data', data];
  const desk = {
    programme: { shown: { kind: 'full', source: 'main.2' } },
    preview: { source: 'main.1', held: false, ready: true },
    rundown: { current: 'i1' },
  };
  await running(options, async (run) => {
    const ready = await run.ready();
    await expect.poll(() => stateOf(ready)).toMatchObject(desk);
    // The server dies before the hand is raised, and comes back.
    process.kill(ready.pid, 'SIGKILL');
    await expect.poll(() => handOf(ready, 'v002')).toMatchObject({ person: 'p-v002', speaking: false });
    expect(await stateOf(ready)).toMatchObject(desk);
    await expect.poll(() => existsSync(join(data, 'opening'))).toBe(false);
    expect(await opened(ready)).toEqual([
      'preview_set',
      'programme_set',
      'preview_set',
      'preview_set',
      'item_began',
      'request_raised',
    ]);
    const response = await fetch(`${ready.api}/commands`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ready.tokens.director}`, 'idempotency-key': 'person-1' },
      body: JSON.stringify({ slate: {} }),
    });
    expect(response.status).toBe(200);
  });
  // The run goes on: nothing of it is done again, though the pictures are there.
  await running(options, async (run) => {
    const ready = await run.ready();
    const pictures = { 'venue:main': { sources: [{ live: true }, { live: true }] } };
    await expect.poll(() => stateOf(ready)).toMatchObject(pictures);
    expect(existsSync(join(data, 'opening'))).toBe(false);
    expect(await stateOf(ready)).toMatchObject({ programme: { scene: { kind: 'slate' } } });
    expect(await opened(ready)).toHaveLength(6);
  });
});

test("U18: a person who opens a synthetic venue's link and leaves raises no loss alarm, and its bot comes back", async ({
  rooms,
}) => {
  const demo = await Demo.start(2, []);
  try {
    const venue = demo.venue(1);
    // The greatest loss that an alarm told, per mille.
    let loss = 0;
    const live = async () => {
      const state = (await demo.state()) as {
        alarms: { alarms: { code: string; value: number | null }[] };
        [section: `venue:${string}`]: { sources: { live: boolean }[] };
      };
      for (const { code, value } of state.alarms.alarms) if (code === 'loss') loss = Math.max(loss, value ?? 0);
      return state[`venue:${venue.id}`]?.sources[0]?.live;
    };
    const poll = { intervals: [100] };
    await expect.poll(live, poll).toBe(true);
    const hall = await rooms.hall(venue, 'blue');
    await expect(hall.locator('main')).toHaveAttribute('data-picture', /^(v0|slate)$/);
    // The page's own camera for some seconds, in which all that its first packets lost would be told.
    const since = Date.now();
    await expect.poll(async () => (await live()) === true && Date.now() - since > 3000, poll).toBe(true);
    await hall.close();
    await expect.poll(live, poll).toBe(false);
    await expect.poll(live, poll).toBe(true);
    // A busy machine may lose some packets, but not most.
    expect(loss).toBeLessThan(500);
  } finally {
    await demo.stop();
  }
});

/** The desk in a language and a size. */
async function openDesk(page: Page, demo: Demo, lang: string, width: number, height: number): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.goto('about:blank');
  await page.goto(demo.ready.desk.replace('#', `?lang=${lang}#`));
  await expect(page.locator('html')).toHaveAttribute('lang', lang);
  await expect(page.locator('[data-cell^="v:"]')).toHaveCount(132);
}

/** Edges of the wall's rows, and of the part of the wall that is seen. */
async function rows(page: Page): Promise<{ seen: [number, number]; all: [number, number][] }> {
  return page.evaluate(() => {
    const edges = (element: Element | null): [number, number] => {
      const { top = 0, bottom = 0 } = element?.getBoundingClientRect() ?? {};
      return [top, bottom];
    };
    const all = [...document.querySelectorAll('[role=grid] [role=row]')];
    return { seen: edges(document.querySelector('[role=grid] .lines')), all: all.map(edges) };
  });
}

for (const lang of ['zh-CN', 'en']) {
  test(`132 venues stand on one desk in ${lang}: 22 whole rows at 1920 by 1080, and in reach at 1366 by 768`, async ({
    large,
    page,
  }) => {
    expect(large.ready.venues).toHaveLength(132);
    await openDesk(page, large, lang, 1920, 1080);
    const wide = await rows(page);
    expect(wide.all).toHaveLength(22);
    for (const [top, bottom] of wide.all) {
      expect(bottom - top).toBeGreaterThanOrEqual(24);
      expect(bottom).toBeLessThanOrEqual(1080 - 28);
    }
    expect(
      await page.locator('[role=grid] .lines').evaluate((lines) => lines.scrollHeight - lines.clientHeight),
    ).toBeLessThanOrEqual(0);
    expect(await clipped(page)).toEqual([]);

    await openDesk(page, large, lang, 1366, 768);
    expect(await clipped(page)).toEqual([]);
    const narrow = await rows(page);
    const inside = narrow.all.filter(([top, bottom]) => bottom > narrow.seen[0] + 1 && top < narrow.seen[1] - 1);
    expect(inside.length).toBeGreaterThanOrEqual(4);
    for (const [top, bottom] of inside) {
      expect(bottom - top).toBeGreaterThanOrEqual(24);
      expect(top).toBeGreaterThanOrEqual(narrow.seen[0] - 1);
      expect(bottom).toBeLessThanOrEqual(narrow.seen[1] + 1);
    }
    // A venue far down is found by its id, and loaded without a mouse.
    const far = large.venue(125);
    await page.keyboard.press('/');
    await page.keyboard.type(far.id);
    await expect(page.locator(`[data-cell="v:${far.id}"]`)).toBeInViewport();
    await page.keyboard.press('Enter');
    await expect(page.locator('.mon[data-slot=preview]')).toHaveAttribute('data-source', far.sources[0]?.id ?? '');
    await large.act({ preview: { source: null } });
  });

  test(`axe finds nothing on the pages of the real server in ${lang}`, async ({ large, page }) => {
    const venue = large.venue(1);
    const addresses = {
      desk: large.ready.desk,
      hall: venue.page,
      technician: technicianPage(venue),
      watch: large.ready.watch,
    };
    for (const [name, address] of Object.entries(addresses)) {
      await page.goto('about:blank');
      await page.goto(address.replace('#', `?lang=${lang}#`));
      await expect(page.locator('html')).toHaveAttribute('lang', lang);
      await expect(page.locator('html')).toHaveAttribute('data-phase', /live|watching|next|on-air/);
      expect(await axe(page), name).toEqual([]);
    }
  });
}
