//! A hop of a few lines, and a network in memory with delay, loss and virtual time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base::Mono;
use base::random::Random;
use bots::{Bot, BotEvent, BotSpec, HALL, Input, Leg, Output, Picture};
use str0m::format::Codec as Format;
use str0m::media::Rid;
use str0m::rtp::RtpPacket;
use wire::Codec;

use crate::peer::{Arrived, Peer};

const DELAY_US: u64 = 4_000;

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
    rng: Random,
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
    BotSpec { number, codec, picture: Picture::Room, hostile, lines: HALL, seed: 5 }
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
            rng: Random::new(99),
            flying: BTreeMap::new(),
            flown: 0,
        }
    }

    /// Opens a session over a signalling that never fails. Gives the offer.
    pub(crate) fn connect(&mut self, leg: Leg) -> String {
        let offer = self.bot.open(self.now, leg, bot_address(leg)).unwrap();
        let port = 6_000 + u16::try_from(self.peers.len()).unwrap();
        let address = SocketAddr::from(([10, 0, 0, 2], port));
        let (peer, answer) = Peer::accept(self.instant(self.now), address, &offer);
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
        let peers = self.peers.values().map(Peer::wake).min().unwrap_or(end);
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
        for peer in self.peers.values_mut().filter(|p| p.wake() <= self.now) {
            peer.timeout(at);
        }
        true
    }

    fn deliver(&mut self, flying: &Flying) {
        let Flying { leg, source, destination, ref contents, .. } = *flying;
        if flying.to_bot {
            self.bot.handle(self.now, Input::Datagram { leg, source, destination, contents }).unwrap();
        } else {
            let at = self.instant(self.now);
            self.peers.get_mut(&leg).unwrap().receive(at, source, contents);
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
        if self.cut || self.rng.chance(self.loss_permille) {
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
