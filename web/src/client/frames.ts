// Frames as text. What cannot be read is no frame; what is inside is trusted, for the server made it. Pure.

import type { ClientFrame, ServerFrame } from '../contract';

const kinds: readonly string[] = [
  'snapshot',
  'delta',
  'tick',
  'ack',
  'refused',
  'replaced',
  'error',
] satisfies readonly ServerFrame['k'][];

/** Reads a frame. Undefined if it is none that this version knows. */
export function readFrame(text: string): ServerFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('k' in value)) return undefined;
  return typeof value.k === 'string' && kinds.includes(value.k) ? (value as ServerFrame) : undefined;
}

/** Writes a frame. */
export function writeFrame(frame: ClientFrame): string {
  return JSON.stringify(frame);
}
