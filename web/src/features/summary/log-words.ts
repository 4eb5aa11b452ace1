// Words and names of the log's table, in the page's language.

import type { LogWords } from '../../domain/log-table';
import { oneLine } from '../../domain/titles';
import { isoTime, span } from '../../domain/timers';
import type { Desk } from '../../state/desk.svelte';
import { requestWords } from '../../parts/request-words';
import { pick, t } from '../../state/language.svelte';
import { zone } from '../../state/zone';
import type { MessageId } from '../../words/ids';

const kinds: Readonly<Record<string, MessageId>> = {
  opened: 'desk-table-opened',
  roster_changed: 'desk-table-roster',
  started: 'desk-table-started',
  ended: 'desk-table-ended',
  closed: 'desk-table-closed',
  loss_accepted: 'desk-table-loss-accepted',
  venue_joined: 'desk-table-joined',
  preview_set: 'desk-table-preview',
  programme_set: 'desk-table-programme',
  floor_opened: 'desk-table-floor-opened',
  floor_closed: 'desk-table-floor-closed',
  call_on_began: 'desk-table-call-on',
  call_on_ended: 'desk-table-call-on-ended',
  request_raised: 'desk-table-raised',
  request_speaking: 'desk-table-speaking',
  request_waits: 'desk-table-waits',
  request_removed: 'desk-table-removed',
  item_began: 'desk-table-item',
  unchanged: 'desk-table-unchanged',
  clock_jumped: 'desk-table-clock-jumped',
};

const roles: Readonly<Record<string, MessageId>> = {
  director: 'desk-table-director',
  chair: 'desk-table-chair',
  watcher: 'desk-table-watcher',
};

const details: Readonly<Record<string, MessageId>> = {
  slate: 'desk-table-slate',
  held: 'desk-table-held',
  empty: 'desk-table-empty',
  standing: 'desk-table-standing',
  call_on: 'desk-call-on',
  open: 'desk-table-open',
  ...requestWords,
  closed: 'desk-table-by-hand',
  exclusive: 'desk-table-exclusive',
  call_on_ended: 'desk-table-call-on-ended',
  muted_all: 'desk-mute-all',
  link_lost: 'desk-table-link-lost',
  unconfirmed: 'desk-table-unconfirmed',
  meeting_ended: 'desk-table-ended',
  left_roster: 'desk-table-left',
  withdrawn: 'desk-table-withdrawn',
  dropped: 'desk-table-dropped',
  spoken: 'desk-table-spoken',
  start: 'desk-start',
  end: 'desk-end',
  preview: 'desk-act-preview',
  take: 'desk-take',
  end_call_on: 'desk-end-speech',
  open_floor: 'desk-floor-open',
  close_floor: 'desk-floor-close',
  mute_all: 'desk-mute-all',
  raise: 'desk-table-raised',
  withdraw: 'desk-table-withdrawn',
  drop: 'desk-drop',
  item: 'desk-table-item',
};

/** The words for this desk's meeting. */
export function logWords(desk: Desk): LogWords {
  const items = desk.page.section('rundown')?.items ?? [];
  const said = (ids: Readonly<Record<string, MessageId>>, word: string) => {
    const id = ids[word];
    return id === undefined ? undefined : t(id);
  };
  return {
    heads: [
      t('desk-table-time'),
      t('desk-table-number'),
      t('desk-table-what'),
      t('desk-table-who'),
      t('desk-table-venue'),
      t('desk-table-person'),
      t('desk-table-of-item'),
      t('desk-table-detail'),
    ],
    kind: (kind) => said(kinds, kind),
    actor: (role, venue, forChair) => {
      const who = role === 'venue' && venue ? venue : (said(roles, role) ?? role);
      return forChair ? t('desk-table-for-chair', { who }) : who;
    },
    server: t('desk-table-server'),
    venue: (id) => desk.venueName(id),
    venueOf: (source) => {
      const venue = desk.directory.source.get(source)?.venue.id;
      return venue === undefined ? '' : desk.venueName(venue);
    },
    source: (id) => desk.sourceName(id),
    person: (id) => desk.personName(id) || id,
    item: (id) => {
      const item = items.find((entry) => entry.id === id);
      return item ? oneLine(pick(item.title)) : id;
    },
    detail: (word) => said(details, word) ?? word,
    limit: (seconds) => t('desk-table-limit', { time: span(seconds * 1000) }),
    effective: (at) => t('desk-table-effective', { time: isoTime(at, zone(at)) }),
    jumped: (seconds) => t('desk-table-jumped', { count: seconds }),
    roster: (venues, count) => t('desk-table-counts', { venues, items: count }),
    lost: (had, has) => t('desk-table-lost', { had, has }),
    east: zone,
  };
}
