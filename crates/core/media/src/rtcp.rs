//! What is said beside the streams: RTCP (RFC 3550 §6), the feedback of RFC 4585 §6 and RFC 5104 §4.3.1, in compound packets or reduced
//! ones (RFC 5506). Nothing here is encrypted.

use base::Mono;

/// Payload types (RFC 3550 §12.1, RFC 4585 §6.1).
const SENDER: u8 = 200;
const RECEIVER: u8 = 201;
const NAMES: u8 = 202;
const TRANSPORT: u8 = 205;
const PAYLOAD: u8 = 206;
/// Feedback formats.
const NACK: u8 = 1;
const PLI: u8 = 1;
const FIR: u8 = 4;

/// What somebody who receives our streams says of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// How it is received (RFC 3550 §6.4.1).
    Received {
        /// The stream.
        ssrc: u32,
        /// What was lost since the report before, in 256ths.
        lost: u8,
        /// The middle 32 bits of the NTP time of the last sender report that came; zero if none did.
        report: u32,
        /// How long ago that came, in 65536ths of a second.
        since: u32,
    },
    /// Packets that are wanted again (RFC 4585 §6.2.1).
    Lost {
        /// The stream.
        ssrc: u32,
        /// Sequence number of the first.
        first: u16,
        /// A bit for each of the 16 behind it, the lowest for the next one.
        more: u16,
    },
    /// A key frame is wanted (RFC 4585 §6.3.1, RFC 5104 §4.3.1).
    KeyFrame {
        /// The stream.
        ssrc: u32,
    },
}

/// Reads what a datagram says, as far as it is whole; what is not known is left out.
pub fn read(datagram: &[u8], mut said: impl FnMut(Said)) {
    let mut rest = datagram;
    while let Some([head, kind, high, low]) = rest.first_chunk() {
        let bytes = 4 * (1 + usize::from(u16::from_be_bytes([*high, *low])));
        let Some((packet, after)) = rest.split_at_checked(bytes).filter(|_| head >> 6 == 2) else { return };
        rest = after;
        let mut body = &packet[4..];
        if head & 0x20 != 0 {
            let Some(kept) = body.last().and_then(|padding| body.len().checked_sub(usize::from(*padding)))
            else {
                return;
            };
            body = &body[..kept];
        }
        match (*kind, head & 0x1f) {
            (SENDER, count) => blocks(body.get(24..), count, &mut said),
            (RECEIVER, count) => blocks(body.get(4..), count, &mut said),
            (TRANSPORT, NACK) => {
                let Some(ssrc) = number(body, 4) else { continue };
                for entry in body[8..].chunks_exact(4) {
                    let first = u16::from_be_bytes([entry[0], entry[1]]);
                    said(Said::Lost { ssrc, first, more: u16::from_be_bytes([entry[2], entry[3]]) });
                }
            }
            (PAYLOAD, PLI) => {
                if let Some(ssrc) = number(body, 4) {
                    said(Said::KeyFrame { ssrc });
                }
            }
            (PAYLOAD, FIR) => {
                let entries = body.get(8..).unwrap_or_default().chunks_exact(8);
                entries.filter_map(|entry| number(entry, 0)).for_each(|ssrc| said(Said::KeyFrame { ssrc }));
            }
            _ => {}
        }
    }
}

fn blocks(blocks: Option<&[u8]>, count: u8, said: &mut impl FnMut(Said)) {
    for block in blocks.unwrap_or_default().chunks_exact(24).take(usize::from(count)) {
        let (Some(ssrc), Some(report), Some(since)) =
            (number(block, 0), number(block, 16), number(block, 20))
        else {
            return;
        };
        said(Said::Received { ssrc, lost: block[4], report, since });
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|number| u32::from_be_bytes(*number))
}

/// A report on a stream that is sent (RFC 3550 §6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderReport {
    /// The stream.
    pub ssrc: u32,
    /// When it is sent, as [`ntp`] gives it.
    pub ntp: u64,
    /// RTP timestamp of that moment, in ticks of the stream's clock.
    pub rtp: u32,
    /// Packets that were sent.
    pub packets: u32,
    /// Bytes of their payloads.
    pub octets: u32,
}

impl SenderReport {
    /// Writes it behind what is there.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[0x80, SENDER, 0, 6]);
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&self.ntp.to_be_bytes());
        for number in [self.rtp, self.packets, self.octets] {
            out.extend_from_slice(&number.to_be_bytes());
        }
    }
}

/// Streams that one packet names at most (RFC 3550 §6.5).
pub const NAMED_MAX: usize = 31;

/// Writes behind what is there that these streams, of which there are no more than [`NAMED_MAX`], are of one sender by that name, which has at
/// most 255 bytes (RFC 3550 §6.5.1).
pub fn write_names(out: &mut Vec<u8>, ssrcs: impl IntoIterator<Item = u32>, name: &str) {
    let start = out.len();
    out.extend_from_slice(&[0x80, NAMES, 0, 0]);
    for ssrc in ssrcs.into_iter().take(NAMED_MAX) {
        out[start] += 1;
        out.extend_from_slice(&ssrc.to_be_bytes());
        let name = &name.as_bytes()[..name.len().min(usize::from(u8::MAX))];
        out.extend_from_slice(&[1, name.len() as u8]);
        out.extend_from_slice(name);
        // At least one zero ends the items of a stream.
        let end = (out.len() - start + 1).next_multiple_of(4);
        out.resize(start + end, 0);
    }
    let words = ((out.len() - start) / 4 - 1) as u16;
    out[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

/// A moment on the node's clock in NTP's form: seconds in the upper half, 2⁻³² s in the lower. It counts from the node's start (RFC 3550 §4 lets it).
#[must_use]
pub fn ntp(at: Mono) -> u64 {
    ((u128::from(at.0) << 32) / 1_000_000) as u64
}

/// The time there and back in microseconds, as a report on reception tells it at `now` (RFC 3550 §6.4.1); none if it tells none.
#[must_use]
pub fn round_trip(now: Mono, report: u32, since: u32) -> Option<u64> {
    let now = (ntp(now) >> 16) as u32;
    let units = now.wrapping_sub(report).wrapping_sub(since);
    (report != 0 && units < 1 << 31).then(|| (u64::from(units) * 1_000_000) >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::random::Random;

    fn all(datagram: &[u8]) -> Vec<Said> {
        let mut all = Vec::new();
        read(datagram, |said| all.push(said));
        all
    }

    fn packet(count: u8, kind: u8, words: &[u32]) -> Vec<u8> {
        let mut out = vec![0x80 | count, kind, 0, words.len() as u8];
        words.iter().for_each(|word| out.extend_from_slice(&word.to_be_bytes()));
        out
    }

    #[test]
    fn a_receivers_reports_and_requests_are_read_in_their_order() {
        let mut datagram = packet(1, 201, &[1, 0xaaaa, 0x4000_0003, 99, 0, 0x1234_5678, 0x8000]);
        datagram.extend(packet(1, 202, &[1, 0x0102_6100]));
        datagram.extend(packet(1, 205, &[1, 0xaaaa, 0x0064_0005, 0x0100_0000]));
        datagram.extend(packet(1, 206, &[1, 0xbbbb]));
        datagram.extend(packet(4, 206, &[1, 0, 0xcccc, 0x0700_0000, 0xdddd, 0]));
        // TWCC and REMB say nothing here.
        datagram.extend(packet(15, 205, &[1, 0xaaaa, 0, 0]));
        datagram.extend(packet(15, 206, &[1, 0, 0x5245_4d42, 0]));
        let mut report = vec![0; 6];
        report.extend([0xeeee, 0xff00_0000, 0, 0, 0, 0]);
        datagram.extend(packet(1, 200, &report));
        assert_eq!(
            all(&datagram),
            [
                Said::Received { ssrc: 0xaaaa, lost: 0x40, report: 0x1234_5678, since: 0x8000 },
                Said::Lost { ssrc: 0xaaaa, first: 100, more: 5 },
                Said::Lost { ssrc: 0xaaaa, first: 256, more: 0 },
                Said::KeyFrame { ssrc: 0xbbbb },
                Said::KeyFrame { ssrc: 0xcccc },
                Said::KeyFrame { ssrc: 0xdddd },
                Said::Received { ssrc: 0xeeee, lost: 0xff, report: 0, since: 0 },
            ]
        );
    }

    #[test]
    fn what_is_cut_off_padded_or_nonsense_is_survived() {
        let mut rng = Random::new(3);
        let whole = packet(1, 205, &[1, 0xaaaa, 0x0064_0005]);
        for end in 0..whole.len() {
            assert_eq!(all(&whole[..end]), []);
        }
        let mut padded = packet(1, 205, &[1, 0xaaaa, 0x0064_0005, 4]);
        padded[0] |= 0x20;
        assert_eq!(all(&padded), [Said::Lost { ssrc: 0xaaaa, first: 100, more: 5 }]);
        *padded.last_mut().unwrap() = 200;
        assert_eq!(all(&padded), []);
        for _ in 0..20_000 {
            let mut junk = whole.clone();
            junk.extend(packet(rng.below(32) as u8, 200 + rng.below(8) as u8, &[rng.bits() as u32; 9]));
            for _ in 0..rng.below(4) {
                let at = rng.below(junk.len() as u64) as usize;
                junk[at] = rng.bits() as u8;
            }
            junk.truncate(rng.below(junk.len() as u64 + 1) as usize);
            assert!(all(&junk).len() < 20);
        }
    }

    #[test]
    fn a_report_that_is_sent_has_its_fields_where_they_belong() {
        let mut out = vec![9];
        let report = SenderReport { ssrc: 1, ntp: (2 << 32) | 3, rtp: 4, packets: 5, octets: 6 };
        report.write(&mut out);
        assert_eq!(out[1..], packet(0, 200, &[1, 2, 3, 4, 5, 6]));
        out.clear();
        write_names(&mut out, [7, 8], "abc");
        let chunk = |ssrc| [ssrc, 0x0103_6162, 0x6300_0000];
        assert_eq!(out, packet(2, 202, &[chunk(7), chunk(8)].concat()));
        for len in 0..9 {
            out.clear();
            write_names(&mut out, 0..99, &"n".repeat(len));
            assert_eq!((out.len() % 4, out[0], out.last()), (0, 0x80 | 31, Some(&0)));
            assert_eq!(usize::from(u16::from_be_bytes([out[2], out[3]])) * 4 + 4, out.len());
        }
    }

    #[test]
    fn the_round_trip_is_what_is_left_of_the_time_since_a_report() {
        let sent = Mono::from_millis(70_000_500);
        let report = (ntp(sent) >> 16) as u32;
        let half = 1 << 15;
        let back = sent + std::time::Duration::from_millis(640);
        let trip = round_trip(back, report, half).unwrap();
        assert!((139_900..=140_000).contains(&trip), "{trip}");
        assert_eq!(round_trip(back, 0, 0), None);
        assert_eq!(round_trip(sent, report, half), None);
        assert_eq!(ntp(Mono::from_millis(1_500)), 3 << 31);
    }
}
