//! What goes to one subscriber. str0m keeps its ICE and its DTLS ([`Control`]); what its slots read ([`slot`]) is sealed by ourselves
//! ([`own`]) where the handshake agreed on AES-GCM, and else by str0m. Both send the same packets under the same numbers.

mod control;
mod own;
mod repair;
mod slot;

use std::collections::VecDeque;
use std::time::Duration;

use base::Mono;
use media::anchor::Numbers;
use media::datagram::{is_media, rtp_ssrc};
use media::given::Index;
use media::slots::Slot;
use service::port::hop::{CloseReason, VideoCodec};
use str0m::media::{Mid, Pt};
use str0m::net::Transmit;
use str0m::{Event, Output};

use crate::egress::batch::{Batch, Sound};
use crate::keys::RingKey;
use crate::ring::{Packet, Rings};
use crate::sdp::{Kind, Line as Offered};
use crate::transport::{Clock, DatagramError, Path, Transport};
use control::Control;
use own::Own;
use slot::{Places, Reader};

/// What a downlink tells.
#[derive(Debug)]
pub(crate) enum Told {
    /// A key frame of that ring is wanted: a slot waits for it, or its receiver lost packets.
    KeyFrameWanted(RingKey),
    /// Loss that the receiver reports, in per mille, about once a second.
    Estimate(u16),
    /// It asks for key frames more often than they help: less is to be sent.
    Struggles,
    /// ICE and DTLS are done.
    Connected,
    /// The transport is gone.
    Closed(CloseReason),
}

/// Packets of a second below which one that is lost says nothing.
const LOSS_PACKETS_MIN: u64 = 20;
/// Loss is told so often.
const ESTIMATE_EVERY: Duration = Duration::from_millis(900);
/// A receiver that asks again so long after a key frame came has not been helped by it.
const PICTURE_HELPS_WITHIN: Duration = Duration::from_millis(500);
/// Packets of pictures that one subscriber is sent in a turn; the others wait for no more than these.
const PICTURE_PACKETS_MAX: usize = 16;
/// A receiver's request for a key frame is passed on so often.
const PICTURE_EVERY: Duration = Duration::from_secs(2);

/// What of a subscriber has its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Sound alone, which is not to wait for pictures of others.
    Sound,
    All,
}

/// What became of a request for a key frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Picture {
    /// Nothing more is to be said of it.
    #[default]
    Done,
    /// It was passed on.
    Wanted,
    /// A key frame came, and goes out.
    Came(Mono),
}

/// A line of the answer, and the slot that it carries.
struct Line {
    slot: Reader,
    mid: Mid,
    ssrc: u32,
    pt: Pt,
    /// What a sound slot sends.
    sound: Option<Sound>,
    /// Packets that had been sent when loss was reported last.
    counted: u64,
    /// What became of its receiver's last request for a key frame.
    picture: Picture,
}

impl Line {
    /// Numbers with which a packet goes out, and the one that it is sealed under; none if it is not to go out.
    #[inline]
    fn number(&mut self, packet: &Packet) -> Option<(Numbers, Index)> {
        if packet.key && self.picture == Picture::Wanted {
            self.picture = Picture::Came(packet.arrived);
        }
        self.slot.number(packet)
    }
}

/// Who seals.
enum Way {
    /// Nobody yet: the handshake is not over.
    Handshaking,
    Str,
    Own(Box<Own>),
}

/// One subscriber.
pub(crate) struct Downlink {
    lines: Vec<Line>,
    way: Way,
    told: VecDeque<Told>,
    /// When a turn is wanted, beside the transport's own time.
    again: Option<Mono>,
    thin: bool,
    /// Loss of the lines that reported since the last estimate, and when it was told.
    loss: Option<(u16, Mono)>,
    /// When its receiver's last request for a key frame was passed on.
    pictured: Option<Mono>,
    control: Box<Control>,
}

impl Downlink {
    pub(crate) fn new(
        clock: Clock,
        now: Mono,
        transport: Transport,
        offered: &[Offered],
        codec: VideoCodec,
        seed: u32,
    ) -> Self {
        let mut control = Box::new(Control::new(clock, now, transport));
        let mut lines = Vec::new();
        let (mut audio, mut video) = (0, 0);
        for line in offered.iter().filter(|l| l.used) {
            let slot = match line.kind {
                Kind::Audio => {
                    audio += 1;
                    Slot::Sound(audio - 1)
                }
                Kind::Video => {
                    video += 1;
                    Slot::Video(video - 1)
                }
                Kind::Other => continue,
            };
            let mid = Mid::from(line.mid.as_str());
            let Some((ssrc, pt)) = control.stream(mid, line.kind, codec) else { continue };
            let seed = seed.wrapping_mul(0x9e37_79b9).wrapping_add(u32::from(audio + 16 * video));
            let slot = Reader::new(slot, ssrc, seed);
            lines.push(Line { slot, mid, ssrc, pt, sound: None, counted: 0, picture: Picture::default() });
        }
        Self {
            lines,
            way: Way::Handshaking,
            told: VecDeque::new(),
            again: None,
            thin: false,
            loss: None,
            pictured: None,
            control,
        }
    }

    /// What a slot carries from now on. A picture goes over at the ring's last key frame or its next one; sound at its next packet.
    pub(crate) fn set(&mut self, slot: Slot, ring: Option<RingKey>) {
        if let Some(line) = self.lines.iter_mut().find(|l| l.slot.slot == slot) {
            line.slot.set(ring);
        }
    }

    /// Its line is thin: loss has lowered what it is given.
    pub(crate) fn thin(&mut self, yes: bool) {
        self.thin = yes;
    }

    /// A datagram under its address. True if only its peer can have sent it; an error never closes it. What answers it is written into `out`.
    pub(crate) fn on_datagram(
        &mut self,
        now: Mono,
        path: Path,
        bytes: &[u8],
        rings: &Rings,
        out: &mut Batch,
    ) -> Result<bool, DatagramError> {
        if matches!(self.way, Way::Own(_)) && is_media(bytes) {
            return Ok(self.on_rtcp(now, path, bytes, rings, out));
        }
        let result = self.control.receive(now, path, bytes);
        self.drain(now, out);
        result
    }

    /// More than STUN may be taken from that address.
    pub(crate) fn validated(&self, now: Mono, path: Path) -> bool {
        self.control.validated(now, path)
    }

    /// Time passes, and packets that came to the rings go out. True if there are more of them for the next turn.
    pub(crate) fn tick(&mut self, now: Mono, rings: &Rings, out: &mut Batch) -> bool {
        let left = self.serve(now, rings, Part::All, out);
        if now >= self.control.deadline() {
            self.control.timeout(now);
            self.drain(now, out);
        }
        left
    }

    /// Packets that came to the rings go out. True if there are more of them for the next turn.
    pub(crate) fn serve(&mut self, now: Mono, rings: &Rings, part: Part, out: &mut Batch) -> bool {
        let heard = self.heard();
        let mut again = None;
        let mut written = false;
        let mut room = PICTURE_PACKETS_MAX;
        let mut left = false;
        for (n, line) in self.lines.iter_mut().enumerate() {
            let sound = line.slot.is_sound();
            if part == Part::Sound && !sound {
                continue;
            }
            let (asks, asks_again) = line.slot.go_over(now, rings, &heard, self.thin);
            self.told.extend(asks.map(Told::KeyFrameWanted));
            again = earlier(again, asks_again);
            let mut unlimited = usize::MAX;
            let room = if sound { &mut unlimited } else { &mut room };
            let turn = line.slot.turn(rings, room);
            left |= line.slot.has_more(rings);
            let Some(turn) = turn else { continue };
            if let Some((ring, _)) = line.slot.reads() {
                line.sound = sound.then(|| Sound { ring, generation: rings.of(ring).generation() });
            }
            match &mut self.way {
                Way::Handshaking => {}
                Way::Str => written |= self.control.write(line, turn),
                Way::Own(own) => own.send(now, n, line, turn, self.control.path(), out),
            }
        }
        if written {
            self.control.timeout(now);
            self.drain(now, out);
        }
        if part == Part::All {
            if let Way::Own(own) = &mut self.way {
                again = earlier(again, own.report(now, &self.lines, self.control.path(), out));
            }
            self.again = again;
        }
        left
    }

    /// What there is to tell, until none.
    pub(crate) fn poll(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    /// When [`tick`](Self::tick) is wanted at the latest.
    pub(crate) fn deadline(&self) -> Mono {
        self.again.map_or(self.control.deadline(), |again| again.min(self.control.deadline()))
    }

    /// Says goodbye to the other side.
    pub(crate) fn close(&mut self, now: Mono, out: &mut Batch) {
        if self.control.close() {
            self.drain(now, out);
        }
    }

    /// How far the voices in its slots have gone out.
    fn heard(&self) -> Places {
        let mut places = self.lines.iter().filter(|line| line.slot.is_sound());
        std::array::from_fn(|_| places.next().and_then(|line| line.slot.reads()))
    }

    fn drain(&mut self, now: Mono, out: &mut Batch) {
        loop {
            match self.control.poll(now) {
                Ok(Output::Timeout(_)) => break,
                Ok(Output::Transmit(transmit)) => self.transmit(&transmit, out),
                Ok(Output::Event(event)) => self.on_event(now, event),
                Err(e) => {
                    tracing::debug!(error = %e, "subscriber's transport failed");
                    self.told.push_back(Told::Closed(CloseReason::Failed));
                    self.control.rest(now);
                    break;
                }
            }
        }
    }

    fn transmit(&mut self, transmit: &Transmit, out: &mut Batch) {
        let Transmit { source: local, destination: remote, contents, .. } = transmit;
        let media = is_media(contents);
        if media && matches!(self.way, Way::Own(_)) {
            // It has no keys, so this cannot be.
            debug_assert!(!media, "str0m sends media on a session that is sealed here");
            return;
        }
        let line = rtp_ssrc(contents).filter(|_| media).and_then(|ssrc| line_of(&self.lines, ssrc));
        let sound = line.and_then(|line| self.lines[line].sound);
        out.push(Path { local: *local, remote: *remote }, contents, sound);
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "str0m's events are open-ended; those not named say nothing here"
    )]
    fn on_event(&mut self, now: Mono, event: Event) {
        match event {
            Event::Connected => self.on_connected(now),
            Event::Closed => self.told.push_back(Told::Closed(CloseReason::Left)),
            Event::KeyframeRequest(request) => {
                let line = self.lines.iter().position(|l| l.mid == request.mid);
                line.into_iter().for_each(|line| self.on_picture_wanted(now, line));
            }
            Event::MediaEgressStats(stats) => {
                let Some(n) = self.lines.iter().position(|l| l.mid == stats.mid) else { return };
                let loss = stats.loss.map(|loss| (loss.clamp(0.0, 1.0) * 1_000.0) as u16);
                self.on_loss(now, n, stats.packets, loss);
            }
            _ => {}
        }
    }

    /// The handshake is over, and the peer is who its offer said it was.
    fn on_connected(&mut self, now: Mono) {
        self.told.push_back(match self.control.way(now, &self.lines) {
            Some(way) => {
                self.way = way;
                Told::Connected
            }
            None => Told::Closed(CloseReason::Failed),
        });
    }

    /// Its receiver wants a key frame. What it asks for more often is too much for its line, unless none came.
    fn on_picture_wanted(&mut self, now: Mono, line: usize) {
        let line = &mut self.lines[line];
        let Some((ring, _)) = line.slot.reads() else { return };
        if self.pictured.is_none_or(|at| now.since(at) >= PICTURE_EVERY) {
            self.pictured = Some(now);
            line.picture = Picture::Wanted;
            self.told.push_back(Told::KeyFrameWanted(ring));
        } else if matches!(line.picture, Picture::Came(at) if now.since(at) >= PICTURE_HELPS_WITHIN) {
            line.picture = Picture::Done;
            self.told.push_back(Told::Struggles);
        }
    }

    /// A line's receiver reports loss, in per mille, after so many packets.
    fn on_loss(&mut self, now: Mono, line: usize, packets: u64, loss: Option<u16>) {
        let line = &mut self.lines[line];
        let sent = packets.saturating_sub(line.counted);
        line.counted = packets;
        let Some(loss) = loss.filter(|_| sent >= LOSS_PACKETS_MIN) else { return };
        let (worst, at) = self.loss.get_or_insert((0, now));
        *worst = (*worst).max(loss);
        if now.since(*at) >= ESTIMATE_EVERY {
            let worst = *worst;
            self.loss = None;
            self.told.push_back(Told::Estimate(worst));
        }
    }
}

fn earlier(a: Option<Mono>, b: Option<Mono>) -> Option<Mono> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Which line sends under that SSRC.
fn line_of(lines: &[Line], ssrc: u32) -> Option<usize> {
    lines.iter().position(|line| line.ssrc == ssrc)
}
