//! SRTP and SRTCP with AES-GCM (RFC 7714), in place. What is sealed was given its number by [`media::given`], which gives each once; SRTCP
//! counts for itself.

use std::fmt;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use media::given::{Given, Index};
use str0m::crypto::SrtpProvider;
use str0m::crypto::dtls::SrtpProfile;

/// Bytes of a tag, behind what it vouches for.
pub(crate) const TAG: usize = 16;
/// Bytes of an RTCP header that stay in clear (RFC 7714 §9.2).
const RTCP_CLEAR: usize = 8;
/// The word behind an SRTCP packet: its number, and that it is encrypted.
const RTCP_WORD: usize = 4;
const ENCRYPTED: u32 = 1 << 31;
/// Numbers of SRTCP packets, of which one key seals no more (RFC 3711 §9.2).
const RTCP_NUMBERS: u32 = 1 << 31;
const SALT: usize = 12;

/// Labels of derived keys (RFC 3711 §4.3.1).
const RTP_KEY: u8 = 0;
const RTP_SALT: u8 = 2;
const RTCP_KEY: u8 = 3;
const RTCP_SALT: u8 = 5;

/// What a DTLS handshake gave: a profile of RFC 7714, the client's master key and the server's, then their salts (RFC 5764 §4.2).
pub(crate) struct Keys {
    algorithm: &'static Algorithm,
    material: Vec<u8>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AEAD_AES_{}_GCM", 8 * self.algorithm.key_len())
    }
}

impl Keys {
    /// None for a profile that is not sealed here, and where the lengths do not agree.
    pub(crate) fn new(profile: SrtpProfile, material: &[u8]) -> Option<Self> {
        let algorithm = match profile {
            SrtpProfile::AEAD_AES_128_GCM => &AES_128_GCM,
            SrtpProfile::AEAD_AES_256_GCM => &AES_256_GCM,
            SrtpProfile::AES128_CM_SHA1_80 | _ => return None,
        };
        let whole = material.len() == 2 * (algorithm.key_len() + SALT);
        whole.then(|| Self { algorithm, material: material.to_vec() })
    }

    /// What the server seals with and what it opens with.
    pub(crate) fn of_server(&self, crypto: &dyn SrtpProvider) -> Option<(Sealer, Opener)> {
        let [client, server] = [0, 1].map(|half| Master::new(self, half));
        let sealer = Sealer {
            rtp: server.cipher(crypto, RTP_KEY, RTP_SALT)?,
            rtcp: server.cipher(crypto, RTCP_KEY, RTCP_SALT)?,
            reports: 0,
        };
        Some((sealer, Opener { rtcp: client.cipher(crypto, RTCP_KEY, RTCP_SALT)?, opened: Given::new(0) }))
    }
}

/// One side's master key and salt.
struct Master<'a> {
    algorithm: &'static Algorithm,
    key: &'a [u8],
    salt: &'a [u8],
}

impl<'a> Master<'a> {
    fn new(keys: &'a Keys, half: usize) -> Self {
        let (both, salts) = keys.material.split_at(2 * keys.algorithm.key_len());
        let of = |bytes: &'a [u8], len: usize| &bytes[half * len..(half + 1) * len];
        Self { algorithm: keys.algorithm, key: of(both, keys.algorithm.key_len()), salt: of(salts, SALT) }
    }

    fn cipher(&self, crypto: &dyn SrtpProvider, key: u8, salt: u8) -> Option<Cipher> {
        let mut bytes = [0; 32];
        let key_bytes = &mut bytes[..self.algorithm.key_len()];
        self.derive(crypto, key, key_bytes);
        let key = LessSafeKey::new(UnboundKey::new(self.algorithm, key_bytes).ok()?);
        let mut cipher = Cipher { key, salt: [0; SALT] };
        self.derive(crypto, salt, &mut cipher.salt);
        Some(cipher)
    }

    /// AES in counter mode over the salt and a label (RFC 3711 §4.3.3; with a salt of 96 bits RFC 7714 §11).
    fn derive(&self, crypto: &dyn SrtpProvider, label: u8, out: &mut [u8]) {
        let mut input = [0; 16];
        input[..SALT].copy_from_slice(self.salt);
        input[7] ^= label;
        for (round, block) in out.chunks_mut(16).enumerate() {
            input[15] = round as u8;
            let mut stream = [0; 32];
            if self.key.len() == 16 {
                crypto.srtp_aes_128_ecb_round(self.key, &input, &mut stream);
            } else {
                crypto.srtp_aes_256_ecb_round(self.key, &input, &mut stream);
            }
            block.copy_from_slice(&stream[..block.len()]);
        }
    }
}

struct Cipher {
    key: LessSafeKey,
    salt: [u8; SALT],
}

impl Cipher {
    /// RFC 7714 §8.1 for RTP, where `low` is rollover counter and sequence number; §9.1 for RTCP, where it is the number.
    fn nonce(&self, ssrc: u32, low: u64) -> Nonce {
        let mut nonce = self.salt;
        for (byte, with) in nonce[2..6].iter_mut().zip(ssrc.to_be_bytes()) {
            *byte ^= with;
        }
        for (byte, with) in nonce[6..].iter_mut().zip(&low.to_be_bytes()[2..]) {
            *byte ^= with;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

/// Seals what goes to one peer.
pub(crate) struct Sealer {
    rtp: Cipher,
    rtcp: Cipher,
    /// SRTCP packets so far.
    reports: u32,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// Seals the RTP packet that stands in `out` from `start` on, whose header has so many bytes; SSRC and sequence number are written into it.
    /// False if that failed, and nothing of it may be sent.
    #[must_use]
    #[inline]
    pub(crate) fn seal(&self, index: Index, out: &mut Vec<u8>, start: usize, header: usize) -> bool {
        let Some((header, payload)) =
            out.get_mut(start..).and_then(|packet| packet.split_at_mut_checked(header))
        else {
            return false;
        };
        let Some([_, _, high, low, _, _, _, _, ssrc @ ..]) = header.first_chunk_mut::<12>() else {
            return false;
        };
        [*high, *low] = (index.number() as u16).to_be_bytes();
        *ssrc = index.ssrc().to_be_bytes();
        let nonce = self.rtp.nonce(index.ssrc(), index.number());
        let Ok(tag) = self.rtp.key.seal_in_place_separate_tag(nonce, Aad::from(&*header), payload) else {
            return false;
        };
        out.extend_from_slice(tag.as_ref());
        true
    }

    /// Seals the RTCP packets that stand in `out` from `start` on. False if that failed, and nothing of it may be sent.
    #[must_use]
    pub(crate) fn seal_rtcp(&mut self, out: &mut Vec<u8>, start: usize) -> bool {
        let Some((header, body)) =
            out.get_mut(start..).and_then(|packet| packet.split_at_mut_checked(RTCP_CLEAR))
        else {
            return false;
        };
        if self.reports >= RTCP_NUMBERS {
            return false;
        }
        let number = self.reports;
        self.reports += 1;
        let word = (ENCRYPTED | number).to_be_bytes();
        let nonce = self.rtcp.nonce(ssrc_of(header), number.into());
        let aad = Aad::from(rtcp_aad(header, word));
        let Ok(tag) = self.rtcp.key.seal_in_place_separate_tag(nonce, aad, body) else { return false };
        out.extend_from_slice(tag.as_ref());
        out.extend_from_slice(&word);
        true
    }
}

/// Opens what one peer says.
pub(crate) struct Opener {
    rtcp: Cipher,
    opened: Given,
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener")
    }
}

impl Opener {
    /// Opens SRTCP in place: its packets, and whether it is newer than all that were opened. None if it is not the peer's, or was opened before.
    pub(crate) fn open_rtcp<'a>(&mut self, datagram: &'a mut [u8]) -> Option<(&'a [u8], bool)> {
        let end = datagram.len().checked_sub(RTCP_WORD)?;
        let (packet, word) = datagram.split_at_mut(end);
        let word = <[u8; RTCP_WORD]>::try_from(&*word).ok()?;
        let number = u32::from_be_bytes(word);
        let (header, sealed) = packet.split_at_mut_checked(RTCP_CLEAR)?;
        if number & ENCRYPTED == 0 || sealed.len() < TAG {
            return None;
        }
        let number = number & !ENCRYPTED;
        let nonce = self.rtcp.nonce(ssrc_of(header), number.into());
        self.rtcp.key.open_in_place(nonce, Aad::from(rtcp_aad(header, word)), sealed).ok()?;
        // Only what is the peer's may move the window.
        let newest = u64::from(number) >= self.opened.next();
        self.opened.give(number.into())?;
        Some((&datagram[..end - TAG], newest))
    }
}

fn ssrc_of(header: &[u8]) -> u32 {
    header.get(4..).and_then(|ssrc| ssrc.first_chunk()).map_or(0, |ssrc| u32::from_be_bytes(*ssrc))
}

fn rtcp_aad(header: &[u8], word: [u8; RTCP_WORD]) -> [u8; RTCP_CLEAR + RTCP_WORD] {
    let mut aad = [0; RTCP_CLEAR + RTCP_WORD];
    aad[..RTCP_CLEAR].copy_from_slice(header);
    aad[RTCP_CLEAR..].copy_from_slice(&word);
    aad
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
        digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
    }

    /// The session key of RFC 7714 §16 and §17 with so many bytes.
    fn cipher(len: usize) -> Cipher {
        let key: Vec<u8> = (0..len as u8).collect();
        let algorithm = if len == 16 { &AES_128_GCM } else { &AES_256_GCM };
        let key = LessSafeKey::new(UnboundKey::new(algorithm, &key).unwrap());
        Cipher { key, salt: *b"Quid pro quo" }
    }

    fn sealer(len: usize, reports: u32) -> Sealer {
        Sealer { rtp: cipher(len), rtcp: cipher(len), reports }
    }

    #[test]
    fn packets_are_sealed_as_in_the_vectors_of_rfc_7714() {
        let clear = "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573";
        for (len, sealed) in [
            (
                16,
                "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833 899d7f27 beb16a91 52cf765e e4390cce",
            ),
            (
                32,
                "32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
            ),
        ] {
            // What the header says of number and stream is overwritten.
            let mut out = [&[1, 2, 3][..], &bytes(clear)].concat();
            out[5..7].fill(0);
            out[11..15].fill(0);
            let index = Given::new(0x5501_a0b2).give(0xf17b).unwrap();
            assert!(sealer(len, 0).seal(index, &mut out, 3, 12));
            assert_eq!(out[3..15], bytes(clear)[..12]);
            assert_eq!(out[15..], bytes(sealed));
        }
    }

    #[test]
    fn reports_are_sealed_as_in_the_vectors_of_rfc_7714_and_opened_once() {
        let clear = bytes(
            "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef",
        );
        let sealed = bytes(
            "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4",
        );
        let mut out = clear.clone();
        assert!(sealer(16, 0x5d4).seal_rtcp(&mut out, 0));
        assert_eq!(out, sealed);

        let mut opener = Opener { rtcp: cipher(16), opened: Given::new(0) };
        for at in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[at] ^= 1;
            assert_eq!(opener.open_rtcp(&mut forged), None);
            assert_eq!(opener.open_rtcp(&mut sealed.clone()[..at]), None);
        }
        assert_eq!(opener.open_rtcp(&mut sealed.clone()), Some((&clear[..], true)));
        assert_eq!(opener.open_rtcp(&mut sealed.clone()), None, "a replay");
    }

    #[test]
    fn a_key_seals_no_more_reports_than_it_may() {
        let mut sealer = sealer(32, RTCP_NUMBERS - 1);
        assert!(sealer.seal_rtcp(&mut vec![0; 8], 0));
        assert!(!sealer.seal_rtcp(&mut vec![0; 8], 0));
        assert!(!self::sealer(32, 0).seal_rtcp(&mut vec![0; 7], 0));
        let index = Given::new(1).give(1).unwrap();
        assert!(!sealer.seal(index, &mut vec![0; 11], 0, 11));
    }

    #[test]
    fn only_the_profiles_of_rfc_7714_are_taken() {
        assert!(Keys::new(SrtpProfile::AEAD_AES_256_GCM, &[0; 88]).is_some());
        assert!(Keys::new(SrtpProfile::AEAD_AES_128_GCM, &[0; 56]).is_some());
        assert!(Keys::new(SrtpProfile::AEAD_AES_128_GCM, &[0; 88]).is_none());
        assert!(Keys::new(SrtpProfile::AES128_CM_SHA1_80, &[0; 60]).is_none());
    }
}
