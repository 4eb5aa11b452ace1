// Which message words a line of the log.

import type { JournalLine } from '../contract';

/** Kinds that the catalogue words. */
export const journalKinds = [
  'opened',
  'started',
  'ended',
  'closed',
  'joined',
  'preview',
  'preview_empty',
  'programme',
  'slate',
  'floor_opened',
  'floor_closed',
  'call_on',
  'call_on_ended',
  'raised',
  'withdrawn',
  'dropped',
  'item',
  'roster',
  'unchanged',
] as const;

/** A kind that the catalogue words. */
export type JournalKind = (typeof journalKinds)[number];

/** The kind of a line; null for one that this version does not know. */
export function journalKind(line: JournalLine): JournalKind | null {
  if (line.kind === 'preview' && line.source === null) return 'preview_empty';
  return journalKinds.find((kind) => kind === line.kind) ?? null;
}

/**
 * The lines worth a place, the newest first. Repeats that changed nothing say nothing; nor does what a take leaves in preview,
 * which nobody sent there.
 */
export function toldLines(lines: readonly JournalLine[]): JournalLine[] {
  const takes = lines.filter((line) => line.kind === 'programme');
  const left = (line: JournalLine) => takes.some((take) => take.at === line.at && Math.abs(take.seq - line.seq) === 1);
  return lines
    .filter((line) => line.kind !== 'unchanged' && !(line.kind === 'preview' && left(line)))
    .sort((a, b) => b.seq - a.seq);
}
