// What a browser's answer about a camera means. Pure.

import type { CameraFault } from '../contract';

/** Why there is no camera, by the name of what `getUserMedia` threw; undefined where a page may not ask at all. */
export function faultOf(name: string | undefined): CameraFault {
  switch (name) {
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'in_use';
    default:
      // Refused by somebody, by a policy, or since the page came over a connection that is not safe.
      return 'refused';
  }
}
