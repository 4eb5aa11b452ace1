import { describe, expect, it } from 'vitest';
import { pauseMs } from './backoff';
import { commandKey } from './key';
import { readLevels } from './levels';
import { readToken, tokenOf } from './link';
import { entryOf, isOther } from './version';

function base64url(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

describe('level frames', () => {
  it('name the directory they are ordered by', () => {
    expect(readLevels(Uint8Array.of(1, 0, 0, 1, 2, 18, 255, 90).buffer)).toEqual({
      generation: 258,
      values: Uint8Array.of(18, 255, 90),
    });
  });

  it('of another kind, or cut short, are none', () => {
    expect(readLevels(Uint8Array.of(2, 0, 0, 0, 1, 18).buffer)).toBeUndefined();
    expect(readLevels(Uint8Array.of(1, 0, 0).buffer)).toBeUndefined();
  });
});

describe('links', () => {
  const token = (claims: unknown): string => `h1.${base64url(JSON.stringify(claims))}.mac`;

  it('carry their token in the fragment', () => {
    expect(tokenOf('#t=a.b.c')).toBe('a.b.c');
    expect(tokenOf('')).toBeUndefined();
  });

  it('tell meeting, role and venue', () => {
    expect(readToken(token({ m: 'm1', r: 'venue', v: '会场', x: 5, i: 'k' }))).toEqual({
      meeting: 'm1',
      role: 'venue',
      venue: '会场',
      expires: 5,
    });
  });

  it('that are broken tell nothing', () => {
    for (const broken of ['', 'a', 'a.b', 'a.!.c', token({ m: 'm1', r: 'king' }), token({ r: 'venue' }), token(null)]) {
      expect(readToken(broken)).toBeUndefined();
    }
  });
});

describe('keys of commands', () => {
  it('sort by time and have 26 characters', () => {
    const earlier = commandKey(1_700_000_000_000, new Uint8Array(16).fill(255));
    const later = commandKey(1_700_000_000_001, new Uint8Array(16));
    expect(earlier).toHaveLength(26);
    expect(earlier < later).toBe(true);
    expect(earlier).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });
});

describe('builds', () => {
  it('are told apart by the entry script that a page names', () => {
    const markup = (name: string): string =>
      `<head><script src="/early.js"></script>\n<script type="module" crossorigin src="/assets/${name}.js"></script></head>`;
    expect(entryOf(markup('room-D_VeA72x'))).toBe('/assets/room-D_VeA72x.js');
    expect(entryOf('<p>Bad gateway</p>')).toBeUndefined();
    expect(isOther(entryOf(markup('room-a')), entryOf(markup('room-b')))).toBe(true);
    expect(isOther(entryOf(markup('room-a')), entryOf(markup('room-a')))).toBe(false);
  });

  it('that cannot be told are no reason to load a page again', () => {
    expect(isOther('/assets/room-a.js', undefined)).toBe(false);
    expect(isOther(undefined, '/assets/room-b.js')).toBe(false);
  });
});

describe('pauses between tries', () => {
  it('grow, spread, and stop at seven seconds', () => {
    for (let attempt = 1; attempt < 50; attempt++) {
      for (const chance of [0, 0.3, 0.999]) expect(pauseMs(attempt, chance)).toBeLessThanOrEqual(7000);
    }
    expect(pauseMs(1, 0)).toBe(0);
    expect(pauseMs(50, 0)).toBeGreaterThan(pauseMs(3, 0));
  });
});
