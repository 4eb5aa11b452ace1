// The server is killed fifty times, at instants drawn by seed, under twenty commands a second. Nothing that was acknowledged is lost or
// happens twice, the chain verifies, and pages and bots are back without a click. ONEHALL_SEED replays the instants.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { brokenChain, readLog } from './support/log';
import { Demo, expect, technicianPage, test as base } from './support/onehall';
import { seeded } from './support/random';

const KILLS = 50;
const COMMANDS_PER_SECOND = 20;
const seed = Number(process.env['ONEHALL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const test = base.extend<object, { crowd: Demo }>({
  crowd: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
    async ({}, use) => {
      const demo = await Demo.start(4, []);
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker' },
  ],
});

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');

interface Sent {
  readonly key: string;
  readonly act: object;
  readonly token: string;
}

interface Acked {
  readonly key: string;
  readonly seq: number;
}

/** Sends commands at their rate and repeats each with its key until it is answered, as a client does. */
class Clerk {
  readonly acked: Acked[] = [];
  readonly #demo: Demo;
  readonly #random: () => number;
  readonly #open = new Set<Promise<void>>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastWaitMs = 0;

  constructor(demo: Demo, random: () => number) {
    this.#demo = demo;
    this.#random = random;
  }

  /** Sends from now on. */
  run(): void {
    this.#timer = setInterval(() => {
      const sending = this.#settle(this.#draw());
      this.#open.add(sending);
      void sending.finally(() => this.#open.delete(sending));
    }, 1000 / COMMANDS_PER_SECOND);
  }

  /** Sends nothing more, and waits until all is answered. */
  async pause(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
  }

  /** Commands drawn so far. */
  get count(): number {
    return this.#count;
  }

  /** Longest time that one command took to be answered, in milliseconds. */
  get longestMs(): number {
    return this.#lastWaitMs;
  }

  #draw(): Sent {
    const { ready } = this.#demo;
    const pick = <T>(list: readonly T[]): T => list[Math.floor(this.#random() * list.length)] as T;
    const branch = pick(ready.venues.slice(1));
    const desk = ready.tokens.director;
    const [act, token] = pick<readonly [object, string]>([
      [{ preview: { source: pick(ready.venues.slice(0, 5)).sources[0]?.id } }, desk],
      [{ take: {} }, desk],
      [{ call_on: { venue: branch.id, limit_s: 300 } }, desk],
      [{ end_call_on: {} }, desk],
      [{ open_floor: { venue: branch.id } }, desk],
      [{ mute_all: {} }, desk],
      [{ raise: {} }, branch.token],
      [{ withdraw: {} }, branch.token],
    ]);
    this.#count += 1;
    return { key: `kill-${String(this.#count)}`, act, token };
  }

  async #settle({ key, act, token }: Sent): Promise<void> {
    const began = Date.now();
    for (;;) {
      try {
        const response = await fetch(`${this.#demo.ready.api}/commands`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify(act),
          signal: AbortSignal.timeout(5000),
        });
        const answer = (await response.json()) as { k?: string; seq?: number; code?: string };
        if (response.status === 200 && answer.seq !== undefined) {
          this.acked.push({ key, seq: answer.seq });
          break;
        }
        // 429: that hand has gone up and down often enough for this minute.
        if ((response.status === 409 && answer.code !== 'busy') || response.status === 429) break;
      } catch {
        // The server is down: the same key again, until somebody answers.
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    this.#lastWaitMs = Math.max(this.#lastWaitMs, Date.now() - began);
  }
}

const pid = (demo: Demo): number => Number(readFileSync(join(demo.ready.data, 'server.pid'), 'utf8'));

/** Kills the server and waits until another one answers. */
async function kill(demo: Demo): Promise<void> {
  const victim = pid(demo);
  process.kill(victim, 'SIGKILL');
  await expect
    .poll(
      async () => {
        try {
          return (
            pid(demo) !== victim &&
            (
              await fetch(`${demo.ready.api}/state`, {
                headers: { authorization: `Bearer ${demo.ready.tokens.director}` },
                signal: AbortSignal.timeout(1000),
              })
            ).ok
          );
        } catch {
          return false;
        }
      },
      { intervals: [50] },
    )
    .toBe(true);
}

/** What must be the same after a restart. */
async function settled(demo: Demo): Promise<object> {
  const state = (await demo.state()) as {
    programme: { scene: unknown };
    floor: { open: { venue: string; kind: string }[] };
    queue: { requests: unknown[] };
    call_on: unknown;
    preview: { source: unknown; held: unknown };
  };
  return {
    scene: state.programme.scene,
    floor: state.floor,
    queue: state.queue,
    call_on: state.call_on,
    preview: [state.preview.source, state.preview.held],
  };
}

const alive = async (page: Page): Promise<void> => {
  await expect(page.locator('video[data-slot=v0]').first()).toHaveAttribute('data-alive', 'true');
};

test('fifty kills lose nothing that was acknowledged, and everybody is back without a click', async ({
  crowd,
  rooms,
}) => {
  console.log(`seed ${String(seed)}`);
  const random = seeded(seed);
  const guest = crowd.ready.venues.find((venue) => venue.id === 'guest');
  if (!guest) throw new Error('the demo has no guest');
  const hall = await rooms.hall(guest, 'green');
  const watcher = await rooms.page(crowd.ready.watch);
  const desk = await rooms.page(crowd.ready.desk);
  const tech = await rooms.page(technicianPage(guest));
  await crowd.act({ preview: { source: 'main' } });
  await crowd.act({ take: {} });
  const pages = [hall, watcher, desk];
  await Promise.all(pages.map(alive));

  const clerk = new Clerk(crowd, random);
  let compared = 0;
  for (let n = 1; n <= KILLS; n++) {
    clerk.run();
    await new Promise((resolve) => {
      setTimeout(resolve, 100 + random() * 900);
    });
    if (n % 10 === 0) {
      await clerk.pause();
      const before = await settled(crowd);
      await kill(crowd);
      // Bots ask to speak now and then, so the queue may have grown at its end by now; nothing of it may be missing.
      const after = await settled(crowd);
      expect({ ...after, queue: null }).toEqual({ ...before, queue: null });
      const ids = (state: object): string[] =>
        (state as { queue: { requests: { request: string }[] } }).queue.requests.map((request) => request.request);
      expect(ids(after).slice(0, ids(before).length)).toEqual(ids(before));
      compared += 1;
    } else {
      await kill(crowd);
      await clerk.pause();
    }
  }

  await expect
    .poll(async () => ((await crowd.state()) as { node: { clients: number } }).node.clients)
    .toBeGreaterThanOrEqual(crowd.ready.venues.length - 1 + 4);
  await crowd.act({ preview: { source: 'main' } });
  await crowd.act({ take: {} });
  await Promise.all(pages.map(alive));
  await expect(tech.locator('html')).toHaveAttribute('data-phase', /watching|next|on-air/);
  await expect
    .poll(
      async () =>
        Object.entries(await crowd.state()).filter(
          ([name, value]) => name.startsWith('venue:') && (value as { state: string }).state === 'lost',
        ).length,
    )
    .toBe(0);

  const { run, events } = await readLog(crowd.ready);
  expect(brokenChain(run, events)).toBeUndefined();
  const groups = new Map<string, number[]>();
  for (const event of events) {
    const { by } = JSON.parse(event.body) as { by: { actor?: { key: string } } | 'server' };
    const key = by === 'server' ? undefined : by.actor?.key;
    if (key?.startsWith('kill-')) groups.set(key, [...(groups.get(key) ?? []), event.seq]);
  }
  const lost = clerk.acked.filter(({ key, seq }) => groups.get(key)?.at(-1) !== seq);
  const twice = [...groups].filter(([, seqs]) =>
    seqs.some((seq, index) => index > 0 && seq !== (seqs[index - 1] ?? 0) + 1),
  );
  expect(lost).toEqual([]);
  expect(twice).toEqual([]);
  expect(clerk.acked.length).toBeGreaterThan(KILLS);
  console.log(
    `${String(KILLS)} kills, ${String(clerk.count)} commands, ${String(clerk.acked.length)} acknowledged, ${String(events.length)} events, ${String(compared)} states compared, longest answer ${String(clerk.longestMs)} ms`,
  );
});
