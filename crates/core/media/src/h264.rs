//! H.264 over RTP (RFC 6184, single unit and packetization mode 1): where a key frame begins, and its size.

const NAL_SPS: u8 = 7;
const NAL_STAP_A: u8 = 24;
const NAL_FU_A: u8 = 28;

/// What a payload says of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Picture {
    /// A key frame begins here: a sequence parameter set comes first.
    pub key: bool,
    /// Width and height in pixels, where the parameter set is whole and understood.
    pub size: Option<(u16, u16)>,
}

/// Looks at an RTP payload. What is not H.264 is no key frame.
///
/// A key frame begins at its sequence parameter set, because a decoder that joins needs it; encoders for WebRTC repeat it before each
/// IDR picture.
#[must_use]
pub fn inspect(payload: &[u8]) -> Picture {
    let Some(first) = payload.first() else { return Picture::default() };
    match first & 0x1f {
        NAL_SPS => Picture { key: true, size: sps_size(payload) },
        NAL_STAP_A => stap(&payload[1..]),
        NAL_FU_A => {
            let head = payload.get(1).copied().unwrap_or(0);
            Picture { key: head & 0x80 != 0 && head & 0x1f == NAL_SPS, size: None }
        }
        _ => Picture::default(),
    }
}

fn stap(mut rest: &[u8]) -> Picture {
    while rest.len() > 2 {
        let len = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
        let Some(unit) = rest.get(2..2 + len) else { break };
        if unit.first().is_some_and(|b| b & 0x1f == NAL_SPS) {
            return Picture { key: true, size: sps_size(unit) };
        }
        rest = &rest[2 + len..];
    }
    Picture::default()
}

/// Width and height of a sequence parameter set (ITU-T H.264 §7.3.2.1.1), or none if it ends too early.
fn sps_size(unit: &[u8]) -> Option<(u16, u16)> {
    let bytes = unescape(unit.get(1..)?);
    let profile = *bytes.first()?;
    let mut bits = Bits { bytes: &bytes, at: 24 };
    bits.ue()?;
    let mut chroma = 1;
    if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128) {
        chroma = bits.ue()?;
        if chroma == 3 {
            bits.skip(1);
        }
        bits.ue()?;
        bits.ue()?;
        bits.skip(1);
        if bits.one()? {
            // Scaling lists: nobody sends them in a call, and the size is not worth reading them.
            return None;
        }
    }
    bits.ue()?;
    match bits.ue()? {
        0 => {
            bits.ue()?;
        }
        1 => {
            bits.skip(1);
            bits.ue()?;
            bits.ue()?;
            let count = bits.ue()?;
            for _ in 0..count.min(255) {
                bits.ue()?;
            }
        }
        _ => {}
    }
    bits.ue()?;
    bits.skip(1);
    let width = bits.ue()?.checked_add(1)?.checked_mul(16)?;
    let rows = bits.ue()?.checked_add(1)?.checked_mul(16)?;
    let frames_only = bits.one()?;
    let height = if frames_only { rows } else { rows.checked_mul(2)? };
    if !frames_only {
        bits.skip(1);
    }
    bits.skip(1);
    let (mut across, mut down) = (0_u32, 0_u32);
    if bits.one()? {
        let (left, right, top, bottom) = (bits.ue()?, bits.ue()?, bits.ue()?, bits.ue()?);
        let unit_x = if chroma == 1 || chroma == 2 { 2 } else { 1 };
        let unit_y = if chroma == 1 { 2 } else { 1 } * if frames_only { 1 } else { 2 };
        across = left.checked_add(right)?.checked_mul(unit_x)?;
        down = top.checked_add(bottom)?.checked_mul(unit_y)?;
    }
    Some((u16::try_from(width.checked_sub(across)?).ok()?, u16::try_from(height.checked_sub(down)?).ok()?))
}

/// Takes out the emulation prevention bytes of the first 64 bytes, which hold all that is read.
fn unescape(unit: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    let mut zeros = 0;
    for &b in unit.iter().take(64) {
        if zeros >= 2 && b == 3 {
            zeros = 0;
            continue;
        }
        zeros = if b == 0 { zeros + 1 } else { 0 };
        out.push(b);
    }
    out
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn one(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    fn skip(&mut self, count: usize) {
        self.at += count;
    }

    /// Exp-Golomb (§9.1).
    fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.one()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let mut value = 1_u64;
        for _ in 0..zeros {
            value = value << 1 | u64::from(self.one()?);
        }
        u32::try_from(value - 1).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::random::Random;

    // Constrained baseline 3.0, 640×360, made by an encoder; cropping of 8 rows.
    const SPS: [u8; 22] = [
        0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00,
        0x00, 0x03, 0x00, 0x32, 0x0f,
    ];

    #[test]
    fn a_parameter_set_begins_a_key_frame_and_tells_the_size() {
        assert_eq!(inspect(&SPS), Picture { key: true, size: Some((640, 360)) });
        let mut stap = vec![0x78, 0, SPS.len() as u8];
        stap.extend_from_slice(&SPS);
        stap.extend_from_slice(&[0, 2, 0x68, 0xce]);
        assert_eq!(inspect(&stap), Picture { key: true, size: Some((640, 360)) });
    }

    #[test]
    fn other_units_are_no_key_frame() {
        for payload in [&[][..], &[0x61, 1, 2], &[0x7c, 0x85, 1], &[0x7c, 0x05], &[0x78, 0, 9, 0x67], &[0x68]]
        {
            assert!(!inspect(payload).key, "{payload:x?}");
        }
    }

    #[test]
    fn random_bytes_never_panic() {
        let mut rng = Random::new(3);
        for _ in 0..100_000 {
            let mut bytes: Vec<u8> = (0..rng.below(40)).map(|_| rng.below(256) as u8).collect();
            if rng.below(2) == 0 && !bytes.is_empty() {
                bytes[0] = 0x67;
            }
            let _ = inspect(&bytes);
        }
    }
}
