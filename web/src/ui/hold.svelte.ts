// Pressing for a while: fires when held long enough, falls back when let go.

/** A hold. Progress is drawn by CSS; here is only that it runs. */
export class Hold {
  holding = $state(false);
  /** How long it must be held. */
  readonly ms: number;
  readonly #fire: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, fire: () => void) {
    this.ms = ms;
    this.#fire = fire;
  }

  /** Pressed. */
  begin(): void {
    if (this.holding) return;
    this.holding = true;
    this.#timer = setTimeout(() => {
      this.holding = false;
      this.#fire();
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
