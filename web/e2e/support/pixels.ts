// What a picture shows, by the pixels of decoded frames.

import type { Page } from '@playwright/test';
import { colours, type Colour } from './onehall';

/** Frames of a slot, watched in the page: the time (of the page's wall clock) at which a colour was first seen after another. */
export async function seesColour(page: Page, slot: string, colour: Colour, timeoutMs = 60_000): Promise<number> {
  await mounted(page, slot, timeoutMs);
  return page.evaluate(
    ([selector, palette, wanted, limit]) =>
      new Promise<number>((resolve, reject) => {
        const canvas = new OffscreenCanvas(8, 8);
        const pen = canvas.getContext('2d', { willReadFrequently: true });
        // A page may take the element away while it shows the slate, and bring another.
        let video: HTMLVideoElement | null = null;
        const follow = (): void => {
          const now = document.querySelector<HTMLVideoElement>(selector);
          if (now === video) return;
          video = now;
          look();
        };
        const following = setInterval(follow, 20);
        const stop = setTimeout(() => {
          clearInterval(following);
          reject(new Error(`${selector} did not turn ${wanted}`));
        }, limit);
        const look = (): void => {
          if (!video) return;
          const from = video;
          pen?.drawImage(from, 0, 0, 8, 8);
          const [red = 0, green = 0, blue = 0] = pen?.getImageData(3, 3, 1, 1).data ?? [];
          const distances = Object.entries(palette).map(
            ([name, [r, g, b]]) => [name, Math.hypot(red - r, green - g, blue - b)] as const,
          );
          const [name, distance] = distances.sort((a, b) => a[1] - b[1])[0] ?? ['', Infinity];
          if (name === wanted && distance < 60) {
            clearTimeout(stop);
            clearInterval(following);
            resolve(performance.timeOrigin + performance.now());
          } else {
            from.requestVideoFrameCallback(() => {
              if (from === video) look();
            });
          }
        };
        follow();
      }),
    [`video[data-slot=${slot}]`, colours, colour, timeoutMs] as const,
  );
}

/** Waits until a slot has shown so many more frames. */
export async function runs(page: Page, slot: string, frames = 6): Promise<void> {
  await mounted(page, slot);
  await page.evaluate(
    ([selector, wanted]) =>
      new Promise<void>((resolve) => {
        const video = document.querySelector<HTMLVideoElement>(selector);
        let seen = 0;
        const count = (): void => {
          seen += 1;
          if (seen === wanted) resolve();
          else video?.requestVideoFrameCallback(count);
        };
        video?.requestVideoFrameCallback(count);
      }),
    [`video[data-slot=${slot}]`, frames] as const,
  );
}

/** A page mounts once its words have come. */
async function mounted(page: Page, slot: string, timeout = 60_000): Promise<void> {
  await page.locator(`video[data-slot=${slot}]`).first().waitFor({ state: 'attached', timeout });
}
