// The wall: which chip stands where. A venue keeps its place for the whole meeting, so "row 5, third" is an
// address that two operators can say aloud.

import type { VenueSection } from '../contract';
import { unitAt, type Directory } from './directory';

/** What stands in one place of the wall. */
export type WallCell =
  | { readonly kind: 'venue'; readonly venue: string }
  /** A camera position of the main venue: tally belongs to the source. */
  | { readonly kind: 'source'; readonly venue: string; readonly source: string }
  /** Name of a city that has no venue of its own. */
  | { readonly kind: 'unit'; readonly unit: string };

/** One line of chips. Null leaves a place empty. */
export interface WallLine {
  readonly cells: readonly (WallCell | null)[];
}

/** A city with its counties. */
export interface WallRow {
  readonly id: string;
  /** All its venues, for "connected/all". */
  readonly venues: readonly string[];
  readonly lines: readonly WallLine[];
}

/** The places of all venues. `columns` counts the chips of a line, the city's own included. */
export function wallRows(directory: Directory, main: string, columns: number): WallRow[] {
  const rows = [mainRow(directory, main, columns)];
  const groups = new Map<string, { head: WallCell | null; venues: string[] }>();
  const flat = !directory.venues.some((venue) => venue.tier > 1);
  for (const venue of directory.venues) {
    if (venue.id === main) continue;
    const city = unitAt(directory, venue.unit, 1);
    const key = flat ? 'all' : (city?.id ?? venue.unit);
    const group = groups.get(key) ?? { head: null, venues: [] };
    if (!group.head && !flat && venue.unit === city?.id) group.head = { kind: 'venue', venue: venue.id };
    group.venues.push(venue.id);
    groups.set(key, group);
  }
  for (const [id, group] of groups) rows.push(flat ? flow(id, group.venues, columns) : cityRow(id, group, columns));
  return rows;
}

/** Places at the end of the main venue's line that stay free: the totals stand there. */
const mainFree = 2;

function mainRow(directory: Directory, main: string, columns: number): WallRow {
  const cells: WallCell[] = [{ kind: 'venue', venue: main }];
  const sources = directory.venue.get(main)?.sources ?? [];
  // A single position is the venue's own chip.
  if (sources.length > 1) for (const { id } of sources) cells.push({ kind: 'source', venue: main, source: id });
  return { id: 'main', venues: [main], lines: chunks(cells, columns - mainFree).map((line) => ({ cells: line })) };
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}

function cityRow(id: string, group: { head: WallCell | null; venues: string[] }, columns: number): WallRow {
  const head: WallCell = group.head ?? { kind: 'unit', unit: id };
  const headVenue = head.kind === 'venue' ? head.venue : null;
  const under = group.venues.filter((venue) => venue !== headVenue);
  const parts = under.length > 0 ? chunks(under, columns - 1) : [[]];
  const lines = parts.map((part, line) => ({
    cells: [line === 0 ? head : null, ...part.map((venue): WallCell => ({ kind: 'venue', venue }))],
  }));
  return { id, venues: group.venues, lines };
}

/** Venues one after the other, without cities: an organisation of two tiers, or an order that is not the rank's. */
export function flow(id: string, venues: readonly string[], columns: number): WallRow {
  const lines = chunks(venues, columns).map((line) => ({
    cells: line.map((venue): WallCell => ({ kind: 'venue', venue })),
  }));
  return { id, venues, lines };
}

/** Which venues the wall shows. */
export type WallFilter = 'all' | 'alarms' | 'hands' | 'absent';

/** The filters, in the order of the bar. */
export const wallFilters: readonly WallFilter[] = ['all', 'alarms', 'hands', 'absent'];

/** Whether a venue passes. */
export function passes(filter: WallFilter, state: VenueSection | undefined): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'alarms':
      return state?.state === 'warn' || state?.state === 'lost';
    case 'hands':
      return (state?.hand ?? null) !== null;
    case 'absent':
      return state?.state === 'absent';
  }
}

/** How many venues pass each filter, and how many are connected: one walk, for it runs at every change. */
export function tallyUp(
  venues: readonly string[],
  state: (venue: string) => VenueSection | undefined,
): Record<WallFilter, number> & { connected: number } {
  const sums = { all: venues.length, alarms: 0, hands: 0, absent: 0, connected: 0 };
  for (const venue of venues) {
    const now = state(venue);
    if (!now) continue;
    if (now.state === 'ok' || now.state === 'warn') sums.connected += 1;
    if (now.state === 'warn' || now.state === 'lost') sums.alarms += 1;
    if (now.state === 'absent') sums.absent += 1;
    if (now.hand !== null) sums.hands += 1;
  }
  return sums;
}

/** Rows and lines that hold none of `kept` go; what stays keeps its column. */
export function keepOnly(rows: readonly WallRow[], kept: ReadonlySet<string>): WallRow[] {
  return rows
    .map((row) => ({
      ...row,
      lines: row.lines.filter((line) => line.cells.some((cell) => cell !== null && shows(cell, kept))),
    }))
    .filter((row) => row.lines.length > 0);
}

/** Whether the cell's venue is among `kept`. */
export function shows(cell: WallCell, kept: ReadonlySet<string>): boolean {
  return cell.kind !== 'unit' && kept.has(cell.venue);
}

const severity: Readonly<Record<VenueSection['state'], number>> = { lost: 0, warn: 1, absent: 2, ok: 3 };

/** Venues by state, the worst first, then by rank. */
export function worstFirst(directory: Directory, state: (venue: string) => VenueSection | undefined): string[] {
  const weight = (venue: string) => severity[state(venue)?.state ?? 'absent'];
  return directory.venues
    .map((venue) => venue.id)
    .sort((a, b) => weight(a) - weight(b) || (directory.rank.get(a) ?? 0) - (directory.rank.get(b) ?? 0));
}

/** How many of these venues are connected. */
export function connected(venues: readonly string[], state: (venue: string) => VenueSection | undefined): number {
  return venues.filter((venue) => {
    const now = state(venue)?.state;
    return now === 'ok' || now === 'warn';
  }).length;
}

/** Moves of the roving focus. */
export type WallMove = 'left' | 'right' | 'up' | 'down' | 'home' | 'end' | 'first' | 'last';

/** Where the focus goes in lines of cells, of which null and city names are passed over. */
export function step(lines: readonly WallLine[], at: readonly [number, number], move: WallMove): [number, number] {
  const stops = (line: number) =>
    (lines[line]?.cells ?? []).flatMap((cell, column) => (cell && cell.kind !== 'unit' ? [column] : []));
  const [line, column] = at;
  const here = stops(line);
  const last = lines.length - 1;
  switch (move) {
    case 'left':
      return [line, here.filter((c) => c < column).at(-1) ?? column];
    case 'right':
      return [line, here.find((c) => c > column) ?? column];
    case 'home':
      return [line, here[0] ?? column];
    case 'end':
      return [line, here.at(-1) ?? column];
    case 'up':
    case 'first':
      return vertical(move === 'up' ? range(line - 1, 0) : range(0, last), stops, column) ?? [line, column];
    case 'down':
    case 'last':
      return vertical(move === 'down' ? range(line + 1, last) : range(last, 0), stops, column) ?? [line, column];
  }
}

function range(from: number, to: number): number[] {
  const by = from <= to ? 1 : -1;
  const length = (to - from) * by + 1;
  return from < 0 ? [] : Array.from({ length }, (_, index) => from + index * by);
}

function vertical(
  order: readonly number[],
  stops: (line: number) => number[],
  column: number,
): [number, number] | undefined {
  for (const line of order) {
    const here = stops(line);
    const near = here.filter((c) => c <= column).at(-1) ?? here[0];
    if (near !== undefined) return [line, near];
  }
  return undefined;
}
