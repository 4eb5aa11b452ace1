import { describe, expect, it } from 'vitest';
import type { ServerFrame } from '../contract';
import { Control, type Input, type Output } from './control';

/** A control machine with a hand on its clock and an ear on what it wants. */
class Bench {
  now = 1000;
  readonly control = new Control(1000, 'token', () => 0.5);
  readonly out: Output[] = [];
  due = Infinity;

  constructor() {
    this.feed({ k: 'timeout' });
  }

  feed(input: Input): this {
    this.control.handle(this.now, input);
    for (;;) {
      const output = this.control.poll();
      if (output.k === 'timeout') {
        this.due = output.at;
        return this;
      }
      this.out.push(output);
    }
  }

  /** Lets time pass, waking the machine whenever it asks. */
  pass(ms: number): this {
    const end = this.now + ms;
    while (this.due <= end) {
      this.now = Math.max(this.now, this.due);
      this.feed({ k: 'timeout' });
    }
    this.now = end;
    return this;
  }

  hear(frame: ServerFrame): this {
    return this.feed({ k: 'text', text: JSON.stringify(frame) });
  }

  snapshot(rev = 5, boot = 'b1'): this {
    return this.hear({
      k: 'snapshot',
      boot,
      rev,
      client: 'c1',
      at: 500_000,
      you: { role: 'venue', venue: 'v1', may: ['raise'] },
      state: { preview: { source: 's1', held: false, ready: true } },
    });
  }

  live(): this {
    this.feed({ k: 'opened' }).snapshot();
    this.out.length = 0;
    return this;
  }

  sent(): unknown[] {
    return this.out.flatMap((output) => (output.k === 'send' ? [JSON.parse(output.text) as unknown] : []));
  }

  kinds(): string[] {
    return this.out.map((output) => output.k);
  }
}

describe('control connection', () => {
  it('greets with its token and says ready after the snapshot is shown', () => {
    const bench = new Bench().feed({ k: 'opened' }).snapshot();
    expect(bench.sent()).toEqual([
      { k: 'hello', v: 1, token: 'token' },
      { k: 'ready', rev: 5 },
    ]);
    expect(bench.kinds()).toEqual(['connect', 'send', 'changed', 'send', 'link']);
    expect(bench.control.link.phase).toBe('live');
    expect(bench.control.serverTime(bench.now + 250)).toBe(500_250);
  });

  it('takes deltas that follow on and asks once for the whole after a gap', () => {
    const bench = new Bench().live();
    bench.hear({
      k: 'delta',
      boot: 'b1',
      from: 5,
      to: 6,
      set: { preview: { source: 's2', held: false, ready: true } },
    });
    expect(bench.control.mirror.section('preview')?.source).toBe('s2');
    bench.hear({ k: 'delta', boot: 'b1', from: 9, to: 10, set: {} });
    bench.hear({ k: 'delta', boot: 'b1', from: 10, to: 11, set: {} });
    expect(bench.sent()).toEqual([{ k: 'resync' }]);
    bench.snapshot(11);
    expect(bench.control.mirror.rev).toBe(11);
  });

  it('ignores a delta that it has already', () => {
    const bench = new Bench().live().hear({ k: 'delta', boot: 'b1', from: 3, to: 4, set: {} });
    expect(bench.sent()).toEqual([]);
    expect(bench.control.mirror.rev).toBe(5);
  });

  it('takes a delta of another server for a gap', () => {
    const bench = new Bench().live().hear({ k: 'delta', boot: 'b2', from: 5, to: 6, set: {} });
    expect(bench.sent()).toEqual([{ k: 'resync' }]);
  });

  it('is lost within three seconds of silence and connects again', () => {
    const bench = new Bench().live().pass(1000).hear({ k: 'tick', at: 501_000, n: 1000 });
    bench.pass(2000);
    expect(bench.control.link.phase).toBe('lost');
    expect(bench.control.link.heardAt).toBe(501_000);
    bench.pass(600);
    expect(bench.kinds()).toContain('close');
    expect(bench.kinds()).toContain('connect');
  });

  it('says nothing of a hiccup shorter than two seconds', () => {
    const bench = new Bench().live().feed({ k: 'closed' }).pass(400);
    expect(bench.kinds()).toContain('connect');
    bench.feed({ k: 'opened' }).snapshot(5);
    expect(bench.out.some((output) => output.k === 'link' && output.link.phase === 'lost')).toBe(false);
  });

  it('comes back under its old name and says what it has', () => {
    const bench = new Bench().live().feed({ k: 'closed' }).pass(400).feed({ k: 'opened' });
    expect(bench.sent()[0]).toEqual({ k: 'hello', v: 1, token: 'token', client: 'c1', have: { boot: 'b1', rev: 5 } });
  });

  it('tries for ever, never pausing longer than seven seconds', () => {
    const bench = new Bench().live();
    const tries: number[] = [];
    for (let i = 0; i < 60; i++) {
      bench.feed({ k: 'closed' });
      const before = bench.now;
      bench.out.length = 0;
      while (!bench.kinds().includes('connect')) bench.pass(10);
      tries.push(bench.now - before);
    }
    expect(Math.max(...tries)).toBeLessThanOrEqual(7010);
    expect(bench.control.link.attempt).toBe(60);
  });

  it('waits longer at each try for a server that is reached and slow to greet', () => {
    const bench = new Bench().live().feed({ k: 'closed' });
    let tries = 0;
    while (bench.control.link.phase !== 'live' || tries === 0) {
      tries += 1;
      expect(tries).toBeLessThan(10);
      bench.out.length = 0;
      while (!bench.kinds().includes('connect')) bench.pass(10);
      // The line is open just before its time is over, and the state comes six seconds later, if it is still wanted.
      bench.pass(3990).feed({ k: 'opened' }).pass(6000);
      if (!bench.kinds().includes('close')) bench.snapshot();
    }
    expect(tries).toBe(1);
  });

  it('does not wait longer for a server that cannot be reached', () => {
    const bench = new Bench().live();
    for (let i = 0; i < 8; i++) bench.feed({ k: 'closed' }).pass(7000);
    bench.out.length = 0;
    while (!bench.kinds().includes('connect')) bench.pass(10);
    bench.out.length = 0;
    bench.pass(4010);
    expect(bench.kinds()).toContain('close');
  });

  it('tries at once when something says that it is worth while', () => {
    const bench = new Bench().live();
    for (let i = 0; i < 8; i++) bench.feed({ k: 'closed' }).pass(7000);
    bench.feed({ k: 'closed' });
    bench.out.length = 0;
    expect(bench.feed({ k: 'kick' }).kinds()).toEqual(['connect']);
  });

  it('gives up a connection that opens but stays silent', () => {
    const bench = new Bench().feed({ k: 'opened' }).pass(4000);
    expect(bench.kinds()).toContain('close');
  });

  it('keeps the reason of a refused token', () => {
    const bench = new Bench()
      .feed({ k: 'opened' })
      .hear({ k: 'error', code: 'expired', detail: 'x' })
      .feed({ k: 'closed' });
    expect(bench.control.link).toMatchObject({ phase: 'opening', error: 'expired' });
  });

  for (const code of ['bad_token', 'expired', 'unknown_meeting'] as const) {
    it(`has no use for hurry once its link is not accepted, while it is live and when it comes back: ${code}`, () => {
      const bench = new Bench().live().hear({ k: 'error', code, detail: 'x' }).feed({ k: 'closed' });
      expect(bench.control.link).toMatchObject({ phase: 'lost', error: code });
      bench.out.length = 0;
      bench.pass(29_000);
      expect(bench.kinds()).not.toContain('connect');
      bench.pass(31_000);
      expect(bench.kinds()).toContain('connect');
      // A server that is away meanwhile gives the link no value.
      bench.feed({ k: 'closed' });
      expect(bench.control.link.error).toBe(code);
      bench.out.length = 0;
      bench.pass(29_000);
      expect(bench.kinds()).not.toContain('connect');
      expect(bench.feed({ k: 'kick' }).kinds()).toContain('connect');
      bench.feed({ k: 'opened' }).snapshot();
      expect(bench.control.link).toMatchObject({ phase: 'live', error: undefined });
    });
  }

  it('goes on as ever where the server only cannot let it in now', () => {
    const bench = new Bench().live().feed({ k: 'closed' });
    for (const code of ['not_open', 'full', 'too_many_clients', 'flood'] as const) {
      bench.out.length = 0;
      while (!bench.kinds().includes('connect')) bench.pass(10);
      bench.feed({ k: 'opened' }).hear({ k: 'error', code, detail: 'x' }).feed({ k: 'closed' });
      expect(bench.control.link.error).toBe(code);
      bench.out.length = 0;
      bench.pass(7000);
      expect(bench.kinds()).toContain('connect');
    }
    // Nobody answers any more: what the last answer was explains nothing.
    bench.feed({ k: 'closed' });
    expect(bench.control.link.error).toBeUndefined();
  });

  it('does not fall over text that is no frame', () => {
    const bench = new Bench().live();
    for (const text of ['', '{', '[]', 'null', '{"k":"nonsense"}', '{"k":5}']) bench.feed({ k: 'text', text });
    expect(bench.control.link.phase).toBe('live');
  });
});

describe('commands', () => {
  it('are confirmed by their acknowledgement', () => {
    const bench = new Bench().live().feed({ k: 'act', key: 'K', act: { raise: {} } });
    expect(bench.sent()).toEqual([{ k: 'cmd', key: 'K', do: { raise: {} } }]);
    bench.hear({ k: 'ack', key: 'K', seq: 9, at: 500_010 });
    expect(bench.out.at(-1)).toEqual({ k: 'command', key: 'K', phase: { phase: 'done', seq: 9, at: 500_010 } });
  });

  it('are called not confirmed after two seconds and may still be confirmed', () => {
    const bench = new Bench().live().feed({ k: 'act', key: 'K', act: { raise: {} } });
    bench.pass(1000).hear({ k: 'tick', at: 501_000, n: 1000 }).pass(1000);
    expect(bench.out.filter((output) => output.k === 'command')).toEqual([
      { k: 'command', key: 'K', phase: { phase: 'unconfirmed' } },
    ]);
    bench.hear({ k: 'ack', key: 'K', seq: 9, at: 1 });
    expect(bench.out.at(-1)).toMatchObject({ phase: { phase: 'done' } });
  });

  it('say who holds what when refused', () => {
    const bench = new Bench().live().feed({ k: 'act', key: 'K', act: { call_on: { venue: 'v2' } } });
    bench.hear({ k: 'refused', key: 'K', code: 'floor_held', holder: 'v3', may: ['chair'] });
    expect(bench.out.at(-1)).toEqual({
      k: 'command',
      key: 'K',
      phase: { phase: 'refused', code: 'floor_held', holder: 'v3', may: ['chair'] },
    });
  });

  it('are sent again under the same key after a reconnect', () => {
    const bench = new Bench()
      .live()
      .feed({ k: 'act', key: 'K', act: { raise: {} } })
      .feed({ k: 'closed' })
      .pass(400);
    bench.out.length = 0;
    bench.feed({ k: 'opened' }).snapshot(6);
    expect(bench.sent()).toContainEqual({ k: 'cmd', key: 'K', do: { raise: {} } });
  });

  it('say which tick their user had seen last, and say it again when they are sent again', () => {
    const bench = new Bench().live().hear({ k: 'tick', at: 501_000, n: 7000 });
    bench.feed({ k: 'act', key: 'K', act: { raise: {} } });
    const sent = { k: 'cmd', key: 'K', do: { raise: {} }, seen: 7000 };
    expect(bench.sent()).toEqual([sent]);
    bench.hear({ k: 'tick', at: 502_000, n: 8000 }).feed({ k: 'closed' }).pass(400);
    bench.out.length = 0;
    bench.feed({ k: 'opened' }).snapshot(6);
    expect(bench.sent()).toContainEqual(sent);
  });

  it('name no tick of a server that is gone', () => {
    const bench = new Bench().live().hear({ k: 'tick', at: 501_000, n: 7000 });
    bench
      .feed({ k: 'act', key: 'K', act: { raise: {} } })
      .feed({ k: 'closed' })
      .pass(400);
    bench.out.length = 0;
    bench
      .feed({ k: 'opened' })
      .snapshot(6, 'b2')
      .feed({ k: 'act', key: 'L', act: { withdraw: {} } });
    expect(bench.sent().filter((frame) => (frame as { k: string }).k === 'cmd')).toEqual([
      { k: 'cmd', key: 'K', do: { raise: {} } },
      { k: 'cmd', key: 'L', do: { withdraw: {} } },
    ]);
  });

  it('that are three seconds old are not sent again by themselves, and are unknown', () => {
    const bench = new Bench()
      .live()
      .feed({ k: 'act', key: 'K', act: { slate: {} } })
      .feed({ k: 'closed' })
      .pass(3000);
    bench.out.length = 0;
    bench.feed({ k: 'opened' }).snapshot(6);
    expect(bench.sent()).not.toContainEqual(expect.objectContaining({ k: 'cmd' }));
    expect(bench.out).toContainEqual({ k: 'command', key: 'K', phase: { phase: 'unknown' } });
  });

  it('that were answered busy or unconfirmed are never sent again by themselves', () => {
    for (const code of ['busy', 'unconfirmed'] as const) {
      const bench = new Bench()
        .live()
        .feed({ k: 'act', key: 'K', act: { slate: {} } })
        .hear({ k: 'refused', key: 'K', code })
        .feed({ k: 'closed' })
        .pass(400);
      expect(bench.out).toContainEqual(
        expect.objectContaining({ phase: expect.objectContaining({ code }) as unknown }),
      );
      bench.out.length = 0;
      bench.feed({ k: 'opened' }).snapshot(6);
      expect(bench.sent()).not.toContainEqual(expect.objectContaining({ k: 'cmd' }));
    }
  });

  it('that closed something while the log cannot be written are answered by that', () => {
    const bench = new Bench().live().feed({ k: 'act', key: 'K', act: { end: {} } });
    bench.hear({ k: 'closed_unlogged', key: 'K', at: 500_010, kept: false, ended: false });
    expect(bench.out.at(-1)).toEqual({
      k: 'command',
      key: 'K',
      phase: { phase: 'closed_unlogged', at: 500_010, kept: false, ended: false },
    });
  });

  it('are forgotten rather than sent ten seconds late', () => {
    const bench = new Bench()
      .live()
      .feed({ k: 'act', key: 'K', act: { slate: {} } })
      .feed({ k: 'closed' })
      .pass(10_100);
    expect(bench.out.filter((output) => output.k === 'command').at(-1)).toMatchObject({ phase: { phase: 'unknown' } });
    bench.out.length = 0;
    bench.feed({ k: 'opened' }).snapshot(6);
    expect(bench.sent()).not.toContainEqual(expect.objectContaining({ k: 'cmd' }));
  });

  it('are refused as busy when too many wait', () => {
    const bench = new Bench().live();
    for (let i = 0; i < 65; i++) bench.feed({ k: 'act', key: `K${String(i)}`, act: { raise: {} } });
    expect(bench.out.at(-1)).toMatchObject({ k: 'command', key: 'K64', phase: { phase: 'refused', code: 'busy' } });
  });
});

describe('reports', () => {
  it('carry only what changed, at most five times a second', () => {
    const bench = new Bench().live();
    for (let i = 0; i < 10; i++)
      bench
        .feed({ k: 'report', facts: { level: -20 - i, hidden: false } })
        .pass(50)
        .hear({ k: 'tick', at: 1, n: 1000 });
    const sent = bench.sent();
    expect(sent.length).toBeLessThanOrEqual(4);
    expect(sent[0]).toEqual({ k: 'report', level: -20, hidden: false });
    expect(sent[1]).not.toHaveProperty('hidden');
  });

  it('are told anew to a server that knows nothing', () => {
    const bench = new Bench()
      .live()
      .feed({ k: 'report', facts: { hidden: true } })
      .feed({ k: 'closed' })
      .pass(400);
    bench.out.length = 0;
    bench.feed({ k: 'opened' }).snapshot(6).pass(300);
    expect(bench.sent()).toContainEqual({ k: 'report', hidden: true });
  });
});
