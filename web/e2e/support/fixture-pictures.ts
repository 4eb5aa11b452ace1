// Pictures for pages of the fixture, which has no media.

import type { Page } from '@playwright/test';

/** Gives every video element a drawn picture. */
export async function drawPictures(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 180];
    let grey = 0;
    const paint = (): void => {
      const pen = canvas.getContext('2d');
      if (!pen) return;
      pen.fillStyle = `rgb(${String((grey += 1) % 60)} 70 80)`;
      pen.fillRect(0, 0, 320, 180);
    };
    paint();
    setInterval(paint, 100);
    const own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
    Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
      configurable: true,
      get() {
        return own?.get?.call(this) as unknown;
      },
      set(this: HTMLMediaElement, stream: unknown) {
        own?.set?.call(this, this instanceof HTMLVideoElement ? canvas.captureStream(10) : stream);
        if (this instanceof HTMLVideoElement) this.play().catch(() => undefined);
      },
    });
  });
}
