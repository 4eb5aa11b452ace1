// The zone in which this page writes times, and dates where a time of day alone would mislead.

import { dayMs, dayOf, hourMinute, span } from '../domain/timers';
import { eastOf } from '../domain/zone';
import { language, t } from './language.svelte';

let meeting: string | undefined;

/** Notes the meeting's zone, by its IANA name. */
export function noteZone(name: string): void {
  meeting = name;
}

/** Minutes east of Greenwich at that moment, in the meeting's zone; in this device's until that is known. */
export function zone(at = Date.now()): number {
  return (meeting === undefined ? undefined : eastOf(meeting, at)) ?? ownZone(at);
}

/** A moment as it is said at `now`: the time of day, with the date unless it is today, with the year unless it is this one, and with the zone where this device has another, unless another moment beside it names that. */
export function moment(at: number, now: number, named = true): string {
  const time = named ? zoned(hourMinute(at, zone(at)), at) : hourMinute(at, zone(at));
  if (dayOf(at, zone(at)) === dayOf(now, zone(now))) return time;
  return t('moment-dated', { date: date(at, now), time });
}

/** How long until then: `0:24`, or days where it is more than one. */
export function away(ms: number): string {
  return ms < dayMs ? span(ms) : t('time-days', { count: Math.floor(ms / dayMs) });
}

function date(at: number, now: number): string {
  // The date of the zone, told by a clock that knows no zone.
  const [then, today] = [new Date(at + zone(at) * 60_000), new Date(now + zone(now) * 60_000)];
  const year = then.getUTCFullYear() === today.getUTCFullYear() ? {} : ({ year: 'numeric' } as const);
  const fields = { month: 'long', day: 'numeric', timeZone: 'UTC', ...year } as const;
  return new Intl.DateTimeFormat(language(), fields).format(then);
}

function zoned(time: string, at: number): string {
  if (meeting === undefined || zone(at) === ownZone(at)) return time;
  const parts = new Intl.DateTimeFormat(language(), { timeZone: meeting, timeZoneName: 'short' }).formatToParts(at);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? meeting;
  return t('moment-zone', { time, zone: name });
}

function ownZone(at: number): number {
  return -new Date(at).getTimezoneOffset();
}
