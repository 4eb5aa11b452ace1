//! A picture as large as a camera's is: what the bench sends, since in the drawn rooms little moves. 720p, 30 frames a second, 1.5 Mb/s, a key
//! frame nine times another one. Nobody decodes it: each frame begins as a frame of the room does and is filled up.

use std::sync::LazyLock;

use base::random::Random;

use crate::clip::{Clips, Coding, Frame, MAIN_CAMERAS, Track, TrackName};
use crate::packet::{self, Vp8Ids};

/// Bits in a second of each layer, the lowest first.
const RATES: [u32; 3] = [150_000, 500_000, 1_500_000];
/// Frames of the loop, of which the first is a key frame, and in a second.
const FRAMES: u32 = 120;
const FRAMES_A_SECOND: u32 = 30;
/// A key frame is so many tenths of another frame long.
const KEY_TENTHS: u32 = 90;

/// The camera positions of the main venue so; no other venue has any.
pub(crate) static BROADCAST: LazyLock<Clips> = LazyLock::new(|| {
    let rooms = Clips::embedded(Coding::Vp8).tracks();
    let rooms = rooms.filter(|(room, _)| room.number == 1 && room.camera < MAIN_CAMERAS);
    Clips::of(rooms.map(|(room, track)| (*room, filled_up(*room, track))).collect())
});

/// What is sent at one moment: the payloads of a frame or of sound, one packet each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// Microseconds since the loop began.
    pub at_us: u64,
    /// Bytes of each payload, descriptor included.
    pub payloads: Vec<usize>,
}

/// What a watcher of that picture's top layer and of a tone is sent in one loop, in its order: for the floor of the bench.
#[must_use]
pub fn broadcast_beats() -> Vec<Beat> {
    let picture = BROADCAST.layers(1, 0).into_iter().next_back();
    let tone = Clips::embedded(Coding::Opus).layers(1, 0).into_iter().next();
    let lasts = picture.map_or(0, |track| track.frame_us() * track.frames.len() as u64);
    let payloads = |coding, frame: &Frame| match coding {
        Coding::Vp8 | Coding::H264 => {
            packet::vp8(frame.bytes, Vp8Ids::default()).map(|payload| payload.len()).collect()
        }
        Coding::Opus => vec![frame.bytes.len()],
    };
    let beats = |track: &'static Track| {
        let (coding, apart) = (track.coding, track.frame_us());
        let places = (0..lasts.div_ceil(apart)).zip(track.frames.iter().cycle());
        places.map(move |(n, frame)| Beat { at_us: n * apart, payloads: payloads(coding, frame) })
    };
    let mut all: Vec<Beat> = picture.into_iter().chain(tone).flat_map(beats).collect();
    all.sort_by_key(|beat| beat.at_us);
    all
}

fn filled_up(name: TrackName, room: &Track) -> Track {
    let rate = RATES[usize::from(name.layer).min(RATES.len() - 1)];
    let (key, other) = sizes(rate);
    let mut filler = Random::new(u64::from(name.camera) << 8 | u64::from(name.layer));
    let (keys, others): (Vec<&Frame>, Vec<&Frame>) = room.frames.iter().partition(|frame| frame.key);
    let frames = (0..FRAMES as usize).map(|n| {
        let (from, length) = if n == 0 { (&keys, key) } else { (&others, other) };
        let mut bytes = from[n % from.len()].bytes.to_vec();
        bytes.truncate(length);
        bytes.extend(std::iter::repeat_with(|| filler.bits() as u8).take(length - bytes.len()));
        Frame { key: n == 0, bytes: bytes.leak() }
    });
    Track { ticks: (90_000 / FRAMES_A_SECOND) as u16, frames: frames.collect(), ..room.clone() }
}

/// Bytes of a key frame and of any other, at that rate.
const fn sizes(bits_a_second: u32) -> (usize, usize) {
    let loop_bytes = bits_a_second / 8 * FRAMES / FRAMES_A_SECOND;
    let other = loop_bytes * 10 / (KEY_TENTHS + (FRAMES - 1) * 10);
    ((other * KEY_TENTHS / 10) as usize, other as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_rate_the_key_frames_and_the_packets_of_a_camera() {
        let layers = BROADCAST.layers(1, 0);
        assert_eq!(layers.len(), 3);
        for (layer, rate) in layers.iter().zip(RATES) {
            let bytes: usize = layer.frames.iter().map(|frame| frame.bytes.len()).sum();
            let sent = bytes as u64 * 8 * 1_000_000 / (layer.frame_us() * u64::from(FRAMES));
            assert!(sent.abs_diff(u64::from(rate)) < u64::from(rate) / 100, "{sent} of {rate}");
        }
        let top = layers[2];
        let packets = |n: usize| packet::vp8(top.frames[n].bytes, Vp8Ids::default()).count();
        assert_eq!((packets(0), packets(1)), (49, 6), "with 50 of sound that is some 230 a second");
        let sent: usize = broadcast_beats().iter().map(|beat| beat.payloads.len()).sum();
        assert_eq!(sent, 49 + 119 * 6 + 200);
        let ratio = top.frames[0].bytes.len() * 10 / top.frames[1].bytes.len();
        assert!((80..=120).contains(&ratio), "{ratio}");
        assert!(
            packet::vp8(top.frames[0].bytes, Vp8Ids::default())
                .next()
                .is_some_and(|first| packet::vp8_begins_key(&first))
        );
    }
}
