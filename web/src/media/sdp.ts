// The few things that an offer must say and no browser interface can. Pure.

import type { Codec } from '../contract';

/** What a codec is told apart by, as `RTCRtpCodec` has it. */
export interface CodecLine {
  readonly mimeType: string;
  readonly sdpFmtpLine?: string;
}

/** The codecs of a meeting's video, and retransmission; others are left out of the offer. */
export function videoCodecs<T extends CodecLine>(codecs: readonly T[], codec: Codec): T[] {
  const wanted = codecs.filter(({ mimeType, sdpFmtpLine = '' }) => {
    const mime = mimeType.toLowerCase();
    if (mime === 'video/rtx') return true;
    if (codec === 'vp8') return mime === 'video/vp8';
    return (
      mime === 'video/h264' &&
      /packetization-mode=1/.test(sdpFmtpLine) &&
      /profile-level-id=42(e0|c0)/i.test(sdpFmtpLine)
    );
  });
  return wanted.some(({ mimeType }) => mimeType.toLowerCase() !== 'video/rtx') ? wanted : [...codecs];
}

/** Opus alone: RED stays off until every reader has it. */
export function audioCodecs<T extends CodecLine>(codecs: readonly T[]): T[] {
  const opus = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus');
  return opus.length > 0 ? opus : [...codecs];
}

/** Speech is mono, repairs itself and never pauses: the steady packets say that the line lives. */
export function speech(sdp: string): string {
  const payload = /^a=rtpmap:(\d+) opus\/48000/im.exec(sdp)?.[1];
  if (payload === undefined) return sdp;
  const line = `a=fmtp:${payload} minptime=10;useinbandfec=1;stereo=0;sprop-stereo=0;usedtx=0`;
  const known = new RegExp(`^a=fmtp:${payload} .*$`, 'm');
  if (known.test(sdp)) return sdp.replace(known, line);
  return sdp.replace(new RegExp(`^(a=rtpmap:${payload} .*?)(\\r?)$`, 'm'), `$1$2\n${line}$2`);
}
