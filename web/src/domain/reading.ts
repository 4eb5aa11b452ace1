// The number beside a level meter. Reports come several times a second, and some say nothing though the sound goes on:
// a number that changed with each, or went with each that is empty, could not be read.

/** Milliseconds that a number stands at least. */
export const standsMs = 500;

/** Milliseconds without a number after which there is no sound. */
export const holdsMs = 1000;

/** What a row shows: the last number that was worth showing. */
export class Reading {
  #shown: number | undefined;
  #changedAt = -Infinity;
  #heardAt = -Infinity;
  #empty = true;

  /** The number shown now; undefined without sound. */
  get shown(): number | undefined {
    return this.#shown;
  }

  /** Takes a report; says whether the meter follows it. An empty one is passed over until there has been none but empty ones for a second. */
  take(now: number, level: number | undefined): boolean {
    this.#empty = level === undefined;
    if (level === undefined) return this.pass(now);
    this.#heardAt = now;
    if (now - this.#changedAt >= standsMs) {
      this.#shown = level;
      this.#changedAt = now;
    }
    return true;
  }

  /** Time goes by; true where the last report was empty and its second is over: bar and number say silence. */
  pass(now: number): boolean {
    if (!this.#empty || now - this.#heardAt < holdsMs) return false;
    this.#shown = undefined;
    this.#changedAt = -Infinity;
    return true;
  }
}
