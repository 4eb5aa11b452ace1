// Who may speak from a venue: asked for when somebody is about to choose, since no section carries rosters.

import type { PersonEntry } from '../../contract';
import type { Opening } from '../link';

/** Milliseconds after which an answer counts as not come. */
const fetchMaxMs = 4000;

/** People of a venue, in the order of units and posts; undefined if no answer came. */
export async function fetchPeople(opening: Opening, venue: string): Promise<readonly PersonEntry[] | undefined> {
  const { token, claims } = opening;
  const address = `/api/v1/meetings/${encodeURIComponent(claims.meeting)}/venues/${encodeURIComponent(venue)}/people`;
  try {
    const answer = await fetch(address, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(fetchMaxMs),
    });
    return answer.ok ? ((await answer.json()) as PersonEntry[]) : undefined;
  } catch {
    return undefined;
  }
}
