// What the browser can do, narrowed to what the meeting uses.

import type { Codec } from '../../contract';
import { audioCodecs, videoCodecs } from '../sdp';

/** Offers the meeting's codec alone on a transceiver. A browser without that control offers what it likes; the server chooses. */
export function prefer(transceiver: RTCRtpTransceiver, codec: Codec): void {
  const { kind } = transceiver.receiver.track;
  const side = transceiver.direction === 'sendonly' ? RTCRtpSender : RTCRtpReceiver;
  const known = side.getCapabilities(kind)?.codecs;
  if (!known || !('setCodecPreferences' in transceiver)) return;
  transceiver.setCodecPreferences(kind === 'video' ? videoCodecs(known, codec) : audioCodecs(known));
}
