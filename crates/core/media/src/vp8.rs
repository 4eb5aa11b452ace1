//! VP8 over RTP (RFC 7741): one canonical descriptor for every source, so that all sources look alike and patches have fixed offsets.
//!
//! The canonical descriptor has [`CANONICAL_BYTES`] bytes: `X`, then `I L T` (and `K` as it came), a 15-bit picture id, TL0PICIDX, and
//! the byte with TID, Y and KEYIDX. Fields that the source leaves out are made.

/// Bytes of the canonical descriptor.
pub const CANONICAL_BYTES: usize = 6;

/// Most bytes by which canonical form is longer than what came.
pub const GROWTH_BYTES_MAX: usize = CANONICAL_BYTES - 1;

/// Why a payload is not VP8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Vp8Error {
    /// The payload ends inside its descriptor, or behind it.
    #[error("the VP8 payload ends inside its descriptor")]
    Short,
}

/// A descriptor as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// `N`: no other frame needs this one.
    pub disposable: bool,
    /// `S` with partition 0: the frame begins here.
    pub begins_frame: bool,
    /// The first byte without `X`.
    head: u8,
    /// Picture id and whether it has 15 bits.
    picture_id: Option<(u16, bool)>,
    tl0: Option<u8>,
    /// The byte of TID, Y and KEYIDX, and which of `T` and `K` were set.
    tail: Option<(u8, bool, bool)>,
    /// Where the VP8 payload begins.
    pub body: usize,
}

impl Descriptor {
    /// Reads the descriptor of an RTP payload.
    ///
    /// # Errors
    /// [`Vp8Error::Short`] when the payload ends too early.
    pub fn parse(payload: &[u8]) -> Result<Self, Vp8Error> {
        let mut at = 0;
        let mut byte = || {
            let b = payload.get(at).copied().ok_or(Vp8Error::Short)?;
            at += 1;
            Ok::<u8, Vp8Error>(b)
        };
        let first = byte()?;
        let ext = if first & 0x80 != 0 { byte()? } else { 0 };
        let picture_id = if ext & 0x80 != 0 {
            let high = byte()?;
            if high & 0x80 != 0 {
                Some((u16::from(high & 0x7f) << 8 | u16::from(byte()?), true))
            } else {
                Some((u16::from(high), false))
            }
        } else {
            None
        };
        let tl0 = if ext & 0x40 != 0 { Some(byte()?) } else { None };
        let tail = if ext & 0x30 != 0 { Some((byte()?, ext & 0x20 != 0, ext & 0x10 != 0)) } else { None };
        if at >= payload.len() {
            return Err(Vp8Error::Short);
        }
        Ok(Self {
            disposable: first & 0x20 != 0,
            begins_frame: first & 0x17 == 0x10,
            head: first & 0x7f,
            picture_id,
            tl0,
            tail,
            body: at,
        })
    }

    /// The packet begins a key frame.
    #[must_use]
    pub fn begins_key_frame(&self, payload: &[u8]) -> bool {
        self.begins_frame && payload.get(self.body).is_some_and(|b| b & 1 == 0)
    }

    /// Width and height in pixels, if the packet begins a key frame (RFC 6386 §9.1).
    #[must_use]
    pub fn size(&self, payload: &[u8]) -> Option<(u16, u16)> {
        if !self.begins_key_frame(payload) {
            return None;
        }
        let h = payload.get(self.body..self.body + 10)?;
        if h[3..6] != [0x9d, 0x01, 0x2a] {
            return None;
        }
        Some((u16::from_le_bytes([h[6], h[7]]) & 0x3fff, u16::from_le_bytes([h[8], h[9]]) & 0x3fff))
    }
}

/// What a canonical payload says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// 15 bits.
    pub picture_id: u16,
    /// TL0PICIDX.
    pub tl0: u8,
    /// A key frame begins here.
    pub key: bool,
    /// Width and height, where a key frame begins.
    pub size: Option<(u16, u16)>,
}

/// Makes the descriptors of one source layer canonical. Packets may come out of order within about a second.
#[derive(Debug, Clone, Default)]
pub struct Canonical {
    /// Extended picture id of the newest picture.
    newest: Option<u64>,
    /// RTP timestamp and made picture id of the last pictures of a source that numbers none.
    made: Vec<(u32, u64)>,
}

/// Pictures whose made number is remembered.
const MADE_MAX: usize = 32;

impl Canonical {
    /// Writes `payload` with a canonical descriptor into `out`, which is cleared first. `ts` is its RTP timestamp.
    ///
    /// # Errors
    /// [`Vp8Error`] when it is not VP8; `out` is then empty.
    pub fn rewrite(&mut self, ts: u32, payload: &[u8], out: &mut Vec<u8>) -> Result<Picture, Vp8Error> {
        out.clear();
        let d = Descriptor::parse(payload)?;
        let id = match d.picture_id {
            Some((id, wide)) => self.extend(u64::from(id), if wide { 15 } else { 7 }),
            None => self.make(ts),
        };
        let picture_id = (id & 0x7fff) as u16;
        let (tail, keyed) = match d.tail {
            Some((b, t, k)) => {
                ((if t { b & 0xe0 } else { 0 }) | (if k { b & 0x1f } else { 0 }), if k { 0x10 } else { 0 })
            }
            None => (0, 0),
        };
        // Without temporal layers every picture is a base picture, so the picture id counts them.
        let tl0 = d.tl0.unwrap_or((id & 0xff) as u8);
        let [high, low] = picture_id.to_be_bytes();
        out.extend_from_slice(&[d.head | 0x80, 0xe0 | keyed, high | 0x80, low, tl0, tail]);
        out.extend_from_slice(&payload[d.body..]);
        Ok(Picture { picture_id, tl0, key: d.begins_key_frame(payload), size: d.size(payload) })
    }

    fn extend(&mut self, id: u64, bits: u32) -> u64 {
        let span = 1_u64 << bits;
        let full = match self.newest {
            // One span up, so that pictures before the first one have a number as well.
            None => span + id,
            Some(newest) => {
                let base = newest - newest % span + id;
                let half = span / 2;
                if base + half < newest {
                    base + span
                } else if base > newest + half && base >= span {
                    base - span
                } else {
                    base
                }
            }
        };
        self.newest = Some(self.newest.map_or(full, |n| n.max(full)));
        full
    }

    fn make(&mut self, ts: u32) -> u64 {
        if let Some((_, id)) = self.made.iter().find(|(t, _)| *t == ts) {
            return *id;
        }
        let id = self.newest.map_or(1, |n| n + 1);
        self.newest = Some(id);
        if self.made.len() == MADE_MAX {
            self.made.remove(0);
        }
        self.made.push((ts, id));
        id
    }
}

/// Writes picture id and TL0PICIDX into a canonical payload. Anything shorter is left alone.
pub fn patch(payload: &mut [u8], picture_id: u16, tl0: u8) {
    if payload.len() < CANONICAL_BYTES {
        return;
    }
    let [high, low] = picture_id.to_be_bytes();
    payload[2] = high | 0x80;
    payload[3] = low;
    payload[4] = tl0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::random::Random;

    fn descriptor(rng: &mut Random, id: u16, wide: bool) -> Vec<u8> {
        let ext = rng.below(16) as u8;
        let first = 0x10 | if ext == 0 { 0 } else { 0x80 };
        let mut out = vec![first];
        if ext == 0 {
            return out;
        }
        let ext = ext << 4;
        out.push(ext);
        if ext & 0x80 != 0 {
            if wide {
                out.extend_from_slice(&[(id >> 8) as u8 | 0x80, id as u8]);
            } else {
                out.push(id as u8 & 0x7f);
            }
        }
        if ext & 0x40 != 0 {
            out.push(rng.below(256) as u8);
        }
        if ext & 0x30 != 0 {
            out.push(rng.below(256) as u8);
        }
        out
    }

    #[test]
    fn any_descriptor_becomes_canonical_and_the_body_stays() {
        let mut rng = Random::new(1);
        for n in 0..20_000_u32 {
            let mut payload = descriptor(&mut rng, n as u16 & 0x7fff, n % 2 == 0);
            let body: Vec<u8> = (0..1 + rng.below(40)).map(|_| rng.below(256) as u8).collect();
            payload.extend_from_slice(&body);
            let mut out = Vec::new();
            let picture = Canonical::default().rewrite(n, &payload, &mut out).unwrap();
            assert_eq!(&out[CANONICAL_BYTES..], &body[..]);
            let again = Descriptor::parse(&out).unwrap();
            assert_eq!(again.body, CANONICAL_BYTES);
            assert_eq!(again.picture_id, Some((picture.picture_id, true)));
            assert_eq!(again.tl0, Some(picture.tl0));
            assert_eq!(picture.key, body[0] & 1 == 0);
            assert!(out.len() <= payload.len() + GROWTH_BYTES_MAX);
        }
    }

    #[test]
    fn random_bytes_never_panic() {
        let mut rng = Random::new(2);
        let mut canonical = Canonical::default();
        let mut out = Vec::new();
        for n in 0..50_000 {
            let bytes: Vec<u8> = (0..rng.below(16)).map(|_| rng.below(256) as u8).collect();
            let _ = canonical.rewrite(n, &bytes, &mut out);
            patch(&mut out, n as u16 & 0x7fff, n as u8);
        }
    }

    #[test]
    fn short_picture_ids_count_on_through_their_wrap() {
        let mut canonical = Canonical::default();
        let mut out = Vec::new();
        let mut last = None;
        for n in 0..1_000_u32 {
            let picture = canonical.rewrite(n, &[0x90, 0x80, (n % 128) as u8, 1], &mut out).unwrap();
            if let Some(last) = last {
                assert_eq!(picture.picture_id, last + 1);
            }
            last = Some(picture.picture_id);
        }
    }

    #[test]
    fn a_late_packet_keeps_the_number_of_its_picture() {
        let mut canonical = Canonical::default();
        let mut out = Vec::new();
        let first = canonical.rewrite(3000, &[0x10, 1], &mut out).unwrap();
        let second = canonical.rewrite(6000, &[0x10, 1], &mut out).unwrap();
        let late = canonical.rewrite(3000, &[0x00, 1], &mut out).unwrap();
        assert_eq!(second.picture_id, first.picture_id + 1);
        assert_eq!(late.picture_id, first.picture_id);
    }

    #[test]
    fn a_key_frame_tells_its_size() {
        let mut out = Vec::new();
        let key = [0x10, 0x50, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 0];
        let picture = Canonical::default().rewrite(0, &key, &mut out).unwrap();
        assert!(picture.key);
        assert_eq!(picture.size, Some((640, 360)));
    }
}
