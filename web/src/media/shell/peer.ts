// One peer connection, opened by offer and answer, and left by DELETE.

import { exchange, leave, type Endpoint } from './exchange';

/** A peer connection and its session at the server. */
export class Peer {
  readonly connection: RTCPeerConnection;
  readonly #endpoint: Endpoint;
  readonly #abort = new AbortController();
  #session: string | undefined;
  #closed = false;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
  }

  /**
   * Negotiates once. The server has fixed addresses and learns ours from what arrives, so the offer goes at once, without
   * candidates.
   */
  async open(change: (offer: string) => string = (offer) => offer): Promise<void> {
    const offer = await this.connection.createOffer();
    const sdp = change(offer.sdp ?? '');
    await this.connection.setLocalDescription({ type: 'offer', sdp });
    const { answer, session } = await exchange(this.#endpoint, sdp, this.#abort.signal);
    this.#session = session;
    if (this.#closed) leave(this.#endpoint, session);
    else await this.connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** The server that knew the session is gone: nobody is to be told of its end. */
  forget(): void {
    this.#session = undefined;
  }

  /** Closes it, and tells the server unless that one is gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#abort.abort();
    this.connection.close();
    leave(this.#endpoint, this.#session);
  }
}
