//! Sessions: who they are, how their datagrams find them, and how they begin and end.

use std::collections::BTreeMap;

use base::{ClientId, Mono, Places, SessionId, TokenId};
use media::datagram::is_stun;
use media::layers::LayerCap;
use media::mix::SOUND_SLOTS;
use service::port::hop::{CloseReason, Fact, HopError, Sdp, SessionChange, SessionKind, SessionSpec};
use slotmap::SlotMap;

use super::addresses::{Addresses, Proof, Remotes};
use super::deadlines::Deadlines;
use super::target::MEETINGS_MAX;
use crate::doorman::Taken;
use crate::downlink::Downlink;
use crate::egress::batch::Batch;
use crate::egress::serve::Subscriber;
use crate::keys::{MeetingKey, SessionKey, TrackKey};
use crate::plane::{Plane, guard};
use crate::ring::Rings;
use crate::sdp::Offer;
use crate::transport::{Accepted, DatagramError, Path, Transport};
use crate::uplink::{Heard, Uplink};

/// Sessions that are not connected yet.
pub(crate) const HALF_OPEN_MAX: usize = 2_048;

pub(crate) struct Publisher {
    pub(crate) up: Uplink,
    pub(crate) track: TrackKey,
}

pub(crate) enum Role {
    Publish(Box<Publisher>),
    Watch(Box<Subscriber>),
}

pub(crate) struct Session {
    pub(crate) id: SessionId,
    /// In which role it was asked for.
    asked_by: base::Role,
    pub(crate) meeting: MeetingKey,
    pub(crate) kind: SessionKind,
    pub(crate) client: Option<ClientId>,
    pub(crate) admitted: bool,
    pub(crate) connected: bool,
    pub(crate) opened: Mono,
    token: TokenId,
    /// Its token is good until then.
    pub(crate) until: Mono,
    /// Last datagram that only its peer can have sent.
    pub(crate) heard: Mono,
    ufrag: String,
    pub(crate) remotes: Remotes,
    pub(crate) handshakes_waiting: usize,
    /// What its transport could not understand last.
    pub(crate) trouble: Option<DatagramError>,
    /// The last fatal alert that came in the clear. Anybody may have sent it.
    pub(crate) alert: Option<u8>,
    pub(crate) role: Role,
    /// The last round in which it was sent sound, and pictures.
    pub(crate) heard_round: u64,
    pub(crate) seen_round: u64,
    /// A planted fault: the next datagram panics.
    #[cfg(test)]
    pub(crate) fault: bool,
}

impl Role {
    /// What shows that the peer has sent it: STUN under its user name from an address that ICE has validated, or SRTP that opens.
    pub(crate) fn on_datagram(
        &mut self,
        now: Mono,
        path: Path,
        bytes: &[u8],
        rings: &Rings,
        out: &mut Batch,
    ) -> Result<Option<Proof>, DatagramError> {
        let opened = match self {
            Self::Publish(p) => p.up.on_datagram(now, path, bytes),
            Self::Watch(s) => s.down.on_datagram(now, path, bytes, rings, out),
        }?;
        let stun = || is_stun(bytes) && self.validated(now, path);
        Ok(if opened { Some(Proof::Opened) } else { stun().then_some(Proof::Stun) })
    }

    pub(crate) fn validated(&self, now: Mono, path: Path) -> bool {
        match self {
            Self::Publish(p) => p.up.validated(now, path),
            Self::Watch(s) => s.down.validated(now, path),
        }
    }

    /// Time passes. True if there is more to be sent.
    pub(crate) fn tick(&mut self, now: Mono, rings: &Rings, out: &mut Batch) -> bool {
        match self {
            Self::Publish(p) => {
                p.up.tick(now);
                false
            }
            Self::Watch(s) => s.down.tick(now, rings, out),
        }
    }

    pub(crate) fn deadline(&self) -> Mono {
        match self {
            Self::Publish(p) => p.up.deadline(),
            Self::Watch(s) => s.down.deadline(),
        }
    }

    pub(crate) fn close(&mut self, now: Mono, out: &mut Batch) {
        match self {
            Self::Publish(p) => p.up.close(now),
            Self::Watch(s) => s.down.close(now, out),
        }
    }
}

/// All sessions, and the tables by which their datagrams find them.
pub(crate) struct Sessions {
    pub(crate) places: Places,
    pub(crate) all: SlotMap<SessionKey, Box<Session>>,
    pub(crate) keys: BTreeMap<SessionId, SessionKey>,
    pub(crate) deadlines: Deadlines,
    /// Working space: sessions whose turn it is.
    pub(crate) turn: Vec<SessionKey>,
    last_id: u64,
    pub(crate) half_open: Places,
    pub(crate) ufrags: BTreeMap<String, SessionKey>,
    pub(crate) addresses_of: Addresses,
}

impl Sessions {
    /// None yet; `max` at one time.
    pub(crate) fn new(max: usize) -> Self {
        Self {
            places: Places::new(max),
            all: SlotMap::with_key(),
            keys: BTreeMap::new(),
            deadlines: Deadlines::default(),
            turn: Vec::new(),
            last_id: 0,
            half_open: Places::new(HALF_OPEN_MAX),
            ufrags: BTreeMap::new(),
            addresses_of: Addresses::default(),
        }
    }
}

impl Plane {
    /// Opens a session, whose offer the [doorman](crate::doorman) took: its id and the answer.
    ///
    /// # Errors
    /// Names the limit that is reached.
    pub(crate) fn open(
        &mut self,
        now: Mono,
        spec: SessionSpec,
        taken: Taken,
    ) -> Result<(SessionId, Sdp), HopError> {
        let asked_by = spec.role;
        if !self.sessions.places.has(asked_by, &spec.token)
            || !self.sessions.half_open.has(asked_by, &spec.token)
        {
            return Err(HopError::Full(asked_by));
        }
        let Taken { offer, accepted: Accepted { transport, ufrag, answer } } = taken;
        let meeting = self.meeting(now, &spec.meeting).ok_or(HopError::MeetingsFull(MEETINGS_MAX))?;
        self.set_codec(now, meeting, spec.codec);
        self.sessions.last_id += 1;
        let id = SessionId(self.sessions.last_id);
        let role = self.role(now, meeting, &spec, transport, &offer).ok_or(HopError::Full(asked_by))?;
        self.sessions.places.note(asked_by, &spec.token);
        self.sessions.half_open.note(asked_by, &spec.token);
        let session = Session {
            id,
            asked_by,
            meeting,
            kind: spec.kind,
            client: spec.client,
            admitted: spec.admitted,
            connected: false,
            opened: now,
            token: spec.token,
            until: now + spec.good_for,
            heard: now,
            ufrag: ufrag.clone(),
            remotes: Remotes::default(),
            handshakes_waiting: 0,
            trouble: None,
            alert: None,
            role,
            heard_round: 0,
            seen_round: 0,
            #[cfg(test)]
            fault: false,
        };
        let number = self.sessions.all.insert(Box::new(session));
        self.sessions.keys.insert(id, number);
        self.sessions.ufrags.insert(ufrag, number);
        self.sessions.deadlines.set(number, now);
        Ok((id, Sdp(answer)))
    }

    pub(crate) fn role(
        &mut self,
        now: Mono,
        meeting: MeetingKey,
        spec: &SessionSpec,
        transport: Transport,
        offer: &Offer,
    ) -> Option<Role> {
        match &spec.kind {
            SessionKind::Publish { source, venue } => {
                let track = self.ingress.track(meeting, source)?;
                let voice = self.ingress.voice(meeting, venue)?;
                if self.ingress.meetings[meeting].gates.applied().is_none() {
                    // No target has said yet whose it is.
                    self.ingress.tracks[track].voice = Some(voice);
                }
                let up = Uplink::new(self.clock, now, transport.rtc, &offer.lines);
                Some(Role::Publish(Box::new(Publisher { up, track })))
            }
            SessionKind::Watch { venue, .. } => {
                let own = match venue {
                    Some(venue) => Some(self.ingress.voice(meeting, venue)?),
                    None => None,
                };
                let seed = (self.sessions.last_id as u32).wrapping_mul(0x85eb_ca6b) ^ now.0 as u32;
                let down = Downlink::new(self.clock, now, transport, &offer.lines, spec.codec, seed);
                Some(Role::Watch(Box::new(Subscriber {
                    down,
                    own,
                    cap: LayerCap::default(),
                    mix: [None; SOUND_SLOTS],
                    reads: Vec::new(),
                })))
            }
        }
    }

    /// Video may flow to that session from now on (R10).
    pub(crate) fn admit(&mut self, id: SessionId) {
        let Some(number) = self.sessions.keys.get(&id) else { return };
        if let Some(session) = self.sessions.all.get_mut(*number) {
            session.admitted = true;
            self.egress.assign_anew(*number);
        }
    }

    /// Closes a session.
    pub(crate) fn close(&mut self, now: Mono, id: SessionId, why: CloseReason) {
        if let Some(number) = self.sessions.keys.get(&id).copied() {
            self.close_session(now, number, why);
        }
    }

    /// Closes all sessions that were opened with that token.
    pub(crate) fn close_token(&mut self, now: Mono, token: &TokenId) {
        let of = self.sessions.all.iter().filter(|(_, session)| session.token == *token);
        for number in of.map(|(number, _)| number).collect::<Vec<_>>() {
            self.close_session(now, number, CloseReason::LinkEnded);
        }
    }

    /// The next datagram of that session panics.
    #[cfg(test)]
    pub(crate) fn plant_fault(&mut self, id: SessionId) {
        let number = self.sessions.keys[&id];
        if let Some(session) = self.sessions.all.get_mut(number) {
            session.fault = true;
        }
    }

    /// Ends all sessions.
    pub(crate) fn end(&mut self, now: Mono) {
        for number in self.sessions.all.keys().collect::<Vec<_>>() {
            self.close_session(now, number, CloseReason::Ended);
        }
    }

    pub(crate) fn on_connected(&mut self, now: Mono, number: SessionKey) {
        let Some(session) = self.sessions.all.get_mut(number) else { return };
        if session.connected {
            return;
        }
        session.connected = true;
        self.sessions.half_open.give_back(session.asked_by, &session.token);
        self.tell_session(number, SessionChange::Connected);
        let Some(session) = self.sessions.all.get(number) else { return };
        match &session.role {
            Role::Publish(publisher) => {
                let track = publisher.track;
                self.adopt(now, number, track);
            }
            Role::Watch(_) => self.egress.assign_anew(number),
        }
    }

    /// The newest session of a source wins; the one before is told so, unless it is the same client that came back.
    pub(crate) fn adopt(&mut self, now: Mono, number: SessionKey, track: TrackKey) {
        let old = self.ingress.tracks[track].session.filter(|old| *old != number);
        if let Some((old, before)) = old.and_then(|old| Some((old, self.sessions.all.get(old)?))) {
            let Some(newer) = self.sessions.all.get(number) else { return };
            if before.id > newer.id {
                return self.close_session(now, number, CloseReason::Replaced);
            }
            let same = newer.client.is_some() && newer.client == before.client;
            self.close_session(now, old, if same { CloseReason::Left } else { CloseReason::Replaced });
        }
        self.ingress.tracks[track].adopt(number);
    }

    pub(crate) fn tell_session(&mut self, number: SessionKey, change: SessionChange) {
        let Some(session) = self.sessions.all.get(number) else { return };
        let (meeting, client, kind) = (session.meeting, session.client.clone(), session.kind.clone());
        self.tell(meeting, Fact::Session { session: session.id, client, kind, change });
    }

    /// Ends a session, and with it all that the tables know of it.
    pub(crate) fn close_session(&mut self, now: Mono, number: SessionKey, why: CloseReason) {
        self.tell_session(number, SessionChange::Closed(why));
        let Some(mut session) = self.sessions.all.remove(number) else { return };
        if why != CloseReason::Failed {
            self.say_goodbye(now, &mut session);
        }
        tracing::debug!(session = %session.id, ?why, "session closed");
        self.sessions.keys.remove(&session.id);
        self.sessions.ufrags.remove(&session.ufrag);
        self.sessions.addresses_of.leave(&session.remotes, number);
        self.sessions.deadlines.remove(number);
        self.sessions.places.give_back(session.asked_by, &session.token);
        if !session.connected {
            self.sessions.half_open.give_back(session.asked_by, &session.token);
        }
        match &session.role {
            Role::Publish(publisher) => {
                let track = &mut self.ingress.tracks[publisher.track];
                if track.session == Some(number) {
                    track.session = None;
                }
            }
            Role::Watch(subscriber) => self.egress.leave(number, subscriber),
        }
    }

    pub(crate) fn say_goodbye(&mut self, now: Mono, session: &mut Session) {
        if guard(|| session.role.close(now, &mut self.tell.batch)).is_none() {
            return;
        }
        if let Role::Publish(publisher) = &mut session.role {
            while let Some(heard) = publisher.up.poll() {
                if let Heard::Transmit(t) = heard {
                    self.tell.send(&t);
                }
            }
        }
    }
}
