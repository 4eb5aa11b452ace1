// The wall's own state: filter, order, search, and where the roving focus stands.

import { find } from '../../domain/search';
import {
  flow,
  keepOnly,
  passes,
  step,
  wallRows,
  worstFirst,
  type WallCell,
  type WallFilter,
  type WallLine,
  type WallMove,
  type WallRow,
} from '../../domain/wall';
import type { Desk } from '../../state/desk.svelte';

/** In rank order by city, or the worst first as it was when asked for. */
export type WallOrder = 'place' | 'worst';

/** A cell's name: what `data-cell` says. */
export function cellKey(cell: WallCell): string {
  switch (cell.kind) {
    case 'venue':
      return `v:${cell.venue}`;
    case 'source':
      return `s:${cell.source}`;
    case 'unit':
      return `u:${cell.unit}`;
  }
}

/** State of one wall. */
export class Wall {
  readonly desk: Desk;
  filter = $state<WallFilter>('all');
  query = $state('');
  /** Chips of a line. */
  columns = $state(10);
  #worst = $state.raw<readonly string[] | null>(null);
  #sortedAt = $state(0);
  #stop = $state('');

  /** By rank, whatever the order: chips keep their size when it changes. */
  readonly #byRank: WallRow[] = $derived.by(() => {
    const { directory, main } = this.desk;
    return directory.venues.length === 0 ? [] : wallRows(directory, main, this.columns);
  });
  readonly places: WallRow[] = $derived.by(() => {
    const rows = this.#byRank;
    const worst = this.#worst;
    if (!worst) return rows;
    return [
      ...rows.slice(0, 1),
      flow(
        'worst',
        worst.filter((venue) => venue !== this.desk.main),
        this.chips,
      ),
    ];
  });
  /** The venues that filter and search leave; null when all stay. */
  readonly kept: ReadonlySet<string> | null = $derived.by(() => {
    const { directory, state } = this.desk;
    if (this.query.trim() !== '') return new Set(find(directory.venues, this.query).map((venue) => venue.id));
    if (this.filter === 'all') return null;
    return new Set(directory.venues.map((venue) => venue.id).filter((venue) => passes(this.filter, state(venue))));
  });
  readonly rows: WallRow[] = $derived.by(() => {
    const [first, ...rest] = this.places;
    if (!first) return [];
    return this.kept ? [first, ...keepOnly(rest, this.kept)] : this.places;
  });
  readonly lines: WallLine[] = $derived.by(() => this.rows.flatMap((row) => row.lines));
  /** Lines when nothing is filtered: the chips keep their size. */
  readonly all: number = $derived.by(() => this.#byRank.reduce((sum, row) => sum + row.lines.length, 0));
  /** Most chips in one line. */
  readonly chips: number = $derived.by(() =>
    Math.max(1, ...this.#byRank.flatMap((row) => row.lines.map((line) => line.cells.length))),
  );
  /** The cell with the Tab stop. */
  readonly stop: string = $derived.by(() => {
    const shown = this.#cells().filter((cell) => this.#shown(cell) !== null);
    const at = shown.find((cell) => cellKey(cell) === this.#stop) ?? shown[0];
    return at ? cellKey(at) : '';
  });

  constructor(desk: Desk) {
    this.desk = desk;
  }

  get order(): WallOrder {
    return this.#worst ? 'worst' : 'place';
  }

  /** When the worst were put first. */
  get sortedAt(): number {
    return this.#sortedAt;
  }

  /** Changes the order. "Worst" is taken once: no chip moves by itself. */
  sort(order: WallOrder): void {
    this.#worst = order === 'worst' ? worstFirst(this.desk.directory, this.desk.state) : null;
    this.#sortedAt = this.desk.page.at;
  }

  /** Puts the Tab stop on a cell. */
  rove(key: string): void {
    this.#stop = key;
  }

  /** Moves the Tab stop; says where it is now. */
  move(to: WallMove): string {
    const at = this.#at(this.stop);
    const [line, column] = step(
      this.lines.map((l) => ({ cells: l.cells.map((cell) => this.#shown(cell)) })),
      at,
      to,
    );
    const cell = this.lines[line]?.cells[column];
    if (cell) this.#stop = cellKey(cell);
    return this.stop;
  }

  /** The first venue that was found. */
  found(): string | null {
    return find(this.desk.directory.venues, this.query)[0]?.id ?? null;
  }

  /** The cell of that name. */
  cell(key: string): WallCell | undefined {
    return this.#cells().find((cell) => cellKey(cell) === key);
  }

  /** Line and column of a cell. */
  place(key: string): readonly [number, number] {
    return this.#at(key);
  }

  /** A venue that filter or search leave out: its place stays empty. The main venue passes every filter. */
  isOut(venue: string): boolean {
    if (!this.kept || this.kept.has(venue)) return false;
    return venue !== this.desk.main || this.query.trim() !== '';
  }

  #shown(cell: WallCell | null): WallCell | null {
    if (!cell || cell.kind === 'unit') return null;
    return this.isOut(cell.venue) ? null : cell;
  }

  #cells(): WallCell[] {
    return this.lines.flatMap((line) => line.cells.filter((cell) => cell !== null));
  }

  #at(key: string): readonly [number, number] {
    for (const [line, { cells }] of this.lines.entries()) {
      const column = cells.findIndex((cell) => cell !== null && cellKey(cell) === key);
      if (column >= 0) return [line, column];
    }
    return [0, 0];
  }
}
