//! One session at a hop, over a second str0m.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::Mono;
use str0m::change::SdpOffer;
use str0m::format::Codec as Format;
use str0m::media::{KeyframeRequestKind, MediaKind, Mid, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite, Ssrc};
use str0m::{Candidate, Event, Input, Rtc};

/// One session at the hop.
pub(crate) struct Peer {
    rtc: Rtc,
    address: SocketAddr,
    wake: Mono,
    /// Lines in the order of the offer.
    lines: Vec<(Mid, MediaKind)>,
    outs: BTreeMap<Mid, Out>,
    pub(crate) packets: Vec<Arrived>,
}

/// A packet that a publisher sent.
pub(crate) struct Arrived {
    pub(crate) at: Mono,
    pub(crate) rid: Option<Rid>,
    pub(crate) time: u32,
    pub(crate) payload: Arc<[u8]>,
}

/// Sequence of a line: goes on over a change of source, and keeps the gaps of each.
struct Out {
    ssrc: Ssrc,
    shift: u64,
    highest: u64,
}

impl Peer {
    pub(crate) fn accept(now: Instant, address: SocketAddr, offer: &str) -> (Self, String) {
        let mut rtc = Rtc::builder().set_ice_lite(true).set_rtp_mode(true).build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap()).unwrap();
        let answer = rtc.sdp_api().accept_offer(SdpOffer::from_sdp_string(offer).unwrap()).unwrap();
        let peer = Self {
            rtc,
            address,
            wake: Mono(0),
            lines: Vec::new(),
            outs: BTreeMap::new(),
            packets: Vec::new(),
        };
        (peer, answer.to_sdp_string())
    }

    pub(crate) fn wake(&self) -> Mono {
        self.wake
    }

    pub(crate) fn timeout(&mut self, at: Instant) {
        self.rtc.handle_input(Input::Timeout(at)).unwrap();
    }

    pub(crate) fn receive(&mut self, at: Instant, source: SocketAddr, contents: &[u8]) {
        if let Ok(contents) = contents.try_into() {
            let receive = Receive { proto: Protocol::Udp, source, destination: self.address, contents };
            self.rtc.handle_input(Input::Receive(at, receive)).unwrap();
        }
    }

    pub(crate) fn ask_key_frame(&mut self, rid: &str) {
        let mid = self.lines.iter().find(|(_, kind)| *kind == MediaKind::Video).unwrap().0;
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx_by_mid(mid, Some(rid.into())).unwrap();
        stream.request_keyframe(KeyframeRequestKind::Pli);
        self.wake = Mono(0);
    }

    pub(crate) fn format(&self, packet: &RtpPacket) -> Format {
        let pt = packet.header.payload_type;
        self.rtc.codec_config().params().iter().find(|p| p.pt() == pt).unwrap().spec().codec
    }

    pub(crate) fn write(&mut self, at: Instant, format: Format, packet: &RtpPacket) {
        let kind = if format == Format::Opus { MediaKind::Audio } else { MediaKind::Video };
        let Some((mid, _)) = self.lines.iter().find(|(_, k)| *k == kind) else { return };
        let taken = self.rtc.media(*mid).unwrap().remote_pts().to_vec();
        let params = self.rtc.codec_config().params().iter();
        let pt = params
            .filter(|p| p.spec().codec == format)
            .map(|p| p.pt())
            .find(|pt| taken.contains(pt))
            .unwrap();
        let (ssrc, sequence) = (packet.header.ssrc, *packet.seq_no);
        let out = self.outs.entry(*mid).or_insert(Out { ssrc, shift: 0, highest: sequence });
        if out.ssrc != ssrc {
            *out = Out { ssrc, shift: (out.highest + 1).wrapping_sub(sequence), ..*out };
        }
        let sequence = sequence.wrapping_add(out.shift);
        out.highest = out.highest.max(sequence);
        let mut direct = self.rtc.direct_api();
        let write = RtpWrite::new(pt, sequence.into(), packet.header.timestamp, at, packet.payload.clone());
        let stream = direct.stream_tx_by_mid(*mid, None).unwrap();
        stream.write_rtp(write.marker(packet.header.marker).nackable(kind == MediaKind::Video));
        self.wake = Mono(0);
    }

    pub(crate) fn drain(
        &mut self,
        now: Mono,
        origin: Instant,
        sent: &mut Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
    ) -> Vec<(Option<Rid>, RtpPacket)> {
        let mut packets = Vec::new();
        if self.wake == Mono(0) {
            self.timeout(origin + Duration::from_micros(now.0));
        }
        loop {
            match self.rtc.poll_output().unwrap() {
                str0m::Output::Transmit(t) => {
                    assert_eq!(t.source, self.address);
                    sent.push((t.source, t.destination, t.contents.into()));
                }
                str0m::Output::Event(Event::MediaAdded(added)) => self.lines.push((added.mid, added.kind)),
                str0m::Output::Event(Event::RtpPacket(packet)) => {
                    let ssrc = packet.header.ssrc;
                    let rid = self.rtc.direct_api().stream_rx(&ssrc).and_then(|s| s.rid());
                    packets.push((rid, packet));
                }
                str0m::Output::Event(_) => {}
                str0m::Output::Timeout(at) => {
                    let us = at.saturating_duration_since(origin).as_micros();
                    self.wake = Mono(u64::try_from(us).unwrap().min(now.0 + 1_000_000));
                    return packets;
                }
            }
        }
    }
}
