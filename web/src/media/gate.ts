// What the microphone does. Pure.

import { quietest, type MicrophoneReport, type VenueSection } from '../contract';

/**
 * Whether a microphone sends: only while the log grants the venue a lease and the hop reports its gate open. What is not
 * known yet is closed.
 */
export function gateOpen(venue: VenueSection | undefined): boolean {
  return venue !== undefined && venue.lease && venue.gate === 'open';
}

/** What a page reports of its microphone. */
export function microphoneReport(present: boolean, open: boolean): MicrophoneReport {
  if (!present) return 'missing';
  return open ? 'open' : 'closed';
}

/** Level in dBov of samples between −1 and 1: 0 loudest, −127 silence. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return -quietest;
  return Math.max(-quietest, Math.min(0, Math.round(10 * Math.log10(sum / samples.length))));
}
