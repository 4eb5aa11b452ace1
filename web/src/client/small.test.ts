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

  it('are taken with what mail, chat and prose leave behind them', () => {
    const whole = 'hs256.eyJtIjoi_m-x.Mac_-9';
    const tails = [
      '%20',
      ' ',
      '.',
      '...',
      '。',
      '%E3%80%82',
      '%3E',
      '>',
      '）',
      ')',
      '，请打开',
      '%EF%BC%8C',
      '&x=1',
      '#',
      '"',
      '%22',
      '%',
    ];
    for (const tail of [...tails, '%E3', '%E3%80', '.%20', '.%0A', '%00', '=', '&lang=en']) {
      expect(tokenOf(`#t=${whole}${tail}`), tail).toBe(whole);
      expect(tokenOf(`#t%3D${whole}${tail}`), `%3D, ${tail}`).toBe(whole);
    }
    for (const fragment of [
      `#t%3d${whole}`,
      `#t= ${whole}`,
      `#t=%20${whole}`,
      `#%74=${whole}`,
      `#x=1&t=${whole}`,
      `t=${whole}`,
    ]) {
      expect(tokenOf(fragment), fragment).toBe(whole);
    }
  });

  it('without a token carry none, and one that is cut short stays what it is', () => {
    for (const fragment of ['#', '#top', '#x=1', '#tt=a.b.c']) expect(tokenOf(fragment), fragment).toBeUndefined();
    expect(tokenOf('#t=a.b')).toBe('a.b');
    expect(tokenOf('#t=')).toBe('');
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
