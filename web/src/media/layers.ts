// Which layers a camera sends. Pure.

/** One encoding, as `addTransceiver` takes it. */
export interface Encoding {
  readonly rid?: string;
  readonly scaleResolutionDownBy: number;
  readonly maxBitrate: number;
  readonly maxFramerate: number;
}

/** Frames a second of a camera at most. */
export const framesMax = 25;

/** Most bits a second that a picture of that height needs. */
export function bitsFor(height: number): number {
  if (height >= 1000) return 3_000_000;
  if (height >= 700) return 1_500_000;
  if (height >= 500) return 900_000;
  if (height >= 340) return 500_000;
  return height >= 240 ? 250_000 : 150_000;
}

/**
 * The encodings of a camera picture of that height, the smallest first: three from 540 lines, two from 360, else one.
 * Fewer lines with more encodings lose the largest one in every browser that was tried.
 */
export function encodingsFor(height: number): Encoding[] {
  const rids = height >= 540 ? ['q', 'h', 'f'] : height >= 360 ? ['h', 'f'] : [];
  if (rids.length === 0) return [{ scaleResolutionDownBy: 1, maxBitrate: bitsFor(height), maxFramerate: framesMax }];
  return rids.map((rid, index) => {
    const scale = 2 ** (rids.length - 1 - index);
    return { rid, scaleResolutionDownBy: scale, maxBitrate: bitsFor(height / scale), maxFramerate: framesMax };
  });
}
