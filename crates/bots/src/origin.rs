//! Whose clip a payload is from: the index from payload bytes to venue number, camera position, and layer or tone.

use std::hash::Hasher;
use std::sync::LazyLock;

use crate::broadcast::BROADCAST;
use crate::clip::{Clips, Coding, Track};
use crate::packet;

/// Where a payload comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Venue number, from 1.
    pub number: u16,
    /// Camera position, from 0; 0 for a tone.
    pub camera: u8,
    /// Which part of the clip.
    pub part: Part,
}

/// Picture or sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The tone.
    Tone,
    /// A layer of the picture, 0 the lowest.
    Layer(u8),
}

/// The origin of an RTP payload, whatever its VP8 descriptor says by now. None for what is not from a clip (silence, a
/// slate, a browser), and for the few payloads that two venues have in common.
#[must_use]
pub fn origin(coding: Coding, payload: &[u8]) -> Option<Origin> {
    let index = match coding {
        Coding::Vp8 => &*VP8,
        Coding::H264 => &*H264,
        Coding::Opus => &*OPUS,
    };
    let hash = hash(content(coding, payload)?);
    let at = index.binary_search_by_key(&hash, |(h, _)| *h).ok()?;
    index[at].1
}

/// Sorted by hash; none where origins share it.
type Index = Vec<(u64, Option<Origin>)>;

static VP8: LazyLock<Index> = LazyLock::new(|| index(Coding::Vp8));
static H264: LazyLock<Index> = LazyLock::new(|| index(Coding::H264));
static OPUS: LazyLock<Index> = LazyLock::new(|| index(Coding::Opus));

fn index(coding: Coding) -> Index {
    let mut all: Index = Vec::new();
    let broadcast = (coding == Coding::Vp8).then(|| &*BROADCAST);
    let clips = [Some(Clips::embedded(coding)), broadcast].into_iter().flatten();
    for (name, track) in clips.flat_map(Clips::tracks) {
        let part = if coding == Coding::Opus { Part::Tone } else { Part::Layer(name.layer) };
        let origin = Origin { number: name.number, camera: name.camera, part };
        all.extend(hashes(track).map(|hash| (hash, Some(origin))));
    }
    all.sort_unstable();
    all.dedup();
    all.dedup_by(|later, first| {
        let same = later.0 == first.0;
        if same {
            first.1 = None;
        }
        same
    });
    all
}

fn hashes(track: &Track) -> impl Iterator<Item = u64> {
    track.frames.iter().flat_map(|frame| {
        let payloads = match track.coding {
            Coding::Vp8 => packet::vp8(frame.bytes, packet::Vp8Ids::default()).collect(),
            Coding::H264 => packet::h264(frame.bytes),
            Coding::Opus => vec![frame.bytes.to_vec()],
        };
        payloads
            .into_iter()
            .filter_map(|payload| content(track.coding, &payload).map(hash))
            .collect::<Vec<_>>()
    })
}

fn content(coding: Coding, payload: &[u8]) -> Option<&[u8]> {
    match coding {
        Coding::Vp8 => packet::vp8_content(payload).map(|(content, _)| content),
        Coding::H264 | Coding::Opus => Some(payload),
    }
}

fn hash(bytes: &[u8]) -> u64 {
    // Without random keys: the same in every process, which is enough among our own clips.
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_every_payload_names_its_clip() {
        for coding in [Coding::Vp8, Coding::H264, Coding::Opus] {
            let (mut all, mut known) = (0, 0);
            for (name, track) in Clips::embedded(coding).tracks() {
                for frame in &track.frames {
                    let payloads = match coding {
                        Coding::Vp8 => {
                            packet::vp8(frame.bytes, packet::Vp8Ids { picture: 77, tl0: 3 }).collect()
                        }
                        Coding::H264 => packet::h264(frame.bytes),
                        Coding::Opus => vec![frame.bytes.to_vec()],
                    };
                    for payload in payloads {
                        all += 1;
                        if let Some(origin) = origin(coding, &payload) {
                            known += 1;
                            assert_eq!((origin.number, origin.camera), (name.number, name.camera));
                        }
                    }
                }
            }
            assert!(known * 100 >= all * 97, "{coding:?}: {known} of {all}");
            if coding == Coding::Opus {
                assert_eq!(known, all);
            }
        }
    }

    #[test]
    fn what_is_not_from_a_clip_has_no_origin() {
        assert_eq!(origin(Coding::Opus, &[0xf8, 0xff, 0xfe]), None);
        assert_eq!(origin(Coding::Vp8, &[]), None);
    }
}
