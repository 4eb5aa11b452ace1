// Sound of a page: one element per line, silent until it is turned on, and honest about a browser that refuses.

/** The sound lines of one WHEP session. */
export class Sound {
  /** `blocked`: it is wanted, and the browser waits for somebody to touch the page. */
  #state = $state<'off' | 'on' | 'blocked'>('off');
  #wanted = false;
  readonly #elements: readonly HTMLAudioElement[];

  constructor(lines: number) {
    this.#elements = Array.from({ length: lines }, () => {
      const element = new Audio();
      element.muted = true;
      return element;
    });
  }

  /** How it stands. */
  get state(): 'off' | 'on' | 'blocked' {
    return this.#state;
  }

  /** Turns it on; says `blocked` if the browser wants a touch first. */
  turnOn(): void {
    this.#wanted = true;
    void this.#play();
  }

  /** Turns it off. */
  turnOff(): void {
    this.#wanted = false;
    this.#state = 'off';
    for (const element of this.#elements) element.muted = true;
  }

  /** Volume from 0 to 1. */
  set volume(volume: number) {
    for (const element of this.#elements) element.volume = volume;
  }

  /** These streams are in the lines from now on. */
  take(streams: readonly MediaStream[]): void {
    this.#elements.forEach((element, index) => { element.srcObject = streams[index] ?? null; });
    void this.#play();
  }

  /** Lets go. */
  stop(): void {
    for (const element of this.#elements) element.srcObject = null;
  }

  async #play(): Promise<void> {
    const elements = this.#elements.filter(({ srcObject }) => srcObject !== null);
    for (const element of elements) element.muted = !this.#wanted;
    if (elements.length === 0) {
      if (this.#wanted && this.#state === 'off') this.#state = 'on';
      return;
    }
    const refused = (await Promise.all(elements.map(play))).includes('refused');
    if (!this.#wanted) return;
    this.#state = refused ? 'blocked' : 'on';
    if (!refused) return;
    // Muted elements may play, so that levels are known and a touch is all that lacks.
    for (const element of elements) {
      element.muted = true;
      void play(element);
    }
  }
}

/** Plays; a call that a newer stream interrupts is no refusal. */
async function play(element: HTMLAudioElement): Promise<'plays' | 'refused'> {
  try {
    await element.play();
    return 'plays';
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError' ? 'plays' : 'refused';
  }
}
