// Cameras and microphones of test rooms: a flat colour with a running bar at 180 lines, and a tone.

import { existsSync, writeFileSync } from 'node:fs';

const [width, height, frames] = [320, 180, 25];

/** Draws a camera as Y4M; answers with the file. */
export function drawCamera(file: string, [red, green, blue]: readonly [number, number, number]): string {
  if (existsSync(file)) return file;
  const y = Math.round(16 + 0.257 * red + 0.504 * green + 0.098 * blue);
  const u = Math.round(128 - 0.148 * red - 0.291 * green + 0.439 * blue);
  const v = Math.round(128 + 0.439 * red - 0.368 * green - 0.071 * blue);
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${String(width)} H${String(height)} F25:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < frames; frame++) {
    const luma = Buffer.alloc(width * height, y);
    // The bar runs along the lower edge, so that a frozen picture is told from a living one.
    for (let line = height - 12; line < height; line++)
      luma.fill(235, line * width + frame * 12, line * width + frame * 12 + 12);
    parts.push(
      Buffer.from('FRAME\n'),
      luma,
      Buffer.alloc((width * height) / 4, u),
      Buffer.alloc((width * height) / 4, v),
    );
  }
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

/** Draws a tone of two seconds as WAV; answers with the file. */
export function drawTone(file: string, hertz: number): string {
  if (existsSync(file)) return file;
  const rate = 48_000;
  const samples = rate * 2;
  const data = Buffer.alloc(44 + samples * 2);
  data.write('RIFF', 0);
  data.writeUInt32LE(36 + samples * 2, 4);
  data.write('WAVEfmt ', 8);
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(1, 22);
  data.writeUInt32LE(rate, 24);
  data.writeUInt32LE(rate * 2, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write('data', 36);
  data.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++)
    data.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * hertz * i) / rate)), 44 + i * 2);
  writeFileSync(file, data);
  return file;
}
