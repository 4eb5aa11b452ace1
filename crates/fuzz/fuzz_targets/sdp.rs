//! Offers of WHIP and WHEP, read for each use and codec.

use media_net::sdp::{Given, Lines, Refusal, read};
use service::port::hop::VideoCodec;

/// Longest sentence that a refusal may be.
const SENTENCE_BYTES_MAX: usize = 256;
/// What the library that makes the session has to give.
const GIVEN: &str = "v=0\no=x 7 2 IN IP4 0.0.0.0\nm=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:0\na=ice-ufrag:ours\na=ice-pwd:0123456789012345678901\n\
    a=fingerprint:sha-256 00\na=candidate:1 1 udp 1 192.0.2.1 5000 typ host\na=msid:programme a0\na=ssrc:1 cname:x\n";

/// What is taken reads the same again, and is answered line by line in the same words; what is refused is refused in one plain sentence.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for (want, codec) in [
        (Lines::Publish, VideoCodec::Vp8),
        (Lines::Publish, VideoCodec::H264),
        (Lines::Watch, VideoCodec::Vp8),
        (Lines::Watch, VideoCodec::H264),
        (Lines::Wall, VideoCodec::Vp8),
    ] {
        match read(text, want, codec) {
            Ok(offer) => {
                let canonical = offer.canonical();
                let again = read(&canonical, want, codec).expect("what was written here is taken");
                assert_eq!(again.canonical(), canonical);
                answered(text, &offer.answer(&Given::read(GIVEN).expect("it has keys")));
            }
            Err(refusal) => plain(&refusal),
        }
    }
}

/// As many lines as the offer has, of the same kind over the same protocol.
fn answered(offer: &str, answer: &str) {
    let lines = |text: &str| {
        let media = text.lines().filter_map(|line| line.strip_prefix("m="));
        media
            .map(|line| line.split(' ').take(3).step_by(2).map(str::to_owned).collect())
            .collect::<Vec<Vec<_>>>()
    };
    assert_eq!(lines(answer), lines(offer));
    assert!(!answer.chars().any(|c| c.is_control() && !matches!(c, '\r' | '\n' | '\t')));
}

fn plain(refusal: &Refusal) {
    let sentence = refusal.to_string();
    assert!(
        sentence.len() <= SENTENCE_BYTES_MAX && sentence.bytes().all(|c| (b' '..=b'~').contains(&c)),
        "{sentence}"
    );
}
