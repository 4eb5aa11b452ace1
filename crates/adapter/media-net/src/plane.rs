//! The media plane as a machine without IO: datagrams, commands and time go in; datagrams and reports come out.
//!
//! `on_datagram`, `open`, `apply` and the like, then [`Plane::tick`], then [`Plane::poll_output`] until none; again at
//! [`Plane::deadline`]. Sessions are told apart by own tables: STUN by the user name, all else by addresses that ICE has validated.

mod commands;
mod forward;
mod upkeep;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{ClientId, Epoch, MeetingId, Mono, SessionId};
use media::layers::LayerCap;
use media::mix::SOUND_SLOTS;
use service::port::hop::{CloseReason, Fact, HopReport, SessionChange, SessionKind, VideoCodec, What};
use slotmap::{SecondaryMap, SlotMap};
use str0m::config::DtlsCert;
use str0m::net::Transmit;

use crate::downlink::{Downlink, Told};
use crate::dtls;
use crate::keys::{MeetingKey, RingKey, SessionKey, TrackKey, VoiceKey};
use crate::meeting::{Meeting, Venue};
use crate::ring::{Owner, Rings};
use crate::slate::payloads;
use crate::track::Track;
use crate::transport::{Clock, Path, certificate, stun_local_ufrag};
use crate::uplink::{Heard, Uplink};

/// DTLS datagrams of unfinished handshakes that one tick takes: each costs up to 0.13 ms of a core, so about 2 ms.
const HANDSHAKES_PER_TICK_MAX: usize = 15;
/// Handshake datagrams that wait for their tick; more are dropped, and DTLS sends them again.
const HANDSHAKES_WAITING_MAX: usize = HALF_OPEN_MAX * HANDSHAKES_OF_ONE_MAX;
/// Those of one session: a flight of a client, and one that it sent again.
const HANDSHAKES_OF_ONE_MAX: usize = 8;
/// Sessions that are not connected yet.
const HALF_OPEN_MAX: usize = 2_048;
/// Addresses that ICE may validate for one session.
const ADDRESSES_MAX: usize = 8;
/// An address stays its session's for so long after the last datagram from there that its peer alone can have sent. A STUN request shows
/// no more than that its sender knows a session's password, so a forged one must not take what another session is using.
const ADDRESS_KEPT: Duration = Duration::from_secs(3);
/// Time between two rounds over all subscribers: least, and most under load.
const TICK_MIN: Duration = Duration::from_millis(1);
const TICK_MAX: Duration = Duration::from_millis(5);

/// The codecs that a meeting may have, in the order of their slates.
const CODECS: [VideoCodec; 2] = [VideoCodec::Vp8, VideoCodec::H264];

/// What comes out.
#[derive(Debug)]
pub(crate) enum Output {
    /// A datagram to send.
    Transmit(Transmit),
    /// A report for control.
    Report(HopReport),
}

/// Whose datagrams come from an address.
#[derive(Debug, Clone, Copy)]
struct Holder {
    number: SessionKey,
    /// Last datagram from there that its peer alone can have sent.
    heard: Mono,
}

/// A datagram of a session's handshake that waits for its tick.
struct Handshake {
    number: SessionKey,
    path: Path,
    bytes: Vec<u8>,
}

/// One subscriber.
pub(crate) struct Subscriber {
    pub(crate) down: Box<dyn Downlink>,
    pub(crate) own: Option<VoiceKey>,
    pub(crate) cap: LayerCap,
    pub(crate) mix: [Option<VoiceKey>; SOUND_SLOTS],
}

pub(crate) struct Publisher {
    pub(crate) up: Uplink,
    pub(crate) track: TrackKey,
    pub(crate) voice: VoiceKey,
}

pub(crate) enum Role {
    Publish(Box<Publisher>),
    Watch(Subscriber),
}

pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) meeting: MeetingKey,
    pub(crate) kind: SessionKind,
    pub(crate) client: Option<ClientId>,
    pub(crate) admitted: bool,
    pub(crate) connected: bool,
    pub(crate) opened: Mono,
    /// Last datagram that its peer alone can have sent.
    pub(crate) heard: Mono,
    ufrag: String,
    addresses: Vec<SocketAddr>,
    handshakes_waiting: usize,
    /// What its transport could not understand last.
    pub(crate) trouble: Option<String>,
    pub(crate) role: Role,
    /// A planted fault: the next datagram panics.
    #[cfg(test)]
    pub(crate) fault: bool,
}

impl Role {
    /// True if the peer alone can have sent it: STUN under its user name from an address that ICE has validated, or SRTP that opens.
    fn on_datagram(&mut self, now: Mono, path: Path, bytes: &[u8]) -> Result<bool, String> {
        let opened = match self {
            Self::Publish(p) => p.up.on_datagram(now, path, bytes),
            Self::Watch(s) => s.down.on_datagram(now, path, bytes),
        }?;
        Ok(opened || is_stun(bytes) && self.validated(now, path))
    }

    fn validated(&self, now: Mono, path: Path) -> bool {
        match self {
            Self::Publish(p) => p.up.validated(now, path),
            Self::Watch(s) => s.down.validated(now, path),
        }
    }

    fn tick(&mut self, now: Mono, rings: &Rings) {
        match self {
            Self::Publish(p) => p.up.tick(now),
            Self::Watch(s) => s.down.tick(now, rings),
        }
    }

    fn deadline(&self) -> Mono {
        match self {
            Self::Publish(p) => p.up.deadline(),
            Self::Watch(s) => s.down.deadline(),
        }
    }

    fn close(&mut self, now: Mono) {
        match self {
            Self::Publish(p) => p.up.close(now),
            Self::Watch(s) => s.down.close(now),
        }
    }
}

/// The machine.
pub(crate) struct Plane {
    clock: Clock,
    addresses: Vec<SocketAddr>,
    sessions_max: usize,
    cert: Option<DtlsCert>,
    pub(crate) rings: Rings,
    pub(crate) tracks: SlotMap<TrackKey, Track>,
    pub(crate) venues: SlotMap<VoiceKey, Venue>,
    pub(crate) meetings: SlotMap<MeetingKey, Meeting>,
    meeting_keys: BTreeMap<MeetingId, MeetingKey>,
    /// Epochs of meetings that were forgotten.
    forgotten: BTreeMap<MeetingId, Epoch>,
    sessions: SlotMap<SessionKey, Box<Session>>,
    session_keys: BTreeMap<SessionId, SessionKey>,
    last_id: u64,
    half_open: usize,
    ufrags: BTreeMap<String, SessionKey>,
    by_address: BTreeMap<SocketAddr, Holder>,
    deadlines: SecondaryMap<SessionKey, Mono>,
    /// Working space: sessions whose turn it is.
    turn: Vec<SessionKey>,
    /// Tracks of the slate, VP8 and H.264, and the payloads of its key frame.
    slates: [TrackKey; 2],
    slate_payloads: [Vec<Arc<[u8]>>; 2],
    slate_at: Mono,
    slate_seq: [u64; 2],
    silence: RingKey,
    silence_at: Mono,
    silence_seq: u64,
    /// Layers of which a key frame is wanted.
    asks: BTreeSet<(TrackKey, u8)>,
    handshakes: VecDeque<Handshake>,
    handshakes_spent: usize,
    /// Packets wait for the round over all subscribers.
    work: bool,
    round_at: Mono,
    /// Time between two rounds now.
    beat: Duration,
    house_at: Mono,
    levels_at: Mono,
    second_at: Mono,
    in_bytes: u64,
    out_bytes: u64,
    scratch: Vec<u8>,
    out: VecDeque<Output>,
}

impl std::fmt::Debug for Plane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plane").field("sessions", &self.sessions.len()).finish_non_exhaustive()
    }
}

impl Plane {
    /// A machine whose clock begins at `start` and that offers `addresses` to its peers.
    pub(crate) fn new(start: Instant, addresses: Vec<SocketAddr>, sessions_max: usize) -> Self {
        let mut rings = Rings::default();
        let silence = rings.add(Owner::Sound);
        let mut tracks = SlotMap::with_key();
        let slates = CODECS.map(|codec| tracks.insert_with_key(|key| Track::slate(key, codec, &mut rings)));
        Self {
            clock: Clock(start),
            addresses,
            sessions_max,
            cert: certificate(),
            rings,
            tracks,
            venues: SlotMap::with_key(),
            meetings: SlotMap::with_key(),
            meeting_keys: BTreeMap::new(),
            forgotten: BTreeMap::new(),
            sessions: SlotMap::with_key(),
            session_keys: BTreeMap::new(),
            last_id: 0,
            half_open: 0,
            ufrags: BTreeMap::new(),
            by_address: BTreeMap::new(),
            deadlines: SecondaryMap::new(),
            turn: Vec::new(),
            slates,
            slate_payloads: CODECS.map(payloads),
            slate_at: Mono(0),
            slate_seq: [0; 2],
            silence,
            silence_at: Mono(0),
            silence_seq: 0,
            asks: BTreeSet::new(),
            handshakes: VecDeque::new(),
            handshakes_spent: 0,
            work: false,
            round_at: Mono(0),
            beat: TICK_MIN,
            house_at: Mono(0),
            levels_at: Mono(0),
            second_at: Mono(0),
            in_bytes: 0,
            out_bytes: 0,
            scratch: Vec::with_capacity(2_048),
            out: VecDeque::new(),
        }
    }

    /// A datagram came. Anything that no session owns is dropped.
    pub(crate) fn on_datagram(&mut self, now: Mono, path: Path, bytes: &[u8]) {
        self.in_bytes += bytes.len() as u64;
        let Some(first) = bytes.first() else { return };
        let number = if is_stun(bytes) {
            stun_local_ufrag(bytes).and_then(|ufrag| self.ufrags.get(ufrag)).copied()
        } else {
            self.by_address.get(&path.remote).map(|holder| holder.number)
        };
        let Some(number) = number else { return };
        let handshake = (20..64).contains(first) && self.sessions.get(number).is_some_and(|s| !s.connected);
        if handshake {
            if self.handshakes_spent >= HANDSHAKES_PER_TICK_MAX {
                return self.put_off(number, path, bytes);
            }
            self.handshakes_spent += 1;
        }
        self.feed(now, number, path, bytes);
    }

    /// A handshake waits for its tick. Each session has places of its own, so that none can take those of the others.
    fn put_off(&mut self, number: SessionKey, path: Path, bytes: &[u8]) {
        let Some(session) = self.sessions.get_mut(number) else { return };
        if session.handshakes_waiting < HANDSHAKES_OF_ONE_MAX
            && self.handshakes.len() < HANDSHAKES_WAITING_MAX
        {
            session.handshakes_waiting += 1;
            self.handshakes.push_back(Handshake { number, path, bytes: bytes.to_vec() });
        }
    }

    /// Time passes: what is due is done.
    pub(crate) fn tick(&mut self, now: Mono) {
        self.handshakes_spent = 0;
        self.take_handshakes(now);
        let mut turn = std::mem::take(&mut self.turn);
        turn.extend(self.deadlines.iter().filter(|(_, at)| **at <= now).map(|(number, _)| number));
        for number in turn.drain(..) {
            self.tick_session(now, number);
        }
        self.turn = turn;
        self.upkeep(now);
        self.ask_key_frames(now);
        if self.work && now >= self.round_at {
            self.round(now);
        }
    }

    /// What the last tick cost. Rounds come further apart when they cost much, so that each carries more packets for the same work.
    pub(crate) fn pace(&mut self, cost: Duration) {
        self.beat = ((self.beat * 7 + cost * 2) / 8).clamp(TICK_MIN, TICK_MAX);
    }

    /// What came of it, until none.
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When [`tick`](Self::tick) is wanted at the latest.
    pub(crate) fn deadline(&self) -> Mono {
        let mut at = self.house_at;
        if self.work {
            at = at.min(self.round_at);
        }
        if !self.handshakes.is_empty() {
            at = Mono(0);
        }
        at = at.min(self.silence_at);
        self.deadlines.values().fold(at, |at, d| at.min(*d))
    }

    fn take_handshakes(&mut self, now: Mono) {
        while self.handshakes_spent < HANDSHAKES_PER_TICK_MAX {
            let Some(Handshake { number, path, bytes }) = self.handshakes.pop_front() else { break };
            if let Some(session) = self.sessions.get_mut(number) {
                session.handshakes_waiting -= 1;
                self.handshakes_spent += 1;
                self.feed(now, number, path, &bytes);
            }
        }
    }

    fn feed(&mut self, now: Mono, number: SessionKey, path: Path, bytes: &[u8]) {
        let Some(session) = self.sessions.get_mut(number) else { return };
        let fed = guard(|| {
            #[cfg(test)]
            assert!(!session.fault, "the planted fault");
            session.role.on_datagram(now, path, bytes)
        });
        match fed {
            None => return self.close_session(now, number, CloseReason::Failed),
            Some(Ok(true)) => {
                session.heard = now;
                self.heard_from(now, number, path.remote, is_stun(bytes));
            }
            Some(Ok(false)) => {}
            Some(Err(error)) => {
                tracing::debug!(session = %session.id, %error, "datagram not understood");
                if let Some(alert) = dtls::fatal_alert(bytes).filter(|_| !session.connected) {
                    tracing::info!(
                        session = %session.id,
                        alert,
                        "the peer ended its DTLS handshake, as one does whose certificate is RSA and not ECDSA P-256"
                    );
                    return self.close_session(now, number, CloseReason::NoHandshake);
                }
                session.trouble = Some(error);
            }
        }
        self.settle(now, number);
    }

    /// A session's peer was heard from an address. By STUN it gets that address, or has it put back, unless another session uses it.
    fn heard_from(&mut self, now: Mono, number: SessionKey, address: SocketAddr, stun: bool) {
        match self.by_address.get_mut(&address) {
            Some(holder) if holder.number == number => return holder.heard = now,
            Some(holder) if !stun || now.since(holder.heard) < ADDRESS_KEPT => return,
            Some(_) | None => {}
        }
        let Some(session) = self.sessions.get_mut(number) else { return };
        if !session.addresses.contains(&address) {
            if session.addresses.len() == ADDRESSES_MAX {
                let oldest = session.addresses.remove(0);
                if self.by_address.get(&oldest).is_some_and(|holder| holder.number == number) {
                    self.by_address.remove(&oldest);
                }
            }
            session.addresses.push(address);
        }
        self.by_address.insert(address, Holder { number, heard: now });
    }

    fn tick_session(&mut self, now: Mono, number: SessionKey) {
        let Some(session) = self.sessions.get_mut(number) else { return };
        if guard(|| session.role.tick(now, &self.rings)).is_none() {
            return self.close_session(now, number, CloseReason::Failed);
        }
        self.settle(now, number);
    }

    /// Takes what a session tells, until it has nothing more.
    fn settle(&mut self, now: Mono, number: SessionKey) {
        while let Some(session) = self.sessions.get_mut(number) {
            match &mut session.role {
                Role::Publish(publisher) => {
                    let (track, voice) = (publisher.track, publisher.voice);
                    let Some(heard) = publisher.up.poll() else { break };
                    match heard {
                        Heard::Transmit(t) => self.send(t),
                        Heard::Packet(packet) => self.on_packet(now, number, track, voice, packet),
                        Heard::Connected => self.on_connected(now, number),
                        Heard::Closed(why) => self.close_session(now, number, why),
                    }
                }
                Role::Watch(subscriber) => {
                    let Some(told) = subscriber.down.poll() else { break };
                    self.on_told(now, number, told);
                }
            }
        }
        if let Some(session) = self.sessions.get(number) {
            self.deadlines.insert(number, session.role.deadline());
        }
    }

    fn on_told(&mut self, now: Mono, number: SessionKey, told: Told) {
        match told {
            Told::Transmit(t) => self.send(t),
            Told::KeyFrameWanted(ring) => self.want(ring),
            Told::Estimate(loss) => self.on_estimate(now, number, loss),
            Told::Connected => self.on_connected(now, number),
            Told::Closed(why) => self.close_session(now, number, why),
        }
    }

    fn send(&mut self, transmit: Transmit) {
        self.out_bytes += transmit.contents.len() as u64;
        self.out.push_back(Output::Transmit(transmit));
    }

    fn tell(&mut self, meeting: MeetingKey, what: impl Into<What>) {
        let Some(meeting) = self.meetings.get(meeting) else { return };
        let report = HopReport::Of { meeting: meeting.id.clone(), what: what.into() };
        self.out.push_back(Output::Report(report));
    }

    fn on_connected(&mut self, now: Mono, number: SessionKey) {
        let Some(session) = self.sessions.get_mut(number) else { return };
        if session.connected {
            return;
        }
        session.connected = true;
        self.half_open = self.half_open.saturating_sub(1);
        self.tell_session(number, SessionChange::Connected);
        let Some(session) = self.sessions.get(number) else { return };
        match &session.role {
            Role::Publish(publisher) => {
                let track = publisher.track;
                self.adopt(now, number, track);
            }
            Role::Watch(_) => {
                self.meetings[session.meeting].stale = true;
                self.work = true;
            }
        }
    }

    /// The newest session of a source wins; the one before is told so, unless it is the same client that came back.
    fn adopt(&mut self, now: Mono, number: SessionKey, track: TrackKey) {
        let old = self.tracks[track].session.filter(|old| *old != number);
        if let Some((old, before)) = old.and_then(|old| Some((old, self.sessions.get(old)?))) {
            let Some(newer) = self.sessions.get(number) else { return };
            if before.id > newer.id {
                return self.close_session(now, number, CloseReason::Replaced);
            }
            let same = newer.client.is_some() && newer.client == before.client;
            self.close_session(now, old, if same { CloseReason::Left } else { CloseReason::Replaced });
        }
        self.tracks[track].adopt(number);
    }

    fn tell_session(&mut self, number: SessionKey, change: SessionChange) {
        let Some(session) = self.sessions.get(number) else { return };
        let (meeting, client, kind) = (session.meeting, session.client.clone(), session.kind.clone());
        self.tell(meeting, Fact::Session { session: session.id, client, kind, change });
    }

    /// Ends a session, and with it all that the tables know of it.
    fn close_session(&mut self, now: Mono, number: SessionKey, why: CloseReason) {
        self.tell_session(number, SessionChange::Closed(why));
        let Some(mut session) = self.sessions.remove(number) else { return };
        if why != CloseReason::Failed {
            self.say_goodbye(now, &mut session);
        }
        tracing::debug!(session = %session.id, ?why, "session closed");
        self.session_keys.remove(&session.id);
        self.ufrags.remove(&session.ufrag);
        self.by_address.retain(|_, holder| holder.number != number);
        self.deadlines.remove(number);
        if !session.connected {
            self.half_open = self.half_open.saturating_sub(1);
        }
        if let Role::Publish(publisher) = &session.role {
            let track = &mut self.tracks[publisher.track];
            if track.session == Some(number) {
                track.session = None;
            }
        }
    }

    fn say_goodbye(&mut self, now: Mono, session: &mut Session) {
        if guard(|| session.role.close(now)).is_none() {
            return;
        }
        match &mut session.role {
            Role::Publish(publisher) => {
                while let Some(heard) = publisher.up.poll() {
                    if let Heard::Transmit(t) = heard {
                        self.send(t);
                    }
                }
            }
            Role::Watch(subscriber) => {
                while let Some(told) = subscriber.down.poll() {
                    if let Told::Transmit(t) = told {
                        self.send(t);
                    }
                }
            }
        }
    }
}

/// STUN, and neither DTLS nor SRTP (RFC 7983).
fn is_stun(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| *first < 2)
}

/// Runs what belongs to one session; a panic in it is answered with none, and costs that session alone.
fn guard<R>(work: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
