// Cameras for screenshots: a drawn meeting room, whose wall is the colour by which the pixels of a test tell the venues apart.

import { writeFileSync } from 'node:fs';

const frames = 25;

type Rgb = readonly [number, number, number];

/** Draws a room of that wall as Y4M. The middle of the picture, just above its centre, shows nothing but the wall. */
export function drawRoom(file: string, wall: Rgb, width = 320): void {
  const height = (width * 9) / 16;
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${String(width)} H${String(height)} F25:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < frames; frame++) {
    const sway = Math.sin((2 * Math.PI * frame) / frames) * 0.004;
    const luma = Buffer.alloc(width * height);
    const [blue, red] = [Buffer.alloc((width * height) / 4), Buffer.alloc((width * height) / 4)];
    for (let line = 0; line < height; line++) {
      for (let column = 0; column < width; column++) {
        const [r, g, b] = colourAt((column + 0.5) / width, (line + 0.5) / height, wall, sway);
        luma[line * width + column] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
        if (line % 2 === 1 || column % 2 === 1) continue;
        const at = (line * width) / 4 + column / 2;
        blue[at] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
        red[at] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
      }
    }
    parts.push(Buffer.from('FRAME\n'), luma, blue, red);
  }
  writeFileSync(file, Buffer.concat(parts));
}

/** The colour of a point; both coordinates from 0 to 1. */
function colourAt(x: number, y: number, wall: Rgb, sway: number): Rgb {
  if (y > 0.86) return [74, 56, 44];
  if (y > 0.84) return [104, 80, 62];
  for (const [centre, suit] of [
    [0.5 + sway, [38, 46, 58]],
    [0.22, [70, 74, 82]],
    [0.78, [58, 50, 62]],
  ] as const) {
    const [dx, dy] = [(x - centre) * 16, y * 9];
    if (Math.hypot(dx / 0.62, (dy - 5.35) / 0.72) < 1)
      return dy < 5.05 && Math.hypot(dx / 0.66, (dy - 5.1) / 0.6) < 1 ? [44, 36, 32] : [208, 164, 134];
    if (Math.hypot(dx / 1.5, (dy - 7.9) / 1.75) < 1) return Math.abs(dx) < 0.2 && dy < 7.1 ? [232, 232, 228] : suit;
  }
  // A window on the left, a board on the right.
  if (x > 0.05 && x < 0.3 && y > 0.1 && y < 0.44)
    return Math.abs(x - 0.175) < 0.004 || Math.abs(y - 0.27) < 0.007
      ? [225, 228, 230]
      : [168 + 40 * y, 196 + 30 * y, 214];
  if (x > 0.62 && x < 0.95 && y > 0.12 && y < 0.42)
    return Math.min(x - 0.62, 0.95 - x) < 0.006 || Math.min(y - 0.12, 0.42 - y) < 0.011
      ? [70, 60, 50]
      : [236, 236, 230];
  const shade = 1 - 0.12 * Math.max(0, y - 0.5);
  return [wall[0] * shade, wall[1] * shade, wall[2] * shade];
}
