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

/** Cards in a list: how high the list is, and whether some are out of sight, for which a line below needs its own room. */
export function cardRoom(
  heights: readonly number[],
  { room, gap, sign }: { readonly room: number; readonly gap: number; readonly sign: number },
): { readonly height: number; readonly over: boolean } {
  const ends = endsOf(heights, gap);
  const all = ends.at(-1) ?? 0;
  if (all <= room) return { height: all, over: false };
  // Whole cards only; one that is higher than all the room scrolls in it.
  const whole = ends.filter((end) => end <= room - sign).at(-1);
  return { height: Math.max(0, whole ?? room - sign), over: true };
}

/** How many cards end below what is seen of a list of that height, scrolled so far. */
export function cardsBelow(heights: readonly number[], gap: number, height: number, scrolled: number): number {
  return endsOf(heights, gap).filter((end) => end > scrolled + height + 1).length;
}

/** How many cards begin above what is seen of it. */
export function cardsAbove(heights: readonly number[], gap: number, scrolled: number): number {
  const ends = endsOf(heights, gap);
  return heights.filter((height, index) => (ends[index] ?? 0) - height < scrolled - 1).length;
}

/** Where each card ends. */
function endsOf(heights: readonly number[], gap: number): number[] {
  let end = -gap;
  return heights.map((height) => (end += gap + height));
}

/** The unit of a part of a length of time. */
export type LengthUnit = 'days' | 'hours' | 'minutes' | 'seconds';

/** A length of time in its two largest units that say something: `7261` seconds are 2 hours and 1 minute. */
export function lengthParts(seconds: number): readonly (readonly [LengthUnit, number])[] {
  const parts = [
    ['days', Math.floor(seconds / 86_400)],
    ['hours', Math.floor(seconds / 3600) % 24],
    ['minutes', Math.floor(seconds / 60) % 60],
    ['seconds', Math.floor(seconds) % 60],
  ] as const;
  const first = parts.findIndex(([, count]) => count > 0);
  return first < 0 ? [['seconds', 0]] : parts.slice(first, first + 2).filter(([, count]) => count > 0);
}

/** The number of an alarm as it stands on a chip: per mille as `8.4%`, seconds as `0:40`, packets as they are. How far a clock jumped needs words. */
export function alarmValue(code: AlarmCode, value: number | null): string {
  if (value === null) return '';
  switch (code) {
    case 'loss':
      return `${(value / 10).toFixed(1)}%`;
    case 'silent':
      return `${Math.floor(value / 60)}:${String(value % 60).padStart(2, '0')}`;
    case 'audio_dropped':
    case 'packets_too_large':
    case 'network':
      return String(value);
    case 'clock':
    case 'log':
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
