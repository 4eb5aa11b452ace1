// Words of the log.

import type { JournalLine } from '../contract';
import { journalWords, type JournalWords } from '../domain/journal';
import { t } from '../state/language.svelte';
import type { MessageId } from '../words/ids';

const ids: Readonly<Record<JournalWords, MessageId>> = {
  opened: 'journal-opened',
  started: 'journal-started',
  ended: 'journal-ended',
  closed: 'journal-closed',
  loss_accepted: 'journal-loss-accepted',
  joined: 'journal-joined',
  preview: 'journal-preview',
  preview_empty: 'journal-preview-empty',
  programme: 'journal-programme',
  slate: 'journal-slate',
  floor_opened: 'journal-floor-opened',
  floor_closed: 'journal-floor-closed',
  call_on: 'journal-call-on',
  call_on_ended: 'journal-call-on-ended',
  raised: 'journal-raised',
  withdrawn: 'journal-withdrawn',
  dropped: 'journal-dropped',
  item: 'journal-item',
  roster: 'journal-roster',
  unchanged: 'journal-unchanged',
  clock_jumped: 'journal-clock-jumped',
};

/** Names that a line needs. */
export interface JournalNames {
  readonly venue: string;
  readonly source: string;
  readonly person: string;
  readonly item: string;
}

/** A line in words. */
export function journalSaid(line: JournalLine, names: JournalNames): string {
  // A server that was renewed may tell what this page has no words for yet.
  const id: MessageId | undefined = ids[journalWords(line)];
  const said = id === undefined ? line.kind : t(id, { ...names, venue: names.venue || names.source });
  return line.actor === 'server' ? t('journal-by-server', { said }) : said;
}
