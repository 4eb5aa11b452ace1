// Counts the pixels that differ between two folders of pictures: `npm run shots:compare DIR DIR`. More than a thousandth of a picture, or
// a picture that only one folder has, fails.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumLaunch } from './chromium.mjs';

const partMax = 0.001;

/** Pixels that differ, of how many. Runs in the page, which knows how to read a PNG. */
async function differing(pictures) {
  const [a, b] = await Promise.all(
    pictures.map(async (base64) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
      const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      pen.drawImage(bitmap, 0, 0);
      return pen.getImageData(0, 0, bitmap.width, bitmap.height);
    }),
  );
  const of = a.width * a.height;
  if (a.width !== b.width || a.height !== b.height) return { pixels: of, of };
  const [left, right] = [new Uint32Array(a.data.buffer), new Uint32Array(b.data.buffer)];
  return { pixels: left.reduce((sum, pixel, index) => sum + (pixel === right[index] ? 0 : 1), 0), of };
}

const folders = process.argv.slice(2, 4).map((folder) => resolve(folder));
if (folders.length < 2) throw new Error('usage: npm run shots:compare DIR DIR');
const [before, after] = folders.map((folder) => readdirSync(folder).filter((name) => name.endsWith('.png')));
const browser = await chromium.launch(chromiumLaunch());
const page = await browser.newPage();
const faults = [
  ...before.filter((name) => !after.includes(name)),
  ...after.filter((name) => !before.includes(name)),
].map((name) => `${name}: only in one folder`);
let equal = 0;
for (const name of before.filter((candidate) => after.includes(candidate))) {
  const [a, b] = folders.map((folder) => readFileSync(join(folder, name)));
  const { pixels, of } = a.equals(b)
    ? { pixels: 0, of: 1 }
    : await page.evaluate(
        differing,
        [a, b].map((bytes) => bytes.toString('base64')),
      );
  if (pixels === 0) equal += 1;
  else console.log(`${name}: ${pixels} of ${of} pixels differ (${((100 * pixels) / of).toFixed(3)} %)`);
  if (pixels > of * partMax) faults.push(`${name}: over ${100 * partMax} %`);
}
await browser.close();
console.log(`${equal} of ${before.length} pictures are equal to the pixel`);
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exitCode = 1;
}
