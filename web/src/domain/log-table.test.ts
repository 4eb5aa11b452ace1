import { expect, test } from 'vitest';
import { cell, logTable, type LogEvent, type LogWords } from './log-table';
import { isoTime } from './timers';

const words: LogWords = {
  heads: ['Time', 'No.', 'What', 'Who', 'Venue', 'Person', 'Item', 'Detail'],
  kind: (kind) => (kind === 'new_kind' ? undefined : `<${kind}>`),
  actor: (role, venue, forChair) => [role, venue, forChair ? 'for the chair' : ''].filter(Boolean).join(' '),
  server: 'Server',
  venue: (id) => `Venue ${id}`,
  venueOf: (source) => `Venue ${source.split('.')[0] ?? ''}`,
  source: (id) => `Source ${id}`,
  person: (id) => (id === 'p1' ? '王 "Max", 明' : id),
  item: (id) => `Item ${id}`,
  detail: (word) => `(${word})`,
  limit: (seconds) => `${String(seconds)} s`,
  effective: (at) => `effective ${String(at)}`,
  jumped: (seconds) => `by ${String(seconds)} s`,
  roster: (venues, items) => `${String(venues)} venues, ${String(items)} items`,
  lost: (had, has) => `${String(had)} → ${String(has)}`,
  east: () => 480,
};
const director = { role: 'director', token: 't', key: 'k', act: 'take' };

let seq = 0;
const event = (kind: string, told: unknown, by: unknown = 'server'): LogEvent => ({
  seq: (seq += 1),
  at: Date.UTC(2026, 10, 27, 1, 0, seq),
  kind,
  body: JSON.stringify({ by, event: told === null ? kind : { [kind]: told } }),
});

/** Rows without time and number. */
function rows(events: readonly LogEvent[]): string[] {
  return logTable(events, words)
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',').slice(2).join(','));
}

test('the table begins with the mark of UTF-8 and the heads, and each event has its row', () => {
  const at = Date.UTC(2026, 10, 27, 1, 2, 3);
  expect(logTable([], words)).toBe('\ufeffTime,No.,What,Who,Venue,Person,Item,Detail\r\n');
  expect(logTable([{ seq: 7, at, kind: 'started', body: '{"by":"server","event":"started"}' }], words)).toBe(
    '\ufeffTime,No.,What,Who,Venue,Person,Item,Detail\r\n2026-11-27T09:02:03+08:00,7,<started>,Server,,,,\r\n',
  );
});

test('a row says who did what to whom, by names', () => {
  const chair = { actor: { ...director, acting_for: 'chair', act: 'call_on' } };
  expect(
    rows([
      event('opened', { venues: [1, 2, 3], items: [1, 2], chair_venue: 'main' }),
      event('venue_joined', { venue: 'v1' }),
      event('item_began', { item: 'i3' }, { actor: director }),
      event('programme_set', { scene: { full: 'main.2' } }, { actor: director }),
      event('programme_set', { scene: 'slate' }, { actor: director }),
      event('preview_set', { source: 'v1.1', held: true }, { actor: director }),
      event('preview_set', { source: null, held: false }, { actor: director }),
      event('floor_closed', { venue: 'v1', why: 'exclusive' }, chair),
      event('call_on_began', { venue: 'v1', source: 'v1.1', person: 'p2', request: 'r1', limit_s: 180 }, chair),
      event('unchanged', null, { actor: director }),
      event('loss_accepted', { had: 33, has: 28 }),
    ]),
  ).toEqual([
    '<opened>,Server,,,,"3 venues, 2 items"',
    '<venue_joined>,Server,Venue v1,,,',
    '<item_began>,director,,,Item i3,',
    '<programme_set>,director,Venue main,,,Source main.2',
    '<programme_set>,director,,,,(slate)',
    '<preview_set>,director,Venue v1,,,Source v1.1; (held)',
    '<preview_set>,director,,,,(empty)',
    '<floor_closed>,director for the chair,Venue v1,,,(exclusive)',
    '<call_on_began>,director for the chair,Venue v1,p2,,Source v1.1; 180 s',
    '<unchanged>,director,,,,(take)',
    '<loss_accepted>,Server,,,,33 → 28',
  ]);
});

test('what becomes of a request names whose it was', () => {
  const hall = { actor: { role: 'venue', venue: 'v1', token: 't', key: 'k', act: 'raise' } };
  expect(
    rows([
      event('request_raised', { request: 'r1', venue: 'v1', person: 'p1', kind: 'question' }, hall),
      event('request_removed', { request: 'r1', why: 'dropped' }, { actor: director }),
      event('request_removed', { request: 'r9', why: 'spoken' }),
    ]),
  ).toEqual([
    '<request_raised>,venue Venue v1,Venue v1,"王 ""Max"", 明",,(question)',
    '<request_removed>,director,Venue v1,"王 ""Max"", 明",,(dropped)',
    '<request_removed>,Server,,,,(spoken)',
  ]);
});

test('what came into the log later has the time at which it took effect, and a clock that jumped by how much', () => {
  const late = { actor: { ...director, act: 'mute_all', effective: 1_793_696_160_000 } };
  expect(
    rows([
      event('floor_closed', { venue: 'v1', why: 'muted_all' }, late),
      event('clock_jumped', { by_ms: -8_640_000 }),
    ]),
  ).toEqual([
    '<floor_closed>,director,Venue v1,,,(muted_all); effective 1793696160000',
    '<clock_jumped>,Server,,,,by -8640 s',
  ]);
});

test('an event that this page has no word for is kept as it was written, and one that is no JSON stops nothing', () => {
  expect(rows([{ seq: 1, at: 0, kind: 'new_kind', body: '{"a":1}' }])).toEqual(['new_kind,Server,,,,"{""a"":1}"']);
  expect(rows([{ seq: 1, at: 0, kind: 'started', body: 'no' }])).toEqual(['<started>,Server,,,,']);
});

test('a cell that a spreadsheet would take for a formula is made harmless', () => {
  expect(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', 'a=1', '', '=A,"B"'].map(cell)).toEqual([
    "'=1+1",
    "'+1",
    "'-1",
    "'@SUM(A1)",
    "'\t=1",
    'a=1',
    '',
    '"\'=A,""B"""',
  ]);
});

test('a moment is written with the zone that it is told in', () => {
  const at = Date.UTC(2026, 11, 31, 20, 30, 5);
  expect([isoTime(at, 480), isoTime(at, -210), isoTime(at, 0)]).toEqual([
    '2027-01-01T04:30:05+08:00',
    '2026-12-31T17:00:05-03:30',
    '2026-12-31T20:30:05+00:00',
  ]);
});
