// Order and words of the alarms.

import type { AlarmCode, AlarmEntry, VenueSection } from '../contract';

/** How an alarm looks: lost is hatched, the rest is amber. */
export function alarmState(code: AlarmCode): 'lost' | 'warn' {
  return code === 'lost' ? 'lost' : 'warn';
}

/** The main venue first, then what is lost, then what touches the venue on air or next, then the others; among equals the older first. */
export function orderAlarms(
  alarms: readonly AlarmEntry[],
  main: string,
  state: (venue: string) => VenueSection | undefined,
): AlarmEntry[] {
  const weight = (alarm: AlarmEntry) => {
    if (alarm.venues.includes(main)) return 0;
    if (alarm.code === 'lost') return 1;
    return alarm.venues.some((venue) => (state(venue)?.tally ?? 'none') !== 'none') ? 2 : 3;
  };
  return [...alarms].sort((a, b) => weight(a) - weight(b) || a.since - b.since || (a.id < b.id ? -1 : 1));
}

/** It is about more than half of several venues: then what they share is to be looked at, which is our own line. */
export function isOfMost(alarm: AlarmEntry, all: number): boolean {
  return alarm.venues.length > 1 && alarm.venues.length * 2 > all;
}

/** How many venues the alarms are about, each counted once. */
export function alarmedVenues(alarms: readonly AlarmEntry[]): number {
  return new Set(alarms.flatMap((alarm) => alarm.venues)).size;
}

/** The number of an alarm as a word: per mille as `8.4%`, seconds as `0:40`, packets as they are. */
export function alarmValue(code: AlarmCode, value: number | null): string {
  if (value === null) return '';
  switch (code) {
    case 'loss':
      return `${(value / 10).toFixed(1)}%`;
    case 'silent':
      return `${Math.floor(value / 60)}:${String(value % 60).padStart(2, '0')}`;
    case 'audio_dropped':
    case 'packets_too_large':
      return String(value);
    case 'lost':
    case 'no_picture':
    case 'microphone_disagrees':
    case 'camera_refused':
    case 'camera_missing':
    case 'camera_in_use':
    case 'sound_blocked':
    case 'page_hidden':
      return '';
  }
}
