// First use over a slow line: script of each page as it travels, packed.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** Bytes of all scripts that a page loads before it is shown. */
function scriptBytes(page: string): number {
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, next] of readFileSync(`${dist}assets/${file}`, 'utf8').matchAll(
      /(?:from|import)\s*["']\.\/([^"']+\.js)["']/g,
    ))
      follow(next ?? '');
  };
  for (const [, file] of readFileSync(`${dist}${page}`, 'utf8').matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g))
    follow(file ?? '');
  return [...seen].reduce((sum, file) => sum + gzipSync(readFileSync(`${dist}assets/${file}`)).length, 0);
}

for (const [page, kilobytes] of [
  ['room.html', 120],
  ['desk.html', 200],
  ['watch.html', 120],
] as const) {
  test(`${page} loads at most ${String(kilobytes)} kB of script`, () => {
    const bytes = scriptBytes(page);
    console.log(`${page}: ${String(Math.round(bytes / 1000))} kB`);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(kilobytes * 1000);
  });
}

test('no script carries the words of a language', () => {
  const said = { en: 'Reconnecting by itself; nothing to do', 'zh-CN': '正在自动重连，无需操作' };
  for (const [lang, text] of Object.entries(said)) {
    expect(readFileSync(new URL(`../../i18n/${lang}/common.ftl`, import.meta.url), 'utf8')).toContain(text);
    for (const file of readdirSync(`${dist}assets`).filter((name) => name.endsWith('.js')))
      expect(readFileSync(`${dist}assets/${file}`, 'utf8')).not.toContain(text);
  }
});

test('pages hold no script and no style of their own', () => {
  for (const page of ['room.html', 'desk.html', 'watch.html']) {
    const html = readFileSync(`${dist}${page}`, 'utf8');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=/);
    expect(html).not.toMatch(/https?:\/\//);
  }
});
