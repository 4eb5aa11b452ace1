// The browser's copy of what the server publishes: a snapshot, then ordered deltas of whole sections. Pure.

import type { Sections, ServerFrame, You } from '../contract';

/** Name of a section, `venue:ID` included. */
export type SectionName = keyof Sections & string;

/** What a frame did to the mirror. */
export type Change =
  | { readonly kind: 'changed'; readonly names: readonly SectionName[] }
  | { readonly kind: 'old' }
  | { readonly kind: 'gap' };

/** Sections, and the revision they stand at. Empty until the first snapshot. */
export class Mirror {
  #boot: string | undefined;
  #rev = 0;
  #client: string | undefined;
  #you: You | undefined;
  readonly #sections = new Map<SectionName, unknown>();

  /** Life of the server process that was mirrored last. */
  get boot(): string | undefined {
    return this.#boot;
  }

  /** Revision the sections stand at. */
  get rev(): number {
    return this.#rev;
  }

  /** Name that the server gave this page. */
  get client(): string | undefined {
    return this.#client;
  }

  /** Role and rights of this page. */
  get you(): You | undefined {
    return this.#you;
  }

  /** A section; undefined if this role does not see it, or not yet. */
  section<K extends SectionName>(name: K): Sections[K] | undefined {
    return this.#sections.get(name) as Sections[K] | undefined;
  }

  /** Takes a snapshot, whatever was there before. */
  snapshot(frame: Extract<ServerFrame, { k: 'snapshot' }>): Change {
    const names = new Set<SectionName>(this.#sections.keys());
    this.#sections.clear();
    this.#put(frame.state, names);
    this.#boot = frame.boot;
    this.#rev = frame.rev;
    this.#client = frame.client;
    this.#you = frame.you;
    return { kind: 'changed', names: [...names] };
  }

  /** Takes a delta that follows on; says `gap` if something is missing between. */
  delta(frame: Extract<ServerFrame, { k: 'delta' }>): Change {
    if (frame.boot !== this.#boot) return { kind: 'gap' };
    if (frame.to <= this.#rev) return { kind: 'old' };
    if (frame.from !== this.#rev) return { kind: 'gap' };
    const names = new Set<SectionName>();
    this.#put(frame.set, names);
    this.#rev = frame.to;
    return { kind: 'changed', names: [...names] };
  }

  #put(sections: Sections, names: Set<SectionName>): void {
    for (const [name, value] of Object.entries(sections)) {
      this.#sections.set(name as SectionName, value);
      names.add(name as SectionName);
    }
  }
}
