// The log of the meeting as a file that is saved.

import { readLog, type LogAnswer } from '../client/shell/log';
import type { LogEvent } from '../domain/log-table';
import type { MeetingPage } from './meeting-page.svelte';

/** How saving stands. */
export type Saving =
  | { readonly is: 'idle' }
  | { readonly is: 'reading'; readonly count: number }
  | { readonly is: 'saved'; readonly count: number; readonly name: string }
  | { readonly is: 'failed'; readonly fault: Extract<LogAnswer, { fault: unknown }>['fault'] };

/** Saves the log. One per button. */
export class LogFile {
  state = $state.raw<Saving>({ is: 'idle' });
  readonly #page: MeetingPage;

  constructor(page: MeetingPage) {
    this.#page = page;
  }

  /** Reads the log to its end and saves what `write` makes of it. A press while it reads does nothing. */
  async save(name: string, write: (events: readonly LogEvent[]) => string): Promise<void> {
    if (this.state.is === 'reading') return;
    this.state = { is: 'reading', count: 0 };
    const answer = await readLog(this.#page.opening, (count) => {
      this.state = { is: 'reading', count };
    });
    if ('fault' in answer) {
      this.state = { is: 'failed', fault: answer.fault };
      return;
    }
    download(name, write(answer.events));
    this.state = { is: 'saved', count: answer.events.length, name };
  }
}

function download(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  // The browser has taken the file by then.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}
