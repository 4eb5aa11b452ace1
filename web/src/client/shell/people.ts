// Who may speak from a venue: asked for when somebody is about to choose, since no section carries rosters.

import type { PersonEntry } from '../../contract';
import type { Opening } from '../link';
import { askMeeting } from './ask';

/** Milliseconds after which an answer counts as not come. */
const fetchMaxMs = 4000;

/** People of a venue, in the order of units and posts; undefined if no answer came. */
export async function fetchPeople(opening: Opening, venue: string): Promise<readonly PersonEntry[] | undefined> {
  try {
    const answer = await askMeeting(opening, `venues/${encodeURIComponent(venue)}/people`, fetchMaxMs);
    return answer.ok ? ((await answer.json()) as PersonEntry[]) : undefined;
  } catch {
    return undefined;
  }
}
