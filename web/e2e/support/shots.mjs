// Pictures of every page in every state and language: `npm run shots [-- filter] [-- --to DIR]` writes test-results/shots, or DIR.
// Two runs of the same pages are equal, so that `npm run shots:compare` finds what a change did: see `still.mjs`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { chromiumLaunch } from './chromium.mjs';
import { pagePath } from './fixture/server.mjs';
import { openStill, picture, Stage } from './still.mjs';

const sizes = {
  hall: [[1920, 1080]],
  tech: [
    [1366, 768],
    [1920, 1080],
    [768, 1024],
  ],
  desk: [
    [1920, 1080],
    [1366, 768],
  ],
  many: [
    [1920, 1080],
    [1366, 768],
  ],
  few: [
    [1920, 1080],
    [1760, 990],
    [1366, 768],
  ],
  watch: [
    [1440, 900],
    [768, 1024],
    [320, 640],
  ],
};
const states = {
  hall: ['waiting', 'watching', 'air', 'ended', 'dark', 'blocked'],
  tech: ['waiting', 'watching', 'next', 'air', 'call', 'queue', 'lost', 'ended', 'bad', 'dark'],
  desk: ['call', 'bad', 'waiting', 'far', 'last-minute', 'slate', 'ended', 'long'],
  many: ['call', 'bad', 'many-lost'],
  few: ['call', 'bad', 'waiting'],
  watch: ['waiting', 'watching', 'slate', 'ended', 'lost', 'blocked'],
};

/** Desks of another size than 25 venues, by the name that their pictures bear: branches besides the main venue. */
const desks = { many: 131, few: 2 };

/** Milliseconds of the page's time before the picture, where a state needs others than most. */
const passes = { lost: 3200, blocked: 4600 };
const passesMost = 2000;

async function shoot(stage, surface, state, lang, [width, height], folder) {
  const scenario = state === 'dark' ? 'air' : state === 'blocked' ? 'watching' : state;
  const path = pagePath(surface in desks ? 'desk' : surface, scenario, desks[surface]).replace('#', `?lang=${lang}#`);
  const { page, errors, pass } = await openStill(stage, path, {
    width,
    height,
    pictures: state !== 'dark',
    sound: state !== 'blocked',
  });
  await pass(passes[state] ?? passesMost);
  // The controls of the player show while the mouse moves.
  if (surface === 'watch' && state === 'watching') await page.mouse.move(400, 300);
  const name = `${surface}-${state}-${lang}-${width}`;
  writeFileSync(resolve(folder, `${name}.png`), await picture(page));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) errors.push(`${wide} px too wide`);
  console.log(name, errors.join('; '));
  await page.close();
}

const { values, positionals } = parseArgs({ options: { to: { type: 'string' } }, allowPositionals: true });
const folder = values.to ?? fileURLToPath(new URL('../../test-results/shots/', import.meta.url));
const filter = new RegExp(positionals[0] ?? '.');
mkdirSync(folder, { recursive: true });
const stage = await Stage.start(await chromium.launch(chromiumLaunch()));
for (const surface of Object.keys(states)) {
  for (const state of states[surface]) {
    for (const lang of ['zh-CN', 'en']) {
      for (const size of sizes[surface]) {
        if (filter.test(`${surface}-${state}-${lang}-${size[0]}`))
          await shoot(stage, surface, state, lang, size, folder);
      }
    }
  }
}
await stage.stop();
