import { describe, expect, it } from 'vitest';
import type { AlarmEntry, ItemEntry, JournalLine, PreviewSection, ProgrammeSection, RundownSection } from '../contract';
import { alarmedVenues, alarmValue, firstUnseen, isOfMost } from './alarms';
import { firstSource, unitAt } from './directory';
import { favourites, pin, readPins } from './favourites';
import { journalWords, toldLines } from './journal';
import { currentItem, itemMark, nextItem, plannedEnd, previousItem } from './rundown';
import { sampleDirectory, sampleVenue } from './sample';
import { openMicrophones, previewMark, sourceTally, takeBar } from './tally';
import { clock, clockFault, countdown, dayOf, hourMinute, span, timer, wide } from './timers';

describe('times', () => {
  it('writes spans without moving a digit', () => {
    expect([span(24_999), span(125_000), span(3_723_000), span(-5)]).toEqual(['0:24', '2:05', '1:02:03', '0:00']);
    expect([wide(24_000), wide(725_000), wide(3_723_000)]).toEqual(['00:24', '12:05', '1:02:03']);
    expect([countdown(200_000), countdown(-12_000)]).toEqual(['−03:20', '+00:12']);
  });

  it('writes the time of day in the zone given, across midnight', () => {
    expect(clock(0, 8 * 60)).toBe('08:00:00');
    expect(clock(1000, -90)).toBe('22:30:01');
    expect(hourMinute(86_399_000, 0)).toBe('23:59');
  });

  it('counts days by the date in the zone, not by hours that passed', () => {
    const evening = Date.UTC(2026, 2, 8, 15, 59);
    expect(dayOf(evening + 60_000, 480) - dayOf(evening, 480)).toBe(1);
    expect(dayOf(evening + 60_000, 0) - dayOf(evening, 0)).toBe(0);
  });

  it('warns in the last minute, and not when it is over', () => {
    const near = (now: number) => timer(0, 180_000, now).near;
    expect([near(119_999), near(120_000), near(180_000), near(180_001)]).toEqual([false, true, true, false]);
    expect(timer(0, null, 500_000).near).toBe(false);
  });

  it('tells how long a timer has run and that it is over, and does nothing else', () => {
    expect(timer(1000, 10_000, 6000)).toMatchObject({ elapsed_ms: 5000, left_ms: 5000, part: 0.5, over: false });
    expect(timer(0, 10_000, 12_000)).toMatchObject({ left_ms: -2000, part: 1, over: true });
    expect(timer(0, null, 12_000)).toMatchObject({ left_ms: null, part: 0, over: false });
  });
});

describe('tally and take', () => {
  const preview = (part: Partial<PreviewSection> = {}): PreviewSection => ({
    source: 'a',
    held: false,
    ready: true,
    ...part,
  });
  const programme: ProgrammeSection = {
    scene: { kind: 'full', source: 'b' },
    shown: { kind: 'full', source: 'b' },
    shown_at: 0,
    waiting: false,
  };
  const facts = { may: true, live: true, logged: true, seen: true };

  it('arms TAKE for a preview that can be decoded and is seen, held or not', () => {
    expect(takeBar(preview(), programme, facts)).toBeNull();
    expect(takeBar(preview({ held: true }), programme, facts)).toBeNull();
  });

  it('bars TAKE with the reason', () => {
    expect(takeBar(preview({ ready: false }), programme, facts)).toBe('no_picture');
    expect(takeBar(preview(), programme, { ...facts, seen: false })).toBe('no_picture');
    expect(takeBar(preview({ source: null }), programme, facts)).toBe('empty');
    expect(takeBar(undefined, programme, facts)).toBe('empty');
    expect(takeBar(preview({ source: 'b' }), programme, facts)).toBe('on_air');
    expect(takeBar(preview(), programme, { ...facts, live: false })).toBe('not_live');
    expect(takeBar(preview(), programme, { ...facts, may: false })).toBe('no_right');
    // Whatever stands in preview: what it is shows on TAKE, and TAKE is no way to force it.
    expect(takeBar(preview({ ready: false }), programme, { ...facts, logged: false })).toBe('log_shut');
  });

  it('calls a preview next only when it is not held', () => {
    expect([
      previewMark(preview()),
      previewMark(preview({ held: true })),
      previewMark(preview({ source: null })),
      previewMark(undefined),
    ]).toEqual(['next', 'held', 'empty', 'empty']);
  });

  it('reads the tally of a source from its venue and decides none itself', () => {
    const state = sampleVenue({ sources: [{ id: 'a', tally: 'air', live: true, layers: [], published_by: null }] });
    expect([sourceTally(state, 'a'), sourceTally(state, 'b'), sourceTally(undefined, 'a')]).toEqual([
      'air',
      'none',
      'none',
    ]);
  });

  it('lists the microphones that the hop reports open, the lease first, whatever the log intends', () => {
    const states = new Map([
      ['a', sampleVenue({ gate: 'open' })],
      ['b', sampleVenue({ lease: true })],
      ['c', sampleVenue({ gate: 'open' })],
    ]);
    const floor = {
      open: [
        { venue: 'c', kind: 'standing' as const, since: 0 },
        { venue: 'b', kind: 'open' as const, since: 0 },
      ],
    };
    expect(openMicrophones(floor, ['a', 'b', 'c'], (venue) => states.get(venue))).toEqual(['c', 'a']);
  });
});

describe('alarms', () => {
  const alarm = (id: string, code: AlarmEntry['code'], venues: string[], since: number): AlarmEntry => ({
    id,
    code,
    venues,
    unit: null,
    source: null,
    since,
    value: null,
    acknowledged: null,
  });

  it('count each of their venues once', () => {
    expect(alarmedVenues([alarm('1', 'lost', ['y', 'z'], 5), alarm('2', 'loss', ['z'], 1)])).toBe(2);
  });

  it('are about most venues where they name several that are of no unit', () => {
    const most = alarm('1', 'lost', ['main', 'v1'], 0);
    expect([most, { ...most, unit: 'u' }, { ...most, venues: ['main'] }].map(isOfMost)).toEqual([true, false, false]);
  });

  it('wait for somebody to see to the first that nobody has seen to', () => {
    const seen = { ...alarm('1', 'lost', ['x'], 0), acknowledged: { by: 'chair', at: 4 } as const };
    expect(firstUnseen([seen, alarm('2', 'loss', ['x'], 1), alarm('3', 'loss', ['y'], 1)])?.id).toBe('2');
    expect(firstUnseen([seen])).toBeUndefined();
  });

  it('say their number in the unit of the code', () => {
    expect([
      alarmValue('loss', 84),
      alarmValue('silent', 95),
      alarmValue('audio_dropped', 412),
      alarmValue('packets_too_large', 7),
      alarmValue('lost', 3),
      alarmValue('loss', null),
    ]).toEqual(['8.4%', '1:35', '412', '7', '', '']);
  });
});

describe('favourites', () => {
  const directory = sampleDirectory([3]);

  it('are the first sources by rank until pinned', () => {
    expect(favourites(directory, [])).toEqual([
      'main-1',
      'main-2',
      'c0-1',
      'c0-1-1',
      'c0-2-1',
      'c0-3-1',
      null,
      null,
      null,
    ]);
  });

  it('keep a pinned source in its place and show no source twice', () => {
    const pins = pin([], 'c0-3-1', 0);
    const shown = favourites(directory, pins);
    expect(shown).toEqual(['c0-3-1', 'main-2', 'c0-1', 'c0-1-1', 'c0-2-1', 'main-1', null, null, null]);
    expect(shown.filter((source) => source === 'c0-3-1')).toHaveLength(1);
    expect(favourites(directory, pin(pins, 'c0-3-1', 4))[4]).toBe('c0-3-1');
    expect(pin(pins, 'c0-3-1', -1).every((source) => source === null)).toBe(true);
  });

  it('forget a source that is gone and survive spoilt storage', () => {
    expect(favourites(directory, ['gone'])[0]).toBe('main-1');
    expect([readPins(null), readPins('{'), readPins('7'), readPins('["a",3]')]).toEqual([[], [], [], ['a', null]]);
  });
});

describe('rundown and log', () => {
  const item = (id: string, start: number | null): ItemEntry => ({
    id,
    title: { zh: id, en: id },
    minutes: 10,
    start,
    person: null,
    venue: null,
    began: null,
  });
  const rundown: RundownSection = {
    items: [item('1', 0), item('2', 600_000), item('3', 1_200_000)],
    current: '2',
    since: 0,
  };

  it('mark what was begun, what runs and what comes; after the end nothing runs', () => {
    const marks = (ended: boolean, held: readonly string[]) =>
      rundown.items.map((entry) =>
        itemMark(rundown, { ...entry, began: held.includes(entry.id) ? 0 : entry.began }, ended),
      );
    expect(marks(false, ['1', '2'])).toEqual(['done', 'now', 'next']);
    expect(marks(false, ['2']), 'the first was passed over').toEqual(['next', 'now', 'next']);
    expect(marks(false, ['2', '3']), 'the desk went back').toEqual(['next', 'now', 'done']);
    expect(marks(true, ['1', '2'])).toEqual(['done', 'done', 'next']);
    expect(marks(true, [])).toEqual(['next', 'next', 'next']);
  });

  it('go back as they go on', () => {
    const at = (current: string | null) => previousItem({ ...rundown, current })?.id;
    expect([at('2'), at('1'), at(null), at('x')]).toEqual(['1', undefined, undefined, undefined]);
  });

  it('tell the current one, the next and the planned end', () => {
    expect([currentItem(rundown)?.number, nextItem(rundown)?.id, plannedEnd(rundown)]).toEqual([2, '3', 1_800_000]);
    expect([
      nextItem({ ...rundown, current: null })?.id,
      nextItem({ ...rundown, current: '3' }),
      currentItem(undefined),
    ]).toEqual(['1', null, null]);
  });

  it('tell the newest line first and leave out what changed nothing', () => {
    const line = (seq: number, kind: JournalLine['kind'], source: string | null = null): JournalLine => ({
      seq,
      at: 0,
      kind,
      actor: 'director',
      venue: null,
      source,
      person: null,
      item: null,
    });
    expect(toldLines([line(1, 'preview'), line(2, 'unchanged'), line(3, 'slate')]).map((entry) => entry.seq)).toEqual([
      3, 1,
    ]);
    expect(
      toldLines([line(5, 'preview', 'a'), line(4, 'programme', 'b'), { ...line(3, 'preview', 'b'), at: -900 }]).map(
        (entry) => entry.seq,
      ),
    ).toEqual([4, 3]);
    expect([journalWords(line(1, 'preview')), journalWords(line(1, 'preview', 'a'))]).toEqual([
      'preview_empty',
      'preview',
    ]);
  });
});

it('calls a clock wrong when it is more than two seconds from the server, either way', () => {
  expect([clockFault(2000, 0), clockFault(0, 2000), clockFault(2001, 0), clockFault(0, 60_000)]).toEqual([
    null,
    null,
    2001,
    -60_000,
  ]);
});

it('finds the unit of a tier upwards, and gives up on a loop', () => {
  const directory = sampleDirectory([1]);
  expect(unitAt(directory, 'u0-1', 1)?.id).toBe('u0');
  expect(unitAt(directory, 'u', 1)).toBeUndefined();
  const looped = {
    ...directory,
    unit: new Map([['x', { id: 'x', upper: 'x', tier: 3, name: { zh: '', en: '' }, short: { zh: '', en: '' } }]]),
  };
  expect(unitAt(looped, 'x', 1)).toBeUndefined();
  expect(firstSource(directory, 'c0')).toBe('c0-1');
});
