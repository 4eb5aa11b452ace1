// The log of a run as a table for a spreadsheet: one row for each event, with names and no ids.

import { isoTime } from './timers';

/** An event as `GET …/log` gives it, as far as the table reads it. */
export interface LogEvent {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly body: string;
}

/** Names and words of the table. */
export interface LogWords {
  /** Heads of the columns. */
  readonly heads: readonly string[];
  /** A kind of event; undefined where there is no word for it. */
  kind(kind: string): string | undefined;
  /** Who did it: a role, for the chair or for themselves. */
  actor(role: string, venue: string, forChair: boolean): string;
  readonly server: string;
  venue(id: string): string;
  /** Name of the venue that a source belongs to; empty for one that is not known. */
  venueOf(source: string): string;
  source(id: string): string;
  person(id: string): string;
  item(id: string): string;
  /** Why, which, what for: a word of the protocol. */
  detail(word: string): string;
  limit(seconds: number): string;
  /** When it took effect, if it came into the log later. */
  effective(at: number): string;
  /** By how many seconds the clock jumped, forward or back. */
  jumped(seconds: number): string;
  roster(venues: number, items: number): string;
  /** Numbers of the last event that was stored, and of the last that is there. */
  lost(had: number, has: number): string;
  /** Minutes east of Greenwich at that moment. */
  east(at: number): number;
}

type Fields = Readonly<Record<string, unknown>>;

interface Request {
  readonly venue: string;
  readonly person: string;
}

/** The table as CSV (RFC 4180), with the mark by which spreadsheets know UTF-8. */
export function logTable(events: readonly LogEvent[], words: LogWords): string {
  const requests = new Map<string, Request>();
  const rows = events.map((event) => row(event, requests, words));
  return '\ufeff' + [words.heads, ...rows].map((cells) => cells.map(cell).join(',') + '\r\n').join('');
}

/** A cell. What a spreadsheet would take for a formula is made harmless. */
export function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function row(event: LogEvent, requests: Map<string, Request>, words: LogWords): string[] {
  const body = fieldsOf(parsed(event.body));
  const told = fieldsOf(fieldsOf(body['event'])[event.kind]);
  const asked = requests.get(text(told['request'])) ?? { venue: '', person: '' };
  if (event.kind === 'request_raised')
    requests.set(text(told['request']), { venue: text(told['venue']), person: text(told['person']) });
  const source = text(told['source']) || text(fieldsOf(told['scene'])['full']);
  const venue = text(told['venue']) || asked.venue;
  const person = text(told['person']) || asked.person;
  const item = text(told['item']);
  const known = words.kind(event.kind);
  return [
    isoTime(event.at, words.east(event.at)),
    String(event.seq),
    known ?? event.kind,
    actor(body['by'], words),
    venue ? words.venue(venue) : source ? words.venueOf(source) : '',
    person ? words.person(person) : '',
    item ? words.item(item) : '',
    // What there is no word for is kept as it was written.
    known === undefined ? event.body : details(event.kind, body, told, source, words).join('; '),
  ];
}

function actor(by: unknown, words: LogWords): string {
  const told = fieldsOf(fieldsOf(by)['actor']);
  const role = text(told['role']);
  if (role === '') return words.server;
  const venue = text(told['venue']);
  return words.actor(role, venue ? words.venue(venue) : '', told['acting_for'] === 'chair');
}

function details(kind: string, body: Fields, told: Fields, source: string, words: LogWords): string[] {
  const { venues, items, limit_s, by_ms, had, has } = told;
  const { effective } = fieldsOf(fieldsOf(body['by'])['actor']);
  const said: string[] = [];
  if (source) said.push(words.source(source));
  for (const word of [told['why'], told['kind'], told['scene']])
    if (typeof word === 'string') said.push(words.detail(word));
  if (told['held'] === true) said.push(words.detail('held'));
  if (kind === 'preview_set' && source === '') said.push(words.detail('empty'));
  if (typeof limit_s === 'number') said.push(words.limit(limit_s));
  if (typeof by_ms === 'number') said.push(words.jumped(by_ms / 1000));
  if (typeof effective === 'number') said.push(words.effective(effective));
  if (Array.isArray(venues) && Array.isArray(items)) said.push(words.roster(venues.length, items.length));
  if (typeof had === 'number' && typeof has === 'number') said.push(words.lost(had, has));
  if (kind === 'unchanged') said.push(words.detail(text(fieldsOf(fieldsOf(body['by'])['actor'])['act'])));
  return said.filter((one) => one !== '');
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
