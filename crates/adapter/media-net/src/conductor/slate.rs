//! The slate and the silence: what goes out when nothing else does.

use std::sync::Arc;
use std::time::Duration;

use base::Mono;
use media::anchor::Numbers;
use service::port::hop::VideoCodec;

use crate::keys::{RingKey, TrackKey};
use crate::plane::{CODECS, Plane};
use crate::slate::payloads;
use crate::track::Ingested;
use crate::uplink::{Arrived, Stream};

/// Opus frames of silence.
const SILENCE_EVERY: Duration = Duration::from_millis(20);
/// Silence that is later than this is not sent any more.
const SILENCE_LATE_MAX: Duration = Duration::from_millis(200);

/// Slates and silence.
pub(crate) struct Slate {
    /// Tracks of the slate, VP8 and H.264, and the payloads of its key frame.
    pub(crate) tracks: [TrackKey; 2],
    payloads: [Vec<Arc<[u8]>>; 2],
    /// When its next key frame is due.
    pub(crate) at: Mono,
    seq: [u64; 2],
    pub(crate) silence: RingKey,
    pub(crate) silence_at: Mono,
    silence_seq: u64,
}

impl Slate {
    /// Slates with these tracks, and silence in that ring.
    pub(crate) fn new(tracks: [TrackKey; 2], silence: RingKey) -> Self {
        Self {
            tracks,
            payloads: CODECS.map(payloads),
            at: Mono(0),
            seq: [0; 2],
            silence,
            silence_at: Mono(0),
            silence_seq: 0,
        }
    }

    /// The slate of a codec.
    pub(crate) fn track(&self, codec: VideoCodec) -> TrackKey {
        self.tracks[usize::from(codec == CODECS[1])]
    }
}

impl Plane {
    /// Sends the slate's key frame.
    pub(crate) fn show_slate(&mut self, now: Mono, track: TrackKey) {
        let ts = (now.0 * 9 / 100) as u32;
        let Some(codec) = self.slate.tracks.iter().position(|slate| *slate == track) else { return };
        let parts = self.slate.payloads[codec].clone();
        let last = parts.len().saturating_sub(1);
        for (n, payload) in parts.into_iter().enumerate() {
            let arrived = Arrived {
                stream: Stream::Picture(0),
                ssrc: 0,
                seq: self.slate.seq[codec],
                ts,
                at: now,
                marker: n == last,
                payload,
                level: None,
            };
            self.slate.seq[codec] += 1;
            let mut scratch = std::mem::take(&mut self.ingress.scratch);
            let ingested = self.ingress.tracks[track].ingest(now, 0, 0, &arrived, &mut scratch);
            self.ingress.scratch = scratch;
            if let Ingested::Packet(packet) = ingested {
                self.deliver(track, 0, packet);
            }
        }
    }

    /// Sends 20 ms of silence; its RTP timestamp, in ticks of 48 kHz, says `at`.
    pub(crate) fn send_silence(&mut self, now: Mono, at: Mono) {
        let seq = self.slate.silence_seq;
        self.slate.silence_seq += 1;
        let numbers = Numbers { seq, ts: (at.0 * 48 / 1_000) as u32, picture_id: 0, tl0: 0, at };
        self.ingress.silence(now, self.slate.silence, numbers);
    }

    /// Silence keeps time: beats that this thread missed are sent late, as a network would, or left out with their time. Were they
    /// sent in the next beats instead, a player would take each for a longer delay, and hold the picture back to match.
    pub(crate) fn catch_up_silence(&mut self, now: Mono) {
        if now.since(self.slate.silence_at) > SILENCE_LATE_MAX {
            let missed = now.since(self.slate.silence_at).as_micros() / SILENCE_EVERY.as_micros();
            self.slate.silence_at =
                self.slate.silence_at + SILENCE_EVERY * u32::try_from(missed).unwrap_or(u32::MAX);
        }
        while now >= self.slate.silence_at {
            self.send_silence(now, self.slate.silence_at);
            self.slate.silence_at = self.slate.silence_at + SILENCE_EVERY;
        }
    }
}
