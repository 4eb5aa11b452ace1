//! RTP payloads of one source that say they are VP8: each behind its length and the step of its timestamp, one byte each.

use media::vp8::{CANONICAL_BYTES, Canonical, Descriptor, GROWTH_BYTES_MAX, Picture, patch};

/// Timestamp steps are told in frames of 30 a second.
const FRAME: u32 = 3_000;

/// What is rewritten is canonical, stays so, and is longer by no more than was promised.
pub(crate) fn run(bytes: &[u8]) {
    let mut canonical = Canonical::default();
    let (mut rest, mut timestamp, mut out) = (bytes, 0_u32, Vec::new());
    while let [length, step, behind @ ..] = rest {
        let (payload, next) = behind.split_at(behind.len().min(usize::from(*length)));
        rest = next;
        timestamp = timestamp.wrapping_add(u32::from(*step).wrapping_mul(FRAME));
        match canonical.rewrite(timestamp, payload, &mut out) {
            Ok(picture) => check(payload, &mut out, picture),
            Err(_) => assert!(out.is_empty()),
        }
    }
}

fn check(payload: &[u8], out: &mut [u8], picture: Picture) {
    let descriptor = Descriptor::parse(out).expect("what was rewritten is VP8");
    assert_eq!(descriptor.body, CANONICAL_BYTES);
    assert!(out.len() <= payload.len() + GROWTH_BYTES_MAX);
    let mut again = Vec::new();
    assert_eq!(Canonical::default().rewrite(0, out, &mut again), Ok(picture));
    assert_eq!(again, out);
    patch(out, 0x1234, 0x56);
    let patched = Canonical::default().rewrite(0, out, &mut again);
    assert_eq!(patched, Ok(Picture { picture_id: 0x1234, tl0: 0x56, ..picture }));
}
