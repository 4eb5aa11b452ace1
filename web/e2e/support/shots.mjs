// Pictures of every page in every state and language, to be looked at: `npm run shots [-- filter]` writes test-results/shots.
// The pictures in the slots are drawn here, for the fixture has no media.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { chromiumLaunch } from './chromium.mjs';
import { pagePath, serveFixture } from './fixture/server.mjs';

const folder = fileURLToPath(new URL('../../test-results/shots/', import.meta.url));
const sizes = { hall: [[1920, 1080]], tech: [[1366, 768], [1920, 1080], [768, 1024]], desk: [[1920, 1080], [1366, 768]],
  many: [[1920, 1080], [1366, 768]], few: [[1920, 1080], [1760, 990], [1366, 768]], watch: [[1440, 900], [768, 1024], [320, 640]] };
const states = {
  hall: ['waiting', 'watching', 'air', 'ended', 'dark', 'blocked'], tech: ['waiting', 'watching', 'next', 'air', 'call', 'queue', 'lost', 'ended', 'bad', 'dark'],
  desk: ['call', 'bad', 'waiting'], many: ['call', 'bad'], few: ['call', 'bad', 'waiting'], watch: ['waiting', 'watching', 'slate', 'ended', 'lost', 'blocked'],
};

/** Desks of another size than 25 venues, by the name that their pictures bear: branches besides the main venue. */
const desks = { many: 131, few: 2 };

/** Draws a room into every slot, so that a page looks as with media. Runs in the page. */
function fillSlots() {
  const colours = { v0: ['#70604f', '#3c2f28'], v2: ['#4d5a52', '#2c3a33'], v3: ['#5a6472', '#39414c'] };
  // A card opens a second look at a line later.
  const fresh = [...document.querySelectorAll('video[data-slot]')].filter((video) => !video.srcObject?.drawn);
  setTimeout(fillSlots, 200);
  for (const video of fresh) {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1280, 720];
    const pen = canvas.getContext('2d');
    const [wall, floor] = colours[video.dataset.slot] ?? ['#555', '#333'];
    const draw = () => {
      pen.fillStyle = wall; pen.fillRect(0, 0, 1280, 720);
      pen.fillStyle = floor; pen.fillRect(0, 560, 1280, 160);
      pen.fillStyle = '#9fb2c0'; pen.fillRect(70, 120, 260, 270);
      pen.fillStyle = '#1f2733'; pen.beginPath(); pen.ellipse(640, 620, 260, 220, 0, Math.PI, 0); pen.fill();
      pen.fillStyle = '#cfa283'; pen.beginPath(); pen.ellipse(640, 320, 90, 115, 0, 0, 7); pen.fill();
      pen.fillStyle = '#231f1e'; pen.beginPath(); pen.ellipse(640, 265, 92, 75, 0, Math.PI, 0); pen.fill();
      pen.fillStyle = '#4a382c'; pen.fillRect(420, 540, 440, 180);
    };
    draw();
    setInterval(draw, 40);
    video.srcObject = canvas.captureStream(25);
    video.srcObject.drawn = true;
    void video.play();
  }
}

async function shoot(browser, origin, surface, state, lang, [width, height]) {
  const page = await browser.newPage({ viewport: { width, height }, timezoneId: 'Asia/Shanghai' });
  if (state === 'blocked') {
    await page.addInitScript(() => {
      // Without media a line of sound holds nothing to play: this one holds an empty stream.
      Object.defineProperty(HTMLAudioElement.prototype, 'srcObject', { configurable: true, get: () => new MediaStream(), set() { /* stays empty */ } });
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function () {
        return this.muted ? play.call(this) : Promise.reject(new DOMException('touch first', 'NotAllowedError'));
      };
    });
  }
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => { if (/Content Security|CSP/i.test(message.text())) errors.push(message.text()); });
  const scenario = state === 'dark' ? 'air' : state === 'blocked' ? 'watching' : state;
  await page.goto(origin + pagePath(surface in desks ? 'desk' : surface, scenario, desks[surface]).replace('#', `?lang=${lang}#`));
  await page.waitForFunction(() => document.documentElement.dataset.phase !== 'idle');
  if (state !== 'dark') await page.evaluate(fillSlots);
  await page.waitForTimeout(state === 'lost' ? 3200 : state === 'blocked' ? 4600 : 900);
  if (surface === 'watch' && state === 'watching') await page.mouse.move(400, 300);
  const name = `${surface}-${state}-${lang}-${width}`;
  await page.screenshot({ path: `${folder}${name}.png` });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) errors.push(`${wide} px too wide`);
  console.log(name, errors.join('; '));
  await page.close();
}

mkdirSync(folder, { recursive: true });
const filter = new RegExp(process.argv[2] ?? '.');
const { origin, stop } = await serveFixture();
const browser = await chromium.launch(chromiumLaunch());
for (const surface of Object.keys(states)) {
  for (const state of states[surface]) {
    for (const lang of ['zh-CN', 'en']) {
      for (const size of sizes[surface]) {
        if (filter.test(`${surface}-${state}-${lang}-${size[0]}`)) await shoot(browser, origin, surface, state, lang, size);
      }
    }
  }
}
await browser.close();
stop();
