//! A hop of a few lines over a second str0m, and a network in memory with delay, loss and virtual time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::Mono;
use bots::rng::Rng;
use bots::{Bot, BotEvent, BotSpec, HALL, Input, Leg, Output};
use str0m::change::SdpOffer;
use str0m::format::Codec as Format;
use str0m::media::{KeyframeRequestKind, MediaKind, Mid, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite, Ssrc};
use str0m::{Candidate, Event, Input as RtcInput, Rtc};
use wire::Codec;

const DELAY_US: u64 = 4_000;

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

pub(crate) struct Network {
    pub(crate) now: Mono,
    pub(crate) bot: Bot,
    pub(crate) peers: BTreeMap<Leg, Peer>,
    pub(crate) events: Vec<(Mono, BotEvent)>,
    /// Packets in a thousand that are lost, each way.
    pub(crate) loss_permille: u64,
    /// Nothing arrives any more.
    pub(crate) cut: bool,
    /// Layer and source line that v0 carries.
    pub(crate) on_air: (u8, Option<&'static str>),
    origin: Instant,
    rng: Rng,
    flying: BTreeMap<(Mono, u64), Flying>,
    flown: u64,
}

struct Flying {
    leg: Leg,
    to_bot: bool,
    source: SocketAddr,
    destination: SocketAddr,
    contents: Vec<u8>,
}

pub(crate) fn spec(number: u16, codec: Codec, hostile: bool) -> BotSpec {
    BotSpec { number, codec, hostile, lines: HALL, seed: 5 }
}

pub(crate) fn bot_address(leg: Leg) -> SocketAddr {
    let port = match leg {
        Leg::Publish(camera) => 5_000 + u16::from(camera),
        Leg::Watch => 5_100,
    };
    ([10, 0, 0, 1], port).into()
}

impl Network {
    pub(crate) fn new(spec: BotSpec) -> Self {
        Self {
            now: Mono(1_000_000),
            bot: Bot::new(spec),
            peers: BTreeMap::new(),
            events: Vec::new(),
            loss_permille: 0,
            cut: false,
            on_air: (0, Some("q")),
            origin: Instant::now(),
            rng: Rng::new(99),
            flying: BTreeMap::new(),
            flown: 0,
        }
    }

    /// Opens a session over a signalling that never fails. Gives the offer.
    pub(crate) fn connect(&mut self, leg: Leg) -> String {
        let offer = self.bot.open(self.now, leg, bot_address(leg)).unwrap();
        let (peer, answer) = Peer::accept(self.instant(self.now), self.peers.len(), &offer);
        self.peers.insert(leg, peer);
        self.bot.handle(self.now, Input::Answer { leg, sdp: &answer }).unwrap();
        offer
    }

    /// Lets so much time pass.
    pub(crate) fn run(&mut self, ms: u64) {
        let end = Mono(self.now.0 + ms * 1_000);
        while self.step(end) {}
        self.now = end;
    }

    fn step(&mut self, end: Mono) -> bool {
        let bot_wake = self.drain_bot();
        self.drain_peers();
        let network = self.flying.keys().next().map_or(end, |(at, _)| *at);
        let peers = self.peers.values().map(|p| p.wake).min().unwrap_or(end);
        let next = bot_wake.min(network).min(peers).max(self.now);
        if next >= end {
            return false;
        }
        self.now = next;
        while let Some(entry) = self.flying.first_entry() {
            if entry.key().0 > self.now {
                break;
            }
            let flying = entry.remove();
            self.deliver(&flying);
        }
        if bot_wake <= self.now {
            self.bot.handle(self.now, Input::Timeout).unwrap();
        }
        let at = self.instant(self.now);
        for peer in self.peers.values_mut().filter(|p| p.wake <= self.now) {
            peer.rtc.handle_input(RtcInput::Timeout(at)).unwrap();
        }
        true
    }

    fn deliver(&mut self, flying: &Flying) {
        let Flying { leg, source, destination, ref contents, .. } = *flying;
        if flying.to_bot {
            self.bot.handle(self.now, Input::Datagram { leg, source, destination, contents }).unwrap();
        } else if let Ok(contents) = contents.as_slice().try_into() {
            let receive = Receive { proto: Protocol::Udp, source, destination, contents };
            let at = self.instant(self.now);
            self.peers.get_mut(&leg).unwrap().rtc.handle_input(RtcInput::Receive(at, receive)).unwrap();
        }
        self.drain_bot();
        self.drain_peers();
    }

    fn drain_bot(&mut self) -> Mono {
        loop {
            match self.bot.poll_output() {
                Output::Transmit { leg, datagram } => {
                    assert_eq!(datagram.source, bot_address(leg));
                    self.send(leg, false, datagram.source, datagram.destination, datagram.contents);
                }
                Output::Event(event) => self.events.push((self.now, event)),
                Output::Timeout(at) => return at,
            }
        }
    }

    fn drain_peers(&mut self) {
        let legs: Vec<Leg> = self.peers.keys().copied().collect();
        for leg in legs {
            let (mut sent, now, origin) = (Vec::new(), self.now, self.origin);
            let peer = self.peers.get_mut(&leg).unwrap();
            let forward = peer.drain(now, origin, &mut sent);
            for (source, destination, contents) in sent {
                self.send(leg, true, source, destination, contents);
            }
            for (rid, packet) in forward {
                self.forward(leg, rid, packet);
            }
        }
    }

    /// v0 carries the layer on air; a0 every microphone.
    fn forward(&mut self, leg: Leg, rid: Option<Rid>, packet: RtpPacket) {
        let Leg::Publish(camera) = leg else { return };
        let at = self.instant(self.now);
        let peer = self.peers.get_mut(&leg).unwrap();
        let format = peer.format(&packet);
        let (time, payload) = (packet.header.timestamp, packet.payload.clone());
        peer.packets.push(Arrived { at: self.now, rid, time, payload });
        let wanted = format == Format::Opus || (camera, rid) == (self.on_air.0, self.on_air.1.map(Rid::from));
        if let Some(watcher) = self.peers.get_mut(&Leg::Watch).filter(|_| wanted) {
            watcher.write(at, format, &packet);
        }
    }

    fn send(
        &mut self,
        leg: Leg,
        to_bot: bool,
        source: SocketAddr,
        destination: SocketAddr,
        contents: Vec<u8>,
    ) {
        if self.cut || self.rng.between(0, 1_000) < self.loss_permille {
            return;
        }
        self.flown += 1;
        let flying = Flying { leg, to_bot, source, destination, contents };
        self.flying.insert((Mono(self.now.0 + DELAY_US), self.flown), flying);
    }

    pub(crate) fn instant(&self, at: Mono) -> Instant {
        self.origin + Duration::from_micros(at.0)
    }
}

impl Peer {
    fn accept(now: Instant, index: usize, offer: &str) -> (Self, String) {
        let address = SocketAddr::from(([10, 0, 0, 2], 6_000 + u16::try_from(index).unwrap()));
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

    pub(crate) fn ask_key_frame(&mut self, rid: &str) {
        let mid = self.lines.iter().find(|(_, kind)| *kind == MediaKind::Video).unwrap().0;
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx_by_mid(mid, Some(rid.into())).unwrap();
        stream.request_keyframe(KeyframeRequestKind::Pli);
        self.wake = Mono(0);
    }

    fn format(&self, packet: &RtpPacket) -> Format {
        let pt = packet.header.payload_type;
        self.rtc.codec_config().params().iter().find(|p| p.pt() == pt).unwrap().spec().codec
    }

    fn write(&mut self, at: Instant, format: Format, packet: &RtpPacket) {
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

    fn drain(
        &mut self,
        now: Mono,
        origin: Instant,
        sent: &mut Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
    ) -> Vec<(Option<Rid>, RtpPacket)> {
        let mut packets = Vec::new();
        if self.wake == Mono(0) {
            self.rtc.handle_input(RtcInput::Timeout(origin + Duration::from_micros(now.0))).unwrap();
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
