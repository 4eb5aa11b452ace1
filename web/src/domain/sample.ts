// A small organisation for tests: a main venue with two cameras, cities with and without counties.

import type { DirectorySection, UnitEntry, VenueEntry, VenueSection } from '../contract';
import { indexDirectory, type Directory } from './directory';

function venue(
  id: string,
  unit: string,
  tier: number,
  zh: string,
  en: string,
  search: readonly string[],
  cameras = 1,
): VenueEntry {
  return {
    id,
    unit,
    tier,
    name: { zh: `${zh}会场`, en: `${en} venue` },
    short: { zh, en },
    sources: Array.from({ length: cameras }, (_, camera) => ({
      id: `${id}-${camera + 1}`,
      name: { zh: `机位 ${camera + 1}`, en: `cam ${camera + 1}` },
    })),
    search: [...search],
  };
}

function unit(id: string, upper: string | null, tier: number, zh: string, en: string): UnitEntry {
  return { id, upper, tier, name: { zh, en }, short: { zh, en } };
}

/** So many counties under each city; a city of the name `bare` has no venue of its own. */
export function sampleDirectory(counties: readonly number[], bare: readonly number[] = [], cameras = 2): Directory {
  const units = [unit('u', null, 0, '云州', 'Yunzhou')];
  const venues = [venue('main', 'u', 0, '主会场', 'Main', ['main', 'zhuhuichang', 'zhc'], cameras)];
  counties.forEach((count, city) => {
    units.push(unit(`u${city}`, 'u', 1, `市${city}`, `City ${city}`));
    if (!bare.includes(city)) venues.push(venue(`c${city}`, `u${city}`, 1, `市${city}`, `City${city}`, [`0${city}00`]));
    for (let county = 1; county <= count; county += 1) {
      units.push(unit(`u${city}-${county}`, `u${city}`, 2, `县${city}${county}`, `County ${city}${county}`));
      venues.push(
        venue(`c${city}-${county}`, `u${city}-${county}`, 2, `县${city}${county}`, `County${city}${county}`, [
          `0${city}0${county}`,
        ]),
      );
    }
  });
  const section: DirectorySection = {
    generation: 1,
    organisation: { zh: '云州', en: 'Yunzhou' },
    tiers: [
      { zh: '省', en: 'Province' },
      { zh: '市', en: 'City' },
      { zh: '县', en: 'County' },
    ],
    units,
    venues,
    people: {},
  };
  return indexDirectory(section);
}

/** A healthy venue, with what differs. */
export function sampleVenue(part: Partial<VenueSection> = {}): VenueSection {
  return {
    state: 'ok',
    reason: null,
    since: 0,
    tally: 'none',
    gate: 'closed',
    lease: false,
    withheld: false,
    lease_until: null,
    hand: null,
    speaking: false,
    quality: 'good',
    returned: { kind: 'slate' },
    sources: [],
    dropped: 0,
    report: null,
    ...part,
  };
}
