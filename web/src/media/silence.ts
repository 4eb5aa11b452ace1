// Whether a connection delivers, told by its steady sound: a0 has 50 packets a second while the link lives. Pure.

/** Milliseconds without a packet after which a connection is lost. */
export const silentAfterMs = 1000;

/** Watches one packet counter. */
export class Silence {
  #packets = 0;
  #since: number | undefined;
  #told = true;

  /**
   * Takes a sample of the counter. Says `delivers` when packets come after none did, `silent` when none came for a second,
   * and nothing while neither changes.
   */
  sample(now: number, packets: number): 'delivers' | 'silent' | undefined {
    if (packets > this.#packets) {
      this.#packets = packets;
      this.#since = now;
      if (!this.#told) return undefined;
      this.#told = false;
      return 'delivers';
    }
    if (this.#told || this.#since === undefined || now - this.#since < silentAfterMs) return undefined;
    this.#told = true;
    return 'silent';
  }
}
