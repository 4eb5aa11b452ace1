// Which message words a line of the log.

import type { JournalKind, JournalLine } from '../contract';

/** What the catalogue has words for: each kind of line, and a preview that was emptied. */
export type JournalWords = JournalKind | 'preview_empty';

/** Which words a line takes. */
export function journalWords(line: JournalLine): JournalWords {
  return line.kind === 'preview' && line.source === null ? 'preview_empty' : line.kind;
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
