// A meeting under way with synthetic venues, and its desk: where the steps of the review of use begin.

import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { readLog } from './log';
import { Demo, test as base, expect, type ReadyVenue } from './onehall';

interface Section {
  readonly [name: string]: unknown;
}

/** The meeting: five branches with pictures, a main venue with two cameras, a guest's venue with none. Synthetic venues ask to speak now
 * and then, and take it back. */
export class Meeting {
  readonly demo: Demo;

  constructor(demo: Demo) {
    this.demo = demo;
  }

  /** A branch, from 1. */
  branch(number: number): ReadyVenue & { readonly source: string } {
    const venue = this.demo.venue(number);
    return { ...venue, source: venue.sources[0]?.id ?? '' };
  }

  get guest(): ReadyVenue {
    return this.demo.venue(this.demo.ready.venues.length - 1);
  }

  /** Gives an act as the director, or as a venue; tells whether it was taken. */
  async act(act: object, venue?: ReadyVenue): Promise<boolean> {
    const response = await fetch(`${this.demo.ready.api}/commands`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${venue?.token ?? this.demo.ready.tokens.director}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify(act),
    });
    return response.ok;
  }

  /** A section of the state as the director sees it. */
  async section<T = Section>(name: string): Promise<T> {
    return (await this.demo.state())[name] as T;
  }

  /** How many events of a kind the log has. */
  async count(kind: string): Promise<number> {
    return (await readLog(this.demo.ready)).events.filter((event) => event.kind === kind).length;
  }

  /** The picture of a source on air, as the server says it. */
  async onAir(source: string): Promise<void> {
    await expect.poll(() => this.section('programme')).toMatchObject({ shown: { kind: 'full', source } });
  }

  /** Takes a source on air. */
  async take(source: string): Promise<void> {
    await this.act({ preview: { source } });
    await this.act({ take: {} });
    await this.onAir(source);
  }

  /** Brings the meeting to where each test begins: the main venue on air, NEXT empty, nobody speaks or waits, microphones closed. */
  async begin(): Promise<void> {
    const { requests } = await this.section<{ requests: { request: string }[] }>('queue');
    for (const { request } of requests) await this.act({ drop: { request } });
    await this.act({ end_call_on: {} });
    await this.act({ mute_all: {} });
    const main = this.demo.venue(0).sources[0]?.id ?? '';
    const { shown } = await this.section<{ shown: { source?: string } }>('programme');
    if (shown.source !== main) await this.take(main);
    await this.act({ preview: { source: null } });
    await this.act({ item: { item: 'i1' } });
  }
}

/** Controls of the desk as tests name them. */
export class DeskHands {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get next(): Locator {
    return this.page.locator('[data-slot=preview].mon');
  }

  get air(): Locator {
    return this.page.locator('[data-slot=programme].mon');
  }

  get call(): Locator {
    return this.page.locator('[data-call]');
  }

  /** What the desk says of a press that did nothing, or did something beside. */
  get remark(): Locator {
    return this.page.locator('[role=status][data-remark]');
  }

  act(name: string): Locator {
    return this.page.locator(`[data-act=${name}]`);
  }

  chip(venue: { readonly id: string }): Locator {
    return this.page.locator(`[data-cell="v:${venue.id}"]`);
  }

  card(venue: { readonly id: string }): Locator {
    return this.page.locator(`[data-card-venue="${venue.id}"]`);
  }

  /** A source stands in NEXT with its picture. */
  async ready(source: string): Promise<void> {
    await expect(this.next).toHaveAttribute('data-source', source);
    await expect(this.act('take')).not.toHaveAttribute('aria-disabled', 'true');
  }
}

/** Process ids of the synthetic venues of a demo. */
export function botsOf(demo: Demo): number[] {
  const own = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${String(demo.ready.pid)}/status`, 'utf8'))?.[1] ?? '';
  return readFileSync(`/proc/${own}/task/${own}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
    .filter((pid) => pid !== demo.ready.pid);
}

/** Tests with that meeting, and with a desk of it. */
export const test = base.extend<{ desk: DeskHands; meeting: Meeting }, { bots: Demo }>({
  bots: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
    async ({}, use) => {
      const demo = await Demo.start(5, []);
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker' },
  ],
  meeting: async ({ bots }, use) => {
    const meeting = new Meeting(bots);
    for (const number of [0, 1, 2, 3, 4, 5]) {
      await expect.poll(() => meeting.section(`venue:${bots.venue(number).id}`)).toMatchObject({ state: 'ok' });
    }
    await meeting.begin();
    await use(meeting);
  },
  desk: async ({ meeting, rooms, browser }, use) => {
    const context = await browser.newContext({
      viewport: { width: 1920, height: 1080 },
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
    });
    const page = await rooms.page(meeting.demo.ready.desk, context);
    await expect(page.locator('[data-cell^="v:"]')).toHaveCount(meeting.demo.ready.venues.length);
    await expect(page.locator('[data-slot=programme].mon')).toHaveAttribute(
      'data-source',
      meeting.demo.venue(0).sources[0]?.id ?? '',
    );
    await use(new DeskHands(page));
    await context.close();
  },
});

export { expect } from '@playwright/test';
