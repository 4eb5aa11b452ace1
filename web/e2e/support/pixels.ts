// What a picture shows, by the pixels of decoded frames.

import type { Page } from '@playwright/test';
import { colours, type Colour } from './onehall';

/** Frames of a slot, watched in the page: the time (of the page's wall clock) at which a colour was first seen after another. */
export async function seesColour(page: Page, slot: string, colour: Colour, timeoutMs = 10_000): Promise<number> {
  await mounted(page, slot, timeoutMs);
  return page.evaluate(
    ([selector, palette, wanted, limit]) =>
      new Promise<number>((resolve, reject) => {
        const video = document.querySelector<HTMLVideoElement>(selector);
        if (!video) {
          reject(new Error(`no ${selector}`));
          return;
        }
        const canvas = new OffscreenCanvas(8, 8);
        const pen = canvas.getContext('2d', { willReadFrequently: true });
        const stop = setTimeout(() => {
          reject(new Error(`${selector} did not turn ${wanted}`));
        }, limit);
        const look = (): void => {
          pen?.drawImage(video, 0, 0, 8, 8);
          const [red = 0, green = 0, blue = 0] = pen?.getImageData(3, 3, 1, 1).data ?? [];
          const distances = Object.entries(palette).map(
            ([name, [r, g, b]]) => [name, Math.hypot(red - r, green - g, blue - b)] as const,
          );
          const [name, distance] = distances.sort((a, b) => a[1] - b[1])[0] ?? ['', Infinity];
          if (name === wanted && distance < 60) {
            clearTimeout(stop);
            resolve(performance.timeOrigin + performance.now());
          } else video.requestVideoFrameCallback(look);
        };
        look();
      }),
    [`video[data-slot=${slot}]`, colours, colour, timeoutMs] as const,
  );
}

/** Frames that a slot has shown in so many milliseconds. */
export async function framesIn(page: Page, slot: string, ms: number): Promise<number> {
  await mounted(page, slot);
  return page.evaluate(
    ([selector, time]) =>
      new Promise<number>((resolve) => {
        const video = document.querySelector<HTMLVideoElement>(selector);
        let frames = 0;
        const count = (): void => {
          frames += 1;
          video?.requestVideoFrameCallback(count);
        };
        video?.requestVideoFrameCallback(count);
        setTimeout(() => {
          resolve(frames);
        }, time);
      }),
    [`video[data-slot=${slot}]`, ms] as const,
  );
}

/** A page mounts once its words have come. */
async function mounted(page: Page, slot: string, timeout = 10_000): Promise<void> {
  await page.locator(`video[data-slot=${slot}]`).first().waitFor({ state: 'attached', timeout });
}
