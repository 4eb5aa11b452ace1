// The log of the open run, read to its end over HTTP.

import type { ErrorCode } from '../../contract';
import type { LogEvent } from '../../domain/log-table';
import type { Opening } from '../link';
import { askMeeting } from './ask';

/** The log, or why there is none: the code of the server, `link` where no answer came, `unread` where one cannot be read. */
export type LogAnswer = { readonly events: readonly LogEvent[] } | { readonly fault: ErrorCode | 'link' | 'unread' };

/** Events asked for at a time: a hundred or two kilobytes. */
const pageEvents = 1000;

/** Milliseconds that a page may take. */
const pageMaxMs = 15_000;

interface LogPage {
  readonly events: readonly LogEvent[];
  readonly next: number | null;
}

/** Reads all events, in order. `told` hears how many there are so far. */
export async function readLog(opening: Opening, told: (count: number) => void): Promise<LogAnswer> {
  const events: LogEvent[] = [];
  let from = 1;
  for (;;) {
    const page = await readPage(opening, from);
    if ('fault' in page) return page;
    events.push(...page.events);
    told(events.length);
    if (page.next === null) return { events };
    // A server that sends us back would be asked for ever.
    if (page.next <= from) return { fault: 'unread' };
    from = page.next;
  }
}

async function readPage(opening: Opening, from: number): Promise<LogPage | Extract<LogAnswer, { fault: unknown }>> {
  let answer: Response;
  let body: unknown;
  try {
    answer = await askMeeting(opening, `log?from=${String(from)}&count=${String(pageEvents)}`, pageMaxMs);
    body = await answer.json();
  } catch (error) {
    return { fault: error instanceof SyntaxError ? 'unread' : 'link' };
  }
  if (isPage(body)) return body;
  const code = (body as { error?: unknown } | null)?.error;
  return { fault: typeof code === 'string' ? (code as ErrorCode) : 'unread' };
}

function isPage(body: unknown): body is LogPage {
  const page = body as Partial<LogPage> | null;
  return Array.isArray(page?.events) && (page.next === null || typeof page.next === 'number');
}
