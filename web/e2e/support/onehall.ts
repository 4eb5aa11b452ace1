// The real server in a browser test: `ONEHALL_BIN demo --json --slate --no-bots`, its ready line, and the cameras of its rooms.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, test as base, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { chromiumLaunch } from './chromium.mjs';
import { drawCamera, drawTone } from './camera';
import type { Relay } from './relay';
import { watchPage } from './test';

/** A source of the ready line. */
export interface ReadySource {
  readonly id: string;
  readonly name: string;
  readonly whip: string;
}

/** A venue of the ready line. */
export interface ReadyVenue {
  readonly id: string;
  readonly name: string;
  readonly rank: number;
  readonly page: string;
  readonly whip: string;
  readonly whep: string;
  readonly token: string;
  readonly sources: readonly ReadySource[];
}

/** The line that a server prints when it is ready. */
export interface Ready {
  readonly meeting: string;
  readonly api: string;
  readonly desk: string;
  readonly watch: string;
  readonly whep: string;
  readonly tokens: { readonly director: string; readonly chair: string; readonly watcher: string };
  readonly venues: readonly ReadyVenue[];
  readonly pid: number;
  readonly data: string;
}

/** A demo at work. */
export class Demo {
  readonly ready: Ready;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(ready: Ready, process: ChildProcess, folder: string) {
    this.ready = ready;
    this.#process = process;
    this.#folder = folder;
  }

  /** Starts a demo with that many branch venues, on free ports, in a folder of its own in `within`. Nothing in it is started. */
  static async start(venues: number, options: readonly string[] = ['--no-bots'], within = tmpdir()): Promise<Demo> {
    const binary = process.env['ONEHALL_BIN'];
    if (!binary) throw new Error('ONEHALL_BIN names no onehall');
    const folder = mkdtempSync(join(within, 'onehall-e2e-'));
    const child = spawn(
      binary,
      [
        'demo',
        '--json',
        '--slate',
        '--address',
        '127.0.0.1:0',
        '--data',
        join(folder, 'data'),
        '--venues',
        String(venues),
        ...options,
      ],
      {
        stdio: ['pipe', 'pipe', process.env['ONEHALL_LOUD'] ? 'inherit' : 'ignore'],
      },
    );
    const ready = await new Promise<Ready>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => {
        resolve(JSON.parse(line) as Ready);
      });
      child.once('exit', (code) => {
        reject(new Error(`onehall demo ended with ${String(code)}`));
      });
      child.once('error', reject);
    });
    return new Demo(ready, child, folder);
  }

  /** Sends an act as the director. */
  async act(act: object): Promise<{ seq: number; at: number }> {
    const response = await fetch(`${this.ready.api}/commands`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.ready.tokens.director}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify(act),
    });
    if (!response.ok) throw new Error(`${JSON.stringify(act)}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as { seq: number; at: number };
  }

  /** The state as the director sees it. */
  async state(): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.ready.api}/state`, {
      headers: { authorization: `Bearer ${this.ready.tokens.director}` },
    });
    return ((await response.json()) as { state: Record<string, unknown> }).state;
  }

  /** A venue by rank, the main venue first. */
  venue(rank: number): ReadyVenue {
    const venue = this.ready.venues[rank];
    if (!venue) throw new Error(`the demo has no venue number ${String(rank)}`);
    return venue;
  }

  /** Ends it and forgets its data. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => {
      this.#process.once('exit', resolve);
    });
    this.#process.kill('SIGTERM');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Colours that the rooms of a test are told apart by, as red, green, blue. */
export const colours = {
  red: [200, 40, 40],
  green: [40, 170, 60],
  blue: [40, 70, 200],
  yellow: [210, 190, 50],
} as const;

/** Name of a colour. */
export type Colour = keyof typeof colours;

/** Addresses of a venue's technician's page: the hall's, with `/tech`. */
export function technicianPage(venue: ReadyVenue): string {
  return venue.page.replace('/venue', '/venue/tech');
}

interface Rooms {
  /** Opens the hall screen of a venue in a Chromium of its own whose camera shows that colour, through a relay if one is given. */
  hall(venue: ReadyVenue, colour: Colour, relay?: Relay): Promise<Page>;
  /** Opens another page of the meeting. */
  page(address: string, context?: BrowserContext): Promise<Page>;
}

/** Tests with a demo of four branch venues without bots, and rooms in Chromiums of their own. */
export const test = base.extend<{ rooms: Rooms }, { demo: Demo; files: string }>({
  files: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'onehall-cameras-'));
      await use(folder);
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  demo: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
    async ({}, use) => {
      const demo = await Demo.start(4);
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker' },
  ],
  rooms: async ({ browser, files }, use) => {
    const browsers: Browser[] = [];
    const checks: (() => void)[] = [];
    const contexts: BrowserContext[] = [];
    const open = async (context: BrowserContext, address: string, relay?: Relay): Promise<Page> => {
      const page = await context.newPage();
      checks.push(watchPage(page));
      await relay?.carry(page);
      await page.goto(relay ? relay.before(address) : address);
      return page;
    };
    await use({
      async hall(venue, colour, relay) {
        const camera = drawCamera(join(files, `${colour}.y4m`), colours[colour]);
        const microphone = drawTone(join(files, `${colour}.wav`), 300 + 100 * Object.keys(colours).indexOf(colour));
        const own = await chromium.launch(chromiumLaunch({ camera, microphone }));
        browsers.push(own);
        return open(
          await own.newContext({ viewport: { width: 640, height: 360 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' }),
          venue.page,
          relay,
        );
      },
      async page(address, context) {
        const used =
          context ??
          (await browser.newContext({
            viewport: { width: 1366, height: 768 },
            locale: 'zh-CN',
            timezoneId: 'Asia/Shanghai',
          }));
        if (!context) contexts.push(used);
        return open(used, address);
      },
    });
    for (const check of checks) check();
    for (const context of contexts) await context.close();
    for (const own of browsers) await own.close();
  },
});

export { expect } from '@playwright/test';
