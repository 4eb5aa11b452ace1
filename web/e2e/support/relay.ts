// A relay between page and server that a test can cut: one TCP and one UDP port before those of the server. Browsers' own
// offline emulation does not touch WebRTC, so network loss is made here. A page reaches the server's media through it when the
// candidates of each SDP answer are those of the relay.

import { createSocket, type RemoteInfo, type Socket as Datagrams } from 'node:dgram';
import { createServer, connect, type Server, type Socket } from 'node:net';
import type { Page } from '@playwright/test';

/** A relay on loopback. */
export class Relay {
  readonly port: number;
  #cut = false;
  readonly #server: Server;
  readonly #datagrams: Datagrams;
  readonly #sockets = new Set<Socket>();
  /** One socket towards the server for each address that a page sends from. */
  readonly #peers = new Map<string, Datagrams>();

  private constructor(port: number, server: Server, datagrams: Datagrams) {
    this.port = port;
    this.#server = server;
    this.#datagrams = datagrams;
  }

  /** Opens a relay to a server's TCP port and to its UDP port, on one free number. */
  static async open(tcp: number, udp: number): Promise<Relay> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the relay has no port');
    const datagrams = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      datagrams.once('error', reject);
      datagrams.bind(address.port, '127.0.0.1', resolve);
    });
    const relay = new Relay(address.port, server, datagrams);
    server.on('connection', (socket) => {
      relay.#stream(socket, tcp);
    });
    datagrams.on('message', (message, from) => {
      relay.#datagram(message, from, udp);
    });
    return relay;
  }

  /** An address of the server, by way of the relay. */
  before(address: string): string {
    const url = new URL(address);
    url.port = String(this.port);
    return url.href;
  }

  /** Lets the media of a page through here. To be called before the page is opened, at an address with this port. */
  async carry(page: Page): Promise<void> {
    await page.route(/\/(whip|whep)\//, async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const response = await route.fetch().catch(() => undefined);
      // The line was cut, or the test is over.
      if (!response) return route.abort('connectionfailed').catch(() => undefined);
      const sdp = (await response.text())
        .split('\r\n')
        .filter((line) => !line.startsWith('a=candidate:') || line.includes(' 127.0.0.1 '));
      const moved = sdp.map((line) => line.replace(/^(a=candidate:.* 127\.0\.0\.1) \d+ /, `$1 ${String(this.port)} `));
      return route.fulfill({ response, body: moved.join('\r\n') });
    });
  }

  /** Cuts the line, or mends it: streams stand still and go on, datagrams vanish. Nothing tells either end. */
  set cut(cut: boolean) {
    this.#cut = cut;
    for (const socket of this.#sockets) {
      if (cut) socket.pause();
      else socket.resume();
    }
  }

  /** Closes it. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    for (const peer of this.#peers.values()) peer.close();
    this.#datagrams.close();
  }

  #stream(near: Socket, port: number): void {
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('data', (data) => {
        other.write(data);
      });
      if (this.#cut) socket.pause();
      socket.on('error', () => {
        other.destroy();
      });
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  #datagram(message: Buffer, from: RemoteInfo, udp: number): void {
    if (this.#cut) return;
    const name = `${from.address}:${String(from.port)}`;
    let peer = this.#peers.get(name);
    if (!peer) {
      peer = createSocket('udp4');
      peer.on('message', (answer) => {
        if (!this.#cut) this.#datagrams.send(answer, from.port, from.address);
      });
      this.#peers.set(name, peer);
    }
    peer.send(message, udp, '127.0.0.1');
  }
}
