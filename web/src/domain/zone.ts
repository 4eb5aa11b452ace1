// Zones of the IANA database.

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

/** Minutes east of Greenwich in that zone at that moment; undefined for a zone that this browser does not know. */
export function eastOf(zone: string, at: number): number | undefined {
  if (!formats.has(zone)) formats.set(zone, makeFormat(zone));
  const format = formats.get(zone);
  if (!format) return undefined;
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  // The parts know no seconds.
  return (local - Math.floor(at / 60_000) * 60_000) / 60_000;
}

function makeFormat(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  } catch {
    return undefined;
  }
}
