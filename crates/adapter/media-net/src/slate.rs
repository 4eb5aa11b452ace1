//! The slate and the silence: what goes out when nothing else does. Encoded once by `slate/make.sh`.

use std::sync::Arc;

use service::port::hop::VideoCodec;

/// One key frame of 1280×720, in an IVF file.
const VP8_FILE: &[u8] = include_bytes!("../slate/slate.ivf");
/// The same as an H.264 byte stream (Annex B) in constrained baseline.
const H264_FILE: &[u8] = include_bytes!("../slate/slate.h264");

/// Height of the slate in pixels.
pub(crate) const SLATE_HEIGHT: u16 = 720;

/// 20 ms of Opus silence (RFC 6716: CELT, full band, one frame).
pub(crate) const OPUS_SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];

/// Bytes of a payload at most.
const PAYLOAD_BYTES_MAX: usize = 1_100;

const IVF_HEAD_BYTES: usize = 32;
const IVF_FRAME_HEAD_BYTES: usize = 12;

/// Payloads of the slate's key frame, in order; the last one has the marker. VP8 descriptors are as a source would send them.
pub(crate) fn payloads(codec: VideoCodec) -> Vec<Arc<[u8]>> {
    match codec {
        VideoCodec::Vp8 => vp8(VP8_FILE.get(IVF_HEAD_BYTES + IVF_FRAME_HEAD_BYTES..).unwrap_or_default()),
        VideoCodec::H264 => h264(H264_FILE),
    }
}

fn vp8(frame: &[u8]) -> Vec<Arc<[u8]>> {
    frame
        .chunks(PAYLOAD_BYTES_MAX)
        .enumerate()
        .map(|(n, part)| {
            let begins = if n == 0 { 0x10 } else { 0 };
            let mut payload = vec![begins];
            payload.extend_from_slice(part);
            Arc::from(payload)
        })
        .collect()
}

fn h264(stream: &[u8]) -> Vec<Arc<[u8]>> {
    let mut out = Vec::new();
    for unit in units(stream) {
        if unit.len() <= PAYLOAD_BYTES_MAX {
            out.push(Arc::from(unit));
            continue;
        }
        let (head, body) = (unit[0], &unit[1..]);
        let last = body.len().div_ceil(PAYLOAD_BYTES_MAX) - 1;
        for (n, part) in body.chunks(PAYLOAD_BYTES_MAX).enumerate() {
            // FU-A (RFC 6184 §5.8): the indicator, and start and end in the header.
            let edge = if n == 0 { 0x80 } else { 0 } | if n == last { 0x40 } else { 0 };
            let mut payload = vec![head & 0xe0 | 28, head & 0x1f | edge];
            payload.extend_from_slice(part);
            out.push(Arc::from(payload));
        }
    }
    out
}

/// Units of an Annex B stream.
fn units(stream: &[u8]) -> Vec<&[u8]> {
    let mut starts: Vec<usize> = Vec::new();
    for (at, window) in stream.windows(3).enumerate() {
        if window == [0, 0, 1] {
            starts.push(at + 3);
        }
    }
    let mut out = Vec::new();
    for (n, start) in starts.iter().enumerate() {
        let mut end = starts.get(n + 1).map_or(stream.len(), |next| next - 3);
        while end > *start && stream[end - 1] == 0 {
            end -= 1;
        }
        if end > *start {
            out.push(&stream[*start..end]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slate_is_one_key_frame_in_both_codecs() {
        let first = &payloads(VideoCodec::Vp8)[0];
        let descriptor = media::vp8::Descriptor::parse(first).unwrap();
        assert_eq!(descriptor.size(first), Some((1280, SLATE_HEIGHT)));
        let first = &payloads(VideoCodec::H264)[0];
        assert_eq!(media::h264::inspect(first).size, Some((1280, SLATE_HEIGHT)));
        for codec in [VideoCodec::Vp8, VideoCodec::H264] {
            assert!(payloads(codec).iter().all(|p| p.len() <= PAYLOAD_BYTES_MAX + 2));
        }
    }
}
