// The binary frame: how loud every venue is. Pure.

import { levelsHeaderBytes, levelsKind } from '../contract';

/** Levels of all venues, in rank order. */
export interface Levels {
  /** Generation of the directory whose order this is. */
  readonly generation: number;
  /** Per venue −dBov: 0 loudest to `quietest`, or `noSound`. */
  readonly values: Uint8Array;
}

/** Reads a frame: its kind, generation as big-endian u32, one byte per venue. Undefined if it is none. */
export function readLevels(bytes: ArrayBuffer): Levels | undefined {
  if (bytes.byteLength < levelsHeaderBytes) return undefined;
  const view = new DataView(bytes);
  if (view.getUint8(0) !== levelsKind) return undefined;
  return { generation: view.getUint32(1), values: new Uint8Array(bytes, levelsHeaderBytes) };
}
