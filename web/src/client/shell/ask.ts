// Asks the server's HTTP API about the meeting that a page was opened with.

import type { Opening } from '../link';

/** GETs a path below the meeting's address, with the page's token. Throws if no answer comes within so many milliseconds. */
export async function askMeeting({ claims, token }: Opening, path: string, withinMs: number): Promise<Response> {
  return fetch(`/api/v1/meetings/${encodeURIComponent(claims.meeting)}/${path}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(withinMs),
  });
}
