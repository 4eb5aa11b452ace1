// WHIP and WHEP over HTTP (RFC 9725): an offer goes, an answer comes, the session has an address.

/** Where a session is opened, and by whom. */
export interface Endpoint {
  /** Path and query. */
  readonly path: string;
  readonly token: string;
  /** Name of this page on the control connection. */
  readonly client: string | undefined;
}

/** An opened session. */
export interface Exchanged {
  readonly answer: string;
  /** Address to delete it at. */
  readonly session: string | undefined;
}

/** Milliseconds that the exchange may take. */
const exchangeMaxMs = 4000;

/** Sends an offer. Throws if it is refused or does not arrive. */
export async function exchange(endpoint: Endpoint, offer: string, signal: AbortSignal): Promise<Exchanged> {
  const response = await fetch(endpoint.path, {
    method: 'POST',
    headers: headers(endpoint),
    body: offer,
    signal: either(signal, exchangeMaxMs),
  });
  if (response.status !== 201)
    throw new Error(`${endpoint.path.split('?')[0] ?? ''} answered ${String(response.status)}`);
  const location = response.headers.get('location');
  return {
    answer: await response.text(),
    session: location === null ? undefined : new URL(location, response.url).href,
  };
}

/** Ends a session; also while the page is being closed. */
export function leave(endpoint: Endpoint, session: string | undefined): void {
  if (session === undefined) return;
  fetch(session, { method: 'DELETE', headers: { authorization: `Bearer ${endpoint.token}` }, keepalive: true }).catch(
    () => undefined,
  );
}

function headers({ token, client }: Endpoint): Record<string, string> {
  return {
    'content-type': 'application/sdp',
    authorization: `Bearer ${token}`,
    ...(client === undefined ? {} : { 'onehall-client': client }),
  };
}

/** `AbortSignal.any` came after Chromium 109. */
function either(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  signal.addEventListener('abort', abort, { once: true });
  AbortSignal.timeout(ms).addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  return controller.signal;
}
