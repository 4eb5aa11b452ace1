// The binary frame: how loud every venue is. Pure.

/** Levels of all venues, in rank order. */
export interface Levels {
  /** Generation of the directory whose order this is. */
  readonly generation: number;
  /** Per venue −dBov: 0 loudest, 127 quiet; 255 no sound. */
  readonly values: Uint8Array;
}

/** The value of a venue without sound. */
export const noSound = 255;

/** Reads a frame: `0x01`, generation as big-endian u32, one byte per venue. Undefined if it is none. */
export function readLevels(bytes: ArrayBuffer): Levels | undefined {
  if (bytes.byteLength < 5) return undefined;
  const view = new DataView(bytes);
  if (view.getUint8(0) !== 1) return undefined;
  return { generation: view.getUint32(1), values: new Uint8Array(bytes, 5) };
}
