// Sound of a page: one element per line, silent until it is turned on, and honest about a browser that refuses.

/** Milliseconds between two tries while the browser refuses: a page that begins to capture may play without a touch. */
const retryMs = 1000;

/** The sound lines of one WHEP session. */
export class Sound {
  /** `blocked`: it is wanted, and the browser waits for somebody to touch the page. */
  #state = $state<'off' | 'on' | 'blocked'>('off');
  #wanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #elements: readonly HTMLAudioElement[];

  constructor(lines: number) {
    this.#elements = Array.from({ length: lines }, () => new Audio());
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
    clearTimeout(this.#timer);
    for (const element of this.#elements) element.pause();
  }

  /** Volume from 0 to 1. */
  set volume(volume: number) {
    for (const element of this.#elements) element.volume = volume;
  }

  /** These streams are in the lines from now on. */
  take(streams: readonly MediaStream[]): void {
    this.#elements.forEach((element, index) => {
      element.srcObject = streams[index] ?? null;
    });
    void this.#play();
  }

  /** Lets go. */
  stop(): void {
    this.turnOff();
    for (const element of this.#elements) element.srcObject = null;
  }

  async #play(): Promise<void> {
    const elements = this.#elements.filter(({ srcObject }) => srcObject !== null);
    if (!this.#wanted || elements.length === 0) return;
    clearTimeout(this.#timer);
    const refused = (await Promise.all(elements.map(play))).includes('refused');
    if (!this.#isWanted()) return;
    this.#state = refused ? 'blocked' : 'on';
    if (refused) this.#timer = setTimeout(() => void this.#play(), retryMs);
  }

  /** Asked again after a wait, in which somebody may have turned it off. */
  #isWanted(): boolean {
    return this.#wanted;
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
