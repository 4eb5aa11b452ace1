// Frames as text. What cannot be read is no frame; what is inside is trusted, for the server made it. Pure.

import type { ClientFrame, ServerFrame } from '../contract';

/** A kind that is left out here does not compile. */
const kinds: Readonly<Record<ServerFrame['k'], true>> = {
  snapshot: true,
  delta: true,
  tick: true,
  ack: true,
  closed_unlogged: true,
  refused: true,
  replaced: true,
  error: true,
};

/** Reads a frame. Undefined if it is none that this version knows. */
export function readFrame(text: string): ServerFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('k' in value)) return undefined;
  return typeof value.k === 'string' && Object.hasOwn(kinds, value.k) ? (value as ServerFrame) : undefined;
}

/** Writes a frame. */
export function writeFrame(frame: ClientFrame): string {
  return JSON.stringify(frame);
}
