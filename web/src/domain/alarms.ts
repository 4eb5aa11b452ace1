// Looks and numbers of the alarms. Their order is the server's.

import type { AlarmCode, AlarmEntry } from '../contract';

/** How an alarm looks: lost is hatched, the rest is amber. */
export function alarmState(code: AlarmCode): 'lost' | 'warn' {
  return code === 'lost' ? 'lost' : 'warn';
}

/** It is about most of the venues at once: then what they share is to be looked at, which is our own line. */
export function isOfMost(alarm: AlarmEntry): boolean {
  return alarm.unit === null && alarm.venues.length > 1;
}

/** The first that nobody has seen to. */
export function firstUnseen(alarms: readonly AlarmEntry[]): AlarmEntry | undefined {
  return alarms.find((alarm) => alarm.acknowledged === null);
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
