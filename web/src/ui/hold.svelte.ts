// Pressing for a while: fires when held long enough, falls back when let go.

/** What a hold is about: it fires only if that is the same as when it began. */
export interface About {
  readonly what: () => unknown;
  /** It is another by now. */
  readonly changed: () => void;
}

/** A hold. Progress is drawn by CSS; here is only that it runs. */
export class Hold {
  holding = $state(false);
  /** How long it must be held. */
  readonly ms: number;
  readonly #fire: () => void;
  readonly #about: About | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, fire: () => void, about?: About) {
    this.ms = ms;
    this.#fire = fire;
    this.#about = about;
  }

  /** Pressed. */
  begin(): void {
    if (this.holding) return;
    this.holding = true;
    const about = this.#about?.what();
    this.#timer = setTimeout(() => {
      this.holding = false;
      if (this.#about && this.#about.what() !== about) this.#about.changed();
      else this.#fire();
    }, this.ms);
  }

  /** Let go. True if it was held, not long enough. */
  cancel(): boolean {
    if (!this.holding) return false;
    clearTimeout(this.#timer);
    this.holding = false;
    return true;
  }
}
