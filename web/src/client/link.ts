// What a link carries: token in the fragment, wishes in the query. Pure.

import type { Role } from '../contract';

/** Claims of a token, read without checking: the server checks. */
export interface Claims {
  /** Meeting. */
  readonly meeting: string;
  /** Role. */
  readonly role: Role;
  /** Venue, of a venue's token. */
  readonly venue: string | undefined;
  /** Seconds since the epoch. */
  readonly expires: number;
}

/** What the page was opened with. */
export interface Opening {
  readonly token: string;
  readonly claims: Claims;
  /** Source that this page publishes, if the address names one. */
  readonly source: string | undefined;
}

/** Reads a token `alg.claims.mac`. Undefined if it cannot be read. */
export function readToken(token: string): Claims | undefined {
  const part = token.split('.')[1];
  if (part === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    return readClaims(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

function readClaims(value: unknown): Claims | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { m, r, v, x } = value as { m?: unknown; r?: unknown; v?: unknown; x?: unknown };
  if (typeof m !== 'string' || (r !== 'director' && r !== 'chair' && r !== 'venue' && r !== 'watcher'))
    return undefined;
  return { meeting: m, role: r, venue: typeof v === 'string' ? v : undefined, expires: typeof x === 'number' ? x : 0 };
}

/** Three parts of base64url, joined by dots. */
const tokenShape = /^[\w-]+\.[\w-]+\.[\w-]+/;

/**
 * The token in a fragment `#t=…`. Mail, chat and prose leave something behind a link, or write its signs as numbers: what follows
 * the token's own letters is none of it.
 */
export function tokenOf(fragment: string): string | undefined {
  const said = /(?:^#?|&)t=(.*)$/s.exec(plain(fragment))?.[1];
  if (said === undefined) return undefined;
  return tokenShape.exec(said.trimStart())?.[0] ?? said;
}

/** A fragment with the signs of ASCII as themselves; the others are in no token. */
function plain(fragment: string): string {
  return fragment.replace(/%([0-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
