//! What a datagram says of itself before anything of it is decrypted: anybody may have sent it.

use std::borrow::Cow;

/// STUN, as its first byte says (RFC 7983 §7).
#[must_use]
pub fn is_stun(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| *first < 2)
}

/// DTLS, as its first byte says (RFC 7983 §7).
#[must_use]
pub fn is_dtls(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| (20..64).contains(first))
}

/// SRTP or SRTCP, as its first byte says (RFC 7983 §7).
#[must_use]
pub fn is_media(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| (128..192).contains(first))
}

/// Types of STUN messages (RFC 8489 §5).
const REQUEST: [u8; 2] = [0, 1];
const SUCCESS: [u8; 2] = [1, 1];
/// Attributes (RFC 8489 §14.3, RFC 8445 §16.1).
const USERNAME: u16 = 6;
const USE_CANDIDATE: u16 = 0x25;

/// Our half of the USERNAME of a STUN request (RFC 8489 §14.3), without parsing more of it than that.
#[must_use]
pub fn stun_local_ufrag(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(stun_attribute(bytes, USERNAME)?).ok()?.split(':').next()
}

/// A STUN request that wants the path on which it came to be used (RFC 8445 §7.1.1). Whether its sender may say so is not looked at.
#[must_use]
pub fn nominates(bytes: &[u8]) -> bool {
    bytes.starts_with(&REQUEST) && stun_attribute(bytes, USE_CANDIDATE).is_some()
}

/// The answer to a STUN request that is taken.
#[must_use]
pub fn is_stun_success(bytes: &[u8]) -> bool {
    bytes.starts_with(&SUCCESS) && has_stun_header(bytes)
}

fn has_stun_header(bytes: &[u8]) -> bool {
    const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
    bytes.len() >= 20 && bytes[4..8] == COOKIE
}

fn stun_attribute(bytes: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut rest = bytes.get(20..).filter(|_| has_stun_header(bytes))?;
    while rest.len() >= 4 {
        let kind = u16::from_be_bytes([rest[0], rest[1]]);
        let len = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        let value = rest.get(4..4 + len)?;
        if kind == wanted {
            return Some(value);
        }
        rest = rest.get(4 + len.next_multiple_of(4)..)?;
    }
    None
}

/// SSRC of an RTP packet; none of all else (RFC 5761 §4).
#[must_use]
pub fn rtp_ssrc(datagram: &[u8]) -> Option<u32> {
    let rtp = datagram.first()? >> 6 == 2 && !(64..96).contains(&(datagram.get(1)? & 0x7f));
    let ssrc = datagram.get(8..12).filter(|_| rtp)?;
    Some(u32::from_be_bytes(ssrc.try_into().ok()?))
}

/// The value of a header extension of an RTP packet (RFC 8285 §4.2 and §4.3).
#[must_use]
pub fn rtp_extension(datagram: &[u8], wanted: u8) -> Option<&[u8]> {
    let first = *datagram.first()?;
    if first & 0x10 == 0 {
        return None;
    }
    let head = 12 + 4 * usize::from(first & 0x0f);
    let [p0, p1, w0, w1] = *datagram.get(head..head + 4)? else { return None };
    let words = usize::from(u16::from_be_bytes([w0, w1]));
    let mut rest = datagram.get(head + 4..head + 4 + 4 * words)?;
    let short = [p0, p1] == [0xbe, 0xde];
    if !short && (p0, p1 & 0xf0) != (0x10, 0) {
        return None;
    }
    while let Some((head, after)) = rest.split_first() {
        if *head == 0 {
            // Padding.
            rest = after;
            continue;
        }
        let (id, len, after) = if short {
            (head >> 4, usize::from(head & 0x0f) + 1, after)
        } else {
            let (len, after) = after.split_first()?;
            (*head, usize::from(*len), after)
        };
        if short && id == 15 {
            return None;
        }
        let (value, after) = after.split_at_checked(len)?;
        if id == wanted {
            return Some(value);
        }
        rest = after;
    }
    None
}

/// A datagram less the alerts that it bears in the clear, and the description of the last fatal one among them (RFC 6347 §4.1, RFC 5246
/// §7.2). Whoever knows a peer's address can send such an alert.
#[must_use]
pub fn without_clear_alerts(datagram: &[u8]) -> (Cow<'_, [u8]>, Option<u8>) {
    const ALERT: u8 = 21;
    const FATAL: u8 = 2;
    let (mut kept, mut alert) = (Cow::Borrowed(datagram), None);
    let mut at = 0;
    // Type, version, epoch, sequence number, length, then the record's body.
    while let Some([kind, _, _, epoch @ .., _, _, _, _, _, _, high, low]) = kept.get(at..at + 13) {
        let end = at + 13 + usize::from(u16::from_be_bytes([*high, *low]));
        let clear = *kind == ALERT && *epoch == [0, 0];
        let Some(record) = kept.get(at..end) else { break };
        if !clear {
            at = end;
            continue;
        }
        if let [FATAL, description, ..] = record[13..] {
            alert = Some(description);
        }
        kept.to_mut().drain(at..end);
    }
    (kept, alert)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::random::Random;

    #[test]
    fn a_user_name_is_found_and_malformed_requests_are_survived() {
        let mut request = vec![0, 1, 0, 16, 0x21, 0x12, 0xa4, 0x42];
        request.extend_from_slice(&[0; 12]);
        request.extend_from_slice(&[0, 6, 0, 9]);
        request.extend_from_slice(b"abcd:efgh\0\0\0");
        assert_eq!(stun_local_ufrag(&request), Some("abcd"));
        for end in 0..request.len() {
            let _ = stun_local_ufrag(&request[..end]);
        }
        assert!(!nominates(&request));
        let mut chosen = request.clone();
        chosen.extend_from_slice(&[0, 0x25, 0, 0]);
        assert!(nominates(&chosen) && !is_stun_success(&chosen));
        chosen[..2].copy_from_slice(&SUCCESS);
        assert!(is_stun_success(&chosen) && !nominates(&chosen));
        request[23] = 200;
        assert_eq!(stun_local_ufrag(&request), None);
    }

    fn packet(extensions: &[u8]) -> Vec<u8> {
        let mut out = vec![0x91, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 9, 9, 9];
        out.extend_from_slice(extensions);
        out.extend_from_slice(&[1, 2, 3]);
        out
    }

    #[test]
    fn extensions_of_both_forms_are_read() {
        let short = packet(&[0xbe, 0xde, 0, 2, 0x10, 5, 0x41, b'a', b'b', 0, 0x60, 7]);
        let long = packet(&[0x10, 0, 0, 3, 1, 1, 5, 0, 4, 2, b'a', b'b', 6, 0, 0, 0]);
        for (datagram, six) in [(short, &[7][..]), (long, &[])] {
            assert_eq!(rtp_extension(&datagram, 1), Some(&[5][..]));
            assert_eq!(rtp_extension(&datagram, 4), Some(&b"ab"[..]));
            assert_eq!(rtp_extension(&datagram, 6), Some(six));
            assert_eq!(rtp_extension(&datagram, 7), None);
            assert_eq!(rtp_ssrc(&datagram), Some(3));
        }
        let other = packet(&[1, 2, 0, 1, 0x10, 5, 0, 0]);
        assert_eq!(rtp_extension(&other, 1), None);
        let ends = packet(&[0xbe, 0xde, 0, 1, 0xf0, 1, 0x10, 5]);
        assert_eq!(rtp_extension(&ends, 1), None);
        assert_eq!(rtp_ssrc(&[0x80, 201, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2]), None);
    }

    #[test]
    fn malformed_packets_are_survived() {
        let mut rng = Random::new(5);
        for _ in 0..50_000 {
            let mut bytes: Vec<u8> = (0..rng.below(40)).map(|_| rng.below(256) as u8).collect();
            if let Some(first) = bytes.first_mut() {
                *first |= 0x90;
            }
            if bytes.len() > 14 && rng.below(2) == 0 {
                bytes[0] = 0x90;
                bytes[12..14].copy_from_slice(&[0xbe, 0xde]);
            }
            for id in 0..16 {
                let _ = rtp_extension(&bytes, id);
            }
            let _ = rtp_ssrc(&bytes);
        }
    }

    #[test]
    fn alerts_in_the_clear_are_taken_out_and_all_else_is_left() {
        let record = |kind, epoch, body: &[u8]| {
            let mut out = vec![kind, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 7, 0, body.len() as u8];
            out.extend_from_slice(body);
            out
        };
        let (fatal, warning) = (record(21, 0, &[2, 40]), record(21, 0, &[1, 0]));
        let (sealed, hello) = (record(21, 1, &[2, 40]), record(22, 0, &[1, 2, 3]));
        let check = |records: &[&[u8]], kept: &[&[u8]], alert| {
            assert_eq!(without_clear_alerts(&records.concat()), (Cow::Owned(kept.concat()), alert));
        };
        check(&[&fatal], &[], Some(40));
        check(&[&warning], &[], None);
        check(&[&sealed], &[&sealed], None);
        check(&[&hello, &fatal, &sealed, &warning], &[&hello, &sealed], Some(40));
        check(&[&fatal, &record(21, 0, &[2, 43])], &[], Some(43));
        check(&[&fatal, &hello], &[&hello], Some(40));
        check(&[&fatal[..14]], &[&fatal[..14]], None);
        check(&[&hello, &fatal[..12]], &[&hello, &fatal[..12]], None);
        check(&[&record(21, 0, &[])], &[], None);
        check(&[], &[], None);
    }
}
