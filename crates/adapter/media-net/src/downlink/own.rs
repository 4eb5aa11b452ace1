//! What a subscriber is sent, sealed by ourselves: packets straight from the rings into the buffer that is sent, repairs, and reports.

use std::time::Duration;

use base::Mono;
use media::anchor::Numbers;
use media::given::{Given, Index};
use media::rtcp::{self, SenderReport};
use media::vp8;
use str0m::Rtc;
use str0m::media::Mid;
use str0m::rtp::{Extension, ExtensionMap};

use super::repair::Repairs;
use super::{Downlink, Line, Way, line_of};
use crate::egress::batch::Batch;
use crate::ring::{Packet, Rings};
use crate::srtp::seal::{Keys, Opener, Sealer};
use crate::transport::Path;

/// Reports are sent so often, and soon after a line begins.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Streams of which one datagram reports: with their names they are less than 1,200 bytes.
const REPORTED_MAX: usize = 16;
/// Bytes of the longest RTCP datagram that is read.
const RTCP_MAX: usize = 1_500;
/// Bytes of a header at most: 12, an extension of four words and its own word, and room for one word more.
const HEADER_MAX: usize = 40;

/// Header of the packets of a line: what changes is written over it.
#[derive(Debug, Clone, Copy)]
struct Header {
    bytes: [u8; HEADER_MAX],
    len: u8,
    /// Where how loud it is stands.
    level: Option<u8>,
}

/// The stream by which packets of a line are sent again (RFC 4588).
struct Again {
    header: Header,
    given: Given,
    repairs: Repairs,
}

/// What a line sends under.
struct Sending {
    header: Header,
    again: Option<Again>,
    /// Packets so far, and the bytes of their payloads (RFC 3550 §6.4.1).
    packets: u32,
    octets: u32,
    /// It is reported at once: how its clock stands is not known to its receiver yet.
    fresh: bool,
}

/// Seals and opens for one subscriber.
pub(super) struct Own {
    sealer: Sealer,
    opener: Opener,
    /// In the order of the subscriber's lines.
    lines: Vec<Sending>,
    /// The name of their sender, for all of them.
    name: String,
    report_at: Mono,
    trip: Option<Duration>,
}

impl Own {
    /// What str0m agreed on with the peer, whose streams it need not keep.
    pub(super) fn new(now: Mono, keys: &Keys, rtc: &mut Rtc, lines: &[Line]) -> Option<Self> {
        let crypto = crate::dtls::provider();
        let (sealer, opener) = keys.of_server(crypto.srtp_provider)?;
        let name = lines.iter().find_map(|line| Some(rtc.media(line.mid)?.cname().to_owned()))?;
        let lines = lines.iter().map(|line| Sending::new(rtc, line)).collect::<Option<_>>()?;
        Some(Self { sealer, opener, lines, name, report_at: now, trip: None })
    }

    /// Sends packets of a line.
    #[inline]
    pub(super) fn send<'a>(
        &mut self,
        now: Mono,
        n: usize,
        line: &mut Line,
        packets: impl Iterator<Item = &'a Packet>,
        path: Option<Path>,
        out: &mut Batch,
    ) {
        let Some(path) = path else { return };
        let Self { sealer, lines, .. } = self;
        let sending = &mut lines[n];
        for packet in packets {
            let Some((numbers, index)) = line.number(packet) else { continue };
            out.write(path, line.sound, |out| {
                sending.header.seal(sealer, packet, &numbers, index, None, out)
            });
            sending.packets = sending.packets.wrapping_add(1);
            sending.octets = sending.octets.wrapping_add(packet.payload.len() as u32);
            if let Some(again) = &mut sending.again {
                again.repairs.earn(packet.payload.len());
            }
        }
        if std::mem::take(&mut sending.fresh) {
            self.report_at = now;
        }
    }

    /// Sends the packet of a line again that went out under a number which ends in these bits, if it may.
    fn repair(
        &mut self,
        now: Mono,
        n: usize,
        line: &mut Line,
        low: u16,
        to: (Path, &Rings),
        out: &mut Batch,
    ) {
        let (path, rings) = to;
        let Self { sealer, lines, trip, .. } = self;
        let Some(again) = lines.get_mut(n).and_then(|sending| sending.again.as_mut()) else { return };
        let Some((packet, numbers)) = line.slot.sent(low, rings) else { return };
        if !again.repairs.spend(now, numbers.seq, packet.payload.len(), *trip) {
            return;
        }
        let Some(index) = again.given.give(again.given.next()) else { return };
        out.write(path, None, |out| again.header.seal(sealer, packet, &numbers, index, Some(low), out));
    }

    /// Reports on what was sent, if that is due; when it is next.
    pub(super) fn report(
        &mut self,
        now: Mono,
        lines: &[Line],
        path: Option<Path>,
        out: &mut Batch,
    ) -> Option<Mono> {
        let path = path.filter(|_| self.lines.iter().any(|sending| sending.packets > 0))?;
        if now < self.report_at {
            return Some(self.report_at);
        }
        self.report_at = now + REPORT_EVERY;
        let ntp = rtcp::ntp(now);
        let Self { sealer, lines: sendings, name, .. } = self;
        let sending = sendings.iter().zip(lines).filter(|(sending, _)| sending.packets > 0);
        let mut reports = sending
            .filter_map(|(sending, line)| {
                let rtp = line.slot.timestamp(now)?;
                Some(SenderReport {
                    ssrc: line.ssrc,
                    ntp,
                    rtp,
                    packets: sending.packets,
                    octets: sending.octets,
                })
            })
            .peekable();
        while reports.peek().is_some() {
            out.write(path, None, |out| {
                let start = out.len();
                let mut named = [0; REPORTED_MAX];
                let mut count = 0;
                for (named, report) in named.iter_mut().zip(&mut reports) {
                    report.write(out);
                    *named = report.ssrc;
                    count += 1;
                }
                rtcp::write_names(out, named[..count].iter().copied(), name);
                sealer.seal_rtcp(out, start)
            });
        }
        Some(self.report_at)
    }
}

impl Downlink {
    /// SRTCP came, or what looks so. True if it is the peer's.
    pub(super) fn on_rtcp(
        &mut self,
        now: Mono,
        from: Path,
        bytes: &[u8],
        rings: &Rings,
        out: &mut Batch,
    ) -> bool {
        let Way::Own(own) = &mut self.way else { return false };
        let mut room = [0; RTCP_MAX];
        // RTP is nothing that a subscriber sends (RFC 5761 §4).
        let rtcp = bytes.get(1).is_some_and(|kind| (192..224).contains(kind));
        let Some(datagram) = room.get_mut(..bytes.len()).filter(|_| rtcp) else { return false };
        datagram.copy_from_slice(bytes);
        let Some((packets, newest)) = own.opener.open_rtcp(datagram) else { return false };
        if newest {
            self.control.opened(now, from);
        }
        let mut wanted = Vec::new();
        let mut losses = Vec::new();
        let path = self.control.path();
        rtcp::read(packets, |said| match said {
            rtcp::Said::Received { ssrc, lost, report, since } => {
                let Some(n) = line_of(&self.lines, ssrc) else { return };
                losses.push((n, own.lines[n].packets.into(), (u32::from(lost) * 1_000 / 256) as u16));
                let trip = rtcp::round_trip(now, report, since);
                own.trip = trip.map(Duration::from_micros).or(own.trip);
            }
            rtcp::Said::Lost { ssrc, first, more } => {
                let Some(n) = line_of(&self.lines, ssrc) else { return };
                let Some(path) = path else { return };
                let behind =
                    (0..16).filter(|bit| more >> bit & 1 == 1).map(|bit| first.wrapping_add(bit + 1));
                for low in std::iter::once(first).chain(behind) {
                    own.repair(now, n, &mut self.lines[n], low, (path, rings), out);
                }
            }
            rtcp::Said::KeyFrame { ssrc } => {
                wanted.extend(line_of(&self.lines, ssrc).filter(|n| !wanted.contains(n)));
            }
        });
        losses.into_iter().for_each(|(n, packets, loss)| self.on_loss(now, n, packets, Some(loss)));
        wanted.into_iter().for_each(|n| self.on_picture_wanted(now, n));
        true
    }
}

impl Sending {
    fn new(rtc: &mut Rtc, line: &Line) -> Option<Self> {
        let media = rtc.media(line.mid)?;
        let extensions = media.remote_extmap().clone();
        let again_pt = rtc.codec_config().find(|params| params.pt() == line.pt)?.resend();
        let mut direct = rtc.direct_api();
        let again_ssrc = direct.stream_tx_by_mid(line.mid, None)?.rtx();
        direct.remove_stream_tx(line.ssrc.into());
        let header = |pt| Header::new(pt, line.mid, &extensions, line.slot.is_sound());
        let again = again_pt.zip(again_ssrc).map(|(pt, ssrc)| Again {
            header: header(*pt),
            given: Given::new(*ssrc),
            repairs: Repairs::default(),
        });
        Some(Self { header: header(*line.pt), again, packets: 0, octets: 0, fresh: true })
    }
}

impl Header {
    /// Extensions in their short form (RFC 8285 §4.2): which line it is (RFC 9143 §15.2), and of sound, how loud (RFC 6464 §3). All packets
    /// of a line have the same length of header, so that those of a run may.
    fn new(pt: u8, mid: Mid, extensions: &ExtensionMap, sound: bool) -> Self {
        let mut header = Self { bytes: [0; HEADER_MAX], len: 12, level: None };
        header.bytes[0] = 0x80;
        header.bytes[1] = pt;
        let id = |extension| extensions.id_of(extension).filter(|id| (1..15).contains(id));
        let mut at = 16;
        if let Some(id) = id(Extension::AudioLevel).filter(|_| sound) {
            header.bytes[at] = id << 4;
            header.level = Some(at as u8 + 1);
            at += 2;
        }
        let mid = mid.as_bytes();
        let mid = &mid[..mid.iter().position(|byte| *byte == 0).unwrap_or(mid.len())];
        if let Some(id) = id(Extension::RtpMid).filter(|_| (1..=16).contains(&mid.len())) {
            header.bytes[at] = id << 4 | (mid.len() - 1) as u8;
            header.bytes[at + 1..at + 1 + mid.len()].copy_from_slice(mid);
            at += 1 + mid.len();
        }
        if at > 16 {
            let words = (at - 16).div_ceil(4);
            header.bytes[0] |= 0x10;
            header.bytes[12..16].copy_from_slice(&[0xbe, 0xde, 0, words as u8]);
            header.len = (16 + 4 * words) as u8;
        }
        header
    }

    /// Writes a packet behind what is there, and seals it: for the first time, or again, then with the number that it had. False if nothing of
    /// it may be sent.
    #[inline]
    fn seal(
        &self,
        sealer: &Sealer,
        packet: &Packet,
        numbers: &Numbers,
        index: Index,
        again: Option<u16>,
        out: &mut Vec<u8>,
    ) -> bool {
        let (start, len) = (out.len(), usize::from(self.len));
        out.extend_from_slice(&self.bytes[..len]);
        let header = &mut out[start..];
        header[1] |= u8::from(packet.marker) << 7;
        header[4..8].copy_from_slice(&numbers.ts.to_be_bytes());
        if let (Some(at), Some((level, voice))) = (self.level, packet.level) {
            header[usize::from(at)] = u8::from(voice) << 7 | level.unsigned_abs() & 0x7f;
        }
        if let Some(number) = again {
            out.extend_from_slice(&number.to_be_bytes());
        }
        let payload = out.len();
        out.extend_from_slice(&packet.payload);
        if packet.vp8.is_some() {
            vp8::patch(&mut out[payload..], numbers.picture_id, numbers.tl0);
        }
        sealer.seal(index, out, start, len)
    }
}
