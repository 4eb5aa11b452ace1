// A relay between page and server that a test can cut: one TCP and one UDP port before those of the server. Browsers' own
// offline emulation does not touch WebRTC, so network loss is made here.

import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { createServer, connect, type Server, type Socket } from 'node:net';

/** A relay on loopback. */
export class Relay {
  readonly port: number;
  #cut = false;
  readonly #server: Server;
  readonly #datagrams: Datagrams;
  readonly #sockets = new Set<Socket>();
  readonly #peers = new Map<number, Datagrams>();

  private constructor(port: number, server: Server, datagrams: Datagrams) {
    this.port = port;
    this.#server = server;
    this.#datagrams = datagrams;
  }

  /** Opens a relay to a server's TCP port and to its UDP port, on one free number. */
  static async open(tcp: number, udp: number): Promise<Relay> {
    const server = createServer();
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the relay has no port');
    const datagrams = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      datagrams.once('error', reject);
      datagrams.bind(address.port, '127.0.0.1', resolve);
    });
    const relay = new Relay(address.port, server, datagrams);
    server.on('connection', (socket) => { relay.#stream(socket, tcp); });
    datagrams.on('message', (message, from) => { relay.#datagram(message, from.port, udp); });
    return relay;
  }

  /** Cuts the line, or mends it: streams break, datagrams vanish. */
  set cut(cut: boolean) {
    this.#cut = cut;
    if (cut) for (const socket of this.#sockets) socket.destroy();
  }

  /** Closes it. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    for (const peer of this.#peers.values()) peer.close();
    this.#datagrams.close();
  }

  #stream(near: Socket, port: number): void {
    if (this.#cut) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      this.#sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => { other.destroy(); });
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  #datagram(message: Buffer, from: number, udp: number): void {
    if (this.#cut) return;
    let peer = this.#peers.get(from);
    if (!peer) {
      peer = createSocket('udp4');
      peer.on('message', (answer) => { if (!this.#cut) this.#datagrams.send(answer, from, '127.0.0.1'); });
      this.#peers.set(from, peer);
    }
    peer.send(message, udp, '127.0.0.1');
  }
}
