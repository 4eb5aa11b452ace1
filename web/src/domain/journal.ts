// Which message words a line of the log.

import type { JournalLine } from '../contract';

/** Kinds that the catalogue words. */
export const journalKinds = [
  'opened', 'started', 'ended', 'joined', 'preview', 'preview_empty', 'programme', 'slate', 'floor_opened', 'floor_closed', 'call_on',
  'call_on_ended', 'raised', 'withdrawn', 'dropped', 'item', 'roster', 'unchanged',
] as const;

/** A kind that the catalogue words. */
export type JournalKind = (typeof journalKinds)[number];

/** The kind of a line; null for one that this version does not know. */
export function journalKind(line: JournalLine): JournalKind | null {
  if (line.kind === 'preview' && line.source === null) return 'preview_empty';
  return journalKinds.find((kind) => kind === line.kind) ?? null;
}

/** The lines worth a place, the newest first: repeats that changed nothing say nothing. */
export function toldLines(lines: readonly JournalLine[]): JournalLine[] {
  return lines.filter((line) => line.kind !== 'unchanged').sort((a, b) => b.seq - a.seq);
}
