//! RTP payloads: VP8 (RFC 7741), H.264 (RFC 6184), and enough of the way back to tell key frames and to find the clip.

/// Bytes of an RTP payload at most, descriptor and headers of the payload format included.
pub const PAYLOAD_BYTES_MAX: usize = 1_100;

/// Bytes of the VP8 descriptor that the bots write: X, I with 15 bits, L, T.
const VP8_DESCRIPTOR_BYTES: usize = 6;
const NAL_IDR: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_STAP_A: u8 = 24;
const NAL_FU_A: u8 = 28;

/// What counts the frames of a VP8 stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Vp8Ids {
    /// 15 bits, rises by one with each frame.
    pub picture: u16,
    /// Rises with each frame of the lowest temporal layer, here with each.
    pub tl0: u8,
}

impl Vp8Ids {
    /// Those of the next frame.
    #[must_use]
    pub const fn next(self) -> Self {
        Self { picture: self.picture.wrapping_add(1) & 0x7fff, tl0: self.tl0.wrapping_add(1) }
    }
}

/// Payloads of a VP8 frame, about equal in size. Each carries a descriptor with picture id (15 bits), TL0PICIDX and TID 0,
/// as browsers write it.
pub fn vp8(frame: &[u8], ids: Vp8Ids) -> impl Iterator<Item = Vec<u8>> {
    even_parts(frame, PAYLOAD_BYTES_MAX - VP8_DESCRIPTOR_BYTES).enumerate().map(move |(i, part)| {
        let [high, low] = (ids.picture | 0x8000).to_be_bytes();
        let start = if i == 0 { 0x10 } else { 0 };
        let mut payload = Vec::with_capacity(VP8_DESCRIPTOR_BYTES + part.len());
        // X and S; I, L and T; picture id; TL0PICIDX; TID 0 without Y.
        payload.extend([0x80 | start, 0xe0, high, low, ids.tl0, 0]);
        payload.extend_from_slice(part);
        payload
    })
}

/// Payloads of an H.264 access unit (packetization mode 1): small NAL units together in a STAP-A, large ones in FU-A
/// parts, others alone. `unit` is the clip's form: each NAL unit behind its length in two bytes.
#[must_use]
pub fn h264(unit: &[u8]) -> Vec<Vec<u8>> {
    let nals: Vec<&[u8]> = NalUnits(unit).collect();
    let mut out = Vec::new();
    let mut rest = nals.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let mut size = 1 + 2 + first.len();
        let together = 1 + others
            .iter()
            .take_while(|nal| {
                size += 2 + nal.len();
                size <= PAYLOAD_BYTES_MAX
            })
            .count();
        if first.len() > PAYLOAD_BYTES_MAX {
            fragments(first, &mut out);
            rest = others;
        } else if together == 1 {
            out.push(first.to_vec());
            rest = others;
        } else {
            out.push(aggregate(&rest[..together]));
            rest = &rest[together..];
        }
    }
    out
}

/// What follows the descriptor of a VP8 payload, and whether the payload begins a frame.
#[must_use]
pub fn vp8_content(payload: &[u8]) -> Option<(&[u8], bool)> {
    let first = *payload.first()?;
    let mut at = 1;
    if first & 0x80 != 0 {
        let extension = *payload.get(at)?;
        at += 1;
        if extension & 0x80 != 0 {
            at += if payload.get(at)? & 0x80 == 0 { 1 } else { 2 };
        }
        at += usize::from(extension & 0x40 != 0);
        at += usize::from(extension & 0x30 != 0);
    }
    Some((payload.get(at..).filter(|content| !content.is_empty())?, first & 0x17 == 0x10))
}

/// A VP8 payload that begins a key frame.
#[must_use]
pub fn vp8_begins_key(payload: &[u8]) -> bool {
    matches!(vp8_content(payload), Some((content, true)) if content[0] & 1 == 0)
}

/// An H.264 payload that begins a key frame: an IDR slice or its parameter sets.
#[must_use]
pub fn h264_begins_key(payload: &[u8]) -> bool {
    let Some(first) = payload.first() else { return false };
    match first & 31 {
        NAL_IDR | NAL_SPS => true,
        NAL_STAP_A => NalUnits(&payload[1..]).any(|nal| matches!(nal[0] & 31, NAL_IDR | NAL_SPS)),
        NAL_FU_A => payload.get(1).is_some_and(|head| head & 0x80 != 0 && head & 31 == NAL_IDR),
        _ => false,
    }
}

/// NAL units, each behind its length in two bytes; ends at the first that is empty or cut.
struct NalUnits<'a>(&'a [u8]);

impl<'a> Iterator for NalUnits<'a> {
    type Item = &'a [u8];
    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<2>()?;
        let (nal, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        self.0 = rest;
        (!nal.is_empty()).then_some(nal)
    }
}

fn aggregate(nals: &[&[u8]]) -> Vec<u8> {
    let importance = nals.iter().map(|nal| nal[0] & 0x60).max().unwrap_or(0);
    let mut payload = vec![importance | NAL_STAP_A];
    for nal in nals {
        let length = u16::try_from(nal.len()).expect("an aggregate is smaller than a packet");
        payload.extend(length.to_be_bytes());
        payload.extend_from_slice(nal);
    }
    payload
}

fn fragments(nal: &[u8], out: &mut Vec<Vec<u8>>) {
    let (header, body) = (nal[0], &nal[1..]);
    let first = out.len();
    for part in even_parts(body, PAYLOAD_BYTES_MAX - 2) {
        let mut payload = vec![header & 0x60 | NAL_FU_A, header & 31];
        payload.extend_from_slice(part);
        out.push(payload);
    }
    out[first][1] |= 0x80;
    if let Some(last) = out.last_mut() {
        last[1] |= 0x40;
    }
}

/// As few parts as `max` allows, of sizes that differ by less than the number of parts, so that they travel well together.
fn even_parts(bytes: &[u8], max: usize) -> impl Iterator<Item = &[u8]> {
    let parts = bytes.len().div_ceil(max).max(1);
    bytes.chunks(bytes.len().div_ceil(parts).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::{Clips, Coding};

    #[test]
    fn vp8_frames_come_back_from_their_payloads() {
        let mut ids = Vp8Ids { picture: 0x7ffe, tl0: 254 };
        for (name, track) in Clips::embedded(Coding::Vp8).tracks().filter(|(name, _)| name.number < 9) {
            for (i, frame) in track.frames.iter().enumerate() {
                let payloads: Vec<_> = vp8(frame.bytes, ids).collect();
                let mut back = Vec::new();
                for (n, payload) in payloads.iter().enumerate() {
                    assert!(payload.len() <= PAYLOAD_BYTES_MAX);
                    let (content, starts) = vp8_content(payload).unwrap();
                    assert_eq!(starts, n == 0);
                    back.extend_from_slice(content);
                }
                assert_eq!(back, frame.bytes, "{name:?} frame {i}");
                assert_eq!(vp8_begins_key(&payloads[0]), frame.key);
                ids = ids.next();
            }
        }
    }

    #[test]
    fn a_vp8_descriptor_is_read_in_every_form() {
        assert_eq!(vp8_content(&[0x10, 1, 2]), Some((&[1, 2][..], true)));
        assert_eq!(vp8_content(&[0x90, 0x80, 0x7f, 1]), Some((&[1][..], true)));
        assert_eq!(vp8_content(&[0x80, 0xf0, 0x80, 9, 9, 0, 1]), Some((&[1][..], false)));
        assert_eq!(vp8_content(&[0x11, 1]), Some((&[1][..], false)));
        for cut in [&[][..], &[0x80], &[0x80, 0x80], &[0x80, 0x80, 0x80, 1], &[0x10]] {
            assert_eq!(vp8_content(cut), None);
        }
    }

    fn h264_back(payloads: &[Vec<u8>]) -> Vec<u8> {
        let mut nals: Vec<Vec<u8>> = Vec::new();
        for payload in payloads {
            match payload[0] & 31 {
                NAL_STAP_A => nals.extend(NalUnits(&payload[1..]).map(<[u8]>::to_vec)),
                NAL_FU_A => {
                    if payload[1] & 0x80 != 0 {
                        nals.push(vec![payload[0] & 0x60 | payload[1] & 31]);
                    }
                    nals.last_mut().unwrap().extend_from_slice(&payload[2..]);
                }
                _ => nals.push(payload.clone()),
            }
        }
        nals.iter()
            .flat_map(|nal| [&u16::try_from(nal.len()).unwrap().to_be_bytes()[..], nal].concat())
            .collect()
    }

    #[test]
    fn h264_units_come_back_from_their_payloads() {
        let mut forms = [0; 3];
        for (name, track) in Clips::embedded(Coding::H264).tracks().filter(|(name, _)| name.number < 9) {
            for (i, frame) in track.frames.iter().enumerate() {
                let payloads = h264(frame.bytes);
                for payload in &payloads {
                    assert!(payload.len() <= PAYLOAD_BYTES_MAX);
                    forms[match payload[0] & 31 {
                        NAL_STAP_A => 0,
                        NAL_FU_A => 1,
                        _ => 2,
                    }] += 1;
                }
                assert_eq!(h264_back(&payloads), frame.bytes, "{name:?} frame {i}");
                assert_eq!(h264_begins_key(&payloads[0]), frame.key);
            }
        }
        assert!(forms.iter().all(|count| *count > 0), "{forms:?}");
    }

    #[test]
    fn malformed_payloads_begin_no_key_frame() {
        for payload in
            [&[][..], &[NAL_STAP_A], &[NAL_STAP_A, 0, 9, NAL_IDR], &[NAL_STAP_A, 0, 0], &[NAL_FU_A], &[1]]
        {
            assert!(!h264_begins_key(payload), "{payload:?}");
        }
        for payload in [&[][..], &[0x10], &[0x90, 0x80, 0x80], &[0x10, 1], &[0x00, 0], &[0x11, 0]] {
            assert!(!vp8_begins_key(payload), "{payload:?}");
        }
    }
}
