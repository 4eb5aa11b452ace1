// The log of a run as a stranger reads it: fetched page by page over HTTP, and its hash chain verified with nothing of ours
// (docs/protocol.md says what is hashed).

import { createHash } from 'node:crypto';
import type { Ready } from './onehall';

/** An event as `GET …/log` gives it. */
export interface LogEntry {
  readonly seq: number;
  readonly epoch: number;
  readonly at: number;
  readonly kind: string;
  readonly ver: number;
  readonly alg: string;
  readonly body: string;
  readonly prev: string;
  readonly hash: string;
}

/** All events of the run. */
export async function readLog(ready: Ready): Promise<{ run: string; events: LogEntry[] }> {
  const events: LogEntry[] = [];
  let run = '';
  for (let from: number | null | undefined = 1; from;) {
    const response = await fetch(`${ready.api}/log?from=${String(from)}&count=500`, {
      headers: { authorization: `Bearer ${ready.tokens.director}` },
    });
    if (!response.ok) throw new Error(`the log: ${String(response.status)} ${await response.text()}`);
    const page = (await response.json()) as { run: string; events: LogEntry[]; next?: number | null };
    run = page.run;
    events.push(...page.events);
    from = page.next;
  }
  return { run, events };
}

/** The first event that does not fit in the chain, in words; undefined if all do. */
export function brokenChain(run: string, events: readonly LogEntry[]): string | undefined {
  let prev = createHash('sha256').update(run).digest('hex');
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1) return `event ${String(event.seq)} stands at ${String(index + 1)}`;
    if (event.alg !== 'sha256' || event.prev !== prev)
      return `event ${String(event.seq)} does not follow on the one before`;
    const number = (value: number, bytes: 2 | 8): Buffer => {
      const field = Buffer.alloc(bytes);
      if (bytes === 8) field.writeBigInt64BE(BigInt(value));
      else field.writeUInt16BE(value);
      return field;
    };
    const fields = [
      Buffer.from(event.prev, 'hex'),
      Buffer.from(run),
      number(event.seq, 8),
      number(event.epoch, 8),
      number(event.at, 8),
      Buffer.from(event.kind),
      number(event.ver, 2),
      Buffer.from(event.body),
    ];
    const sum = createHash('sha256');
    for (const field of fields) sum.update(number(field.length, 8)).update(field);
    if (sum.digest('hex') !== event.hash) return `event ${String(event.seq)} was changed`;
    prev = event.hash;
  }
  return undefined;
}
