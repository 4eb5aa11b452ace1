// The browser's side of the control machine: a WebSocket, a timer, chance.

import type { Act, Report } from '../../contract';
import { Control, type Input, type Output } from '../control';
import { commandKey } from '../key';

/** What the machine tells, besides what the socket does by itself. */
export type Told = Exclude<Output, { k: 'connect' } | { k: 'close' } | { k: 'send' } | { k: 'timeout' }>;

/** A control connection in the browser. It comes back for ever, until `stop`. */
export class Connection {
  readonly control: Control;
  readonly #address: string;
  readonly #tell: (told: Told) => void;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(meeting: string, token: string, tell: (told: Told) => void) {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.#address = `${scheme}://${location.host}/api/v1/meetings/${encodeURIComponent(meeting)}/ws`;
    this.#tell = tell;
    this.control = new Control(performance.now(), token, Math.random);
    window.addEventListener('pagehide', this.#leave);
    window.addEventListener('online', this.kick);
    this.#feed({ k: 'timeout' });
  }

  /** Sends an act; answers with its key, or uses the one given to repeat it. */
  act(act: Act, key = commandKey(Date.now(), crypto.getRandomValues(new Uint8Array(16)))): string {
    queueMicrotask(() => {
      this.#feed({ k: 'act', key, act });
    });
    return key;
  }

  /** Notes facts of this page. */
  report(facts: Report): void {
    this.#feed({ k: 'report', facts });
  }

  /** Holds reports back, or no more. */
  hold(held: boolean): void {
    this.#feed({ k: 'hold', held });
  }

  /** Asks for sources on the lines of this page's own wall. */
  view(lines: readonly (string | null)[]): void {
    this.#feed({ k: 'view', lines });
  }

  /** Tries now instead of after the pause. */
  readonly kick = (): void => {
    this.#feed({ k: 'kick' });
  };

  /** Server time now, in milliseconds since the epoch. */
  get now(): number {
    return this.control.serverTime(performance.now());
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    window.removeEventListener('pagehide', this.#leave);
    window.removeEventListener('online', this.kick);
    this.#drop();
  }

  readonly #leave = (): void => {
    this.#drop();
  };

  #feed(input: Input): void {
    if (this.#stopped) return;
    this.control.handle(performance.now(), input);
    for (;;) {
      const output = this.control.poll();
      if (output.k === 'timeout') {
        this.#arm(output.at);
        return;
      }
      this.#do(output);
    }
  }

  #do(output: Exclude<Output, { k: 'timeout' }>): void {
    switch (output.k) {
      case 'connect':
        this.#connect();
        break;
      case 'close':
        this.#drop();
        break;
      case 'send':
        if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(output.text);
        break;
      case 'changed':
      case 'command':
      case 'levels':
      case 'link':
      case 'replaced':
        this.#tell(output);
        break;
    }
  }

  #connect(): void {
    this.#drop();
    const socket = new WebSocket(this.#address);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.#feed({ k: 'opened' });
    };
    socket.onclose = () => {
      this.#feed({ k: 'closed' });
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.#feed(typeof data === 'string' ? { k: 'text', text: data } : { k: 'bytes', bytes: data });
    };
    this.#socket = socket;
  }

  /** Lets go of the socket; what it says afterwards is not heard. */
  #drop(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    if (at === Infinity) return;
    this.#timer = setTimeout(
      () => {
        this.#feed({ k: 'timeout' });
      },
      Math.max(0, at - performance.now()),
    );
  }
}
