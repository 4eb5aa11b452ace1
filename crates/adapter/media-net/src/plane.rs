//! The media plane as a machine without IO: datagrams, commands and time go in; datagrams and reports come out.
//!
//! `on_datagram`, `open`, `apply` and the like, then [`Plane::tick`], then [`Plane::serve`] until it has nothing left, and [`Plane::poll_report`]
//! until none; again at [`Plane::deadline`]. What stands in [`Plane::batch`] is sent between. This is the order of its turns; the parts are in [conductor](crate::conductor) and [egress](crate::egress).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use base::Mono;
use media::datagram::{is_dtls, is_stun};
use service::port::hop::{CloseReason, HopReport, VideoCodec};
use slotmap::SlotMap;

use crate::conductor::handshake::Handshakes;
use crate::conductor::ingress::Ingress;
use crate::conductor::keyframes::KeyFrames;
use crate::conductor::sessions::{Role, Sessions};
use crate::conductor::slate::Slate;
use crate::conductor::tell::Tell;
use crate::downlink::Told;
use crate::egress::batch::{Batch, Sound};
use crate::egress::serve::Egress;
use crate::keys::SessionKey;
use crate::ring::{Owner, Rings};
use crate::track::Track;
use crate::transport::{Clock, Path};
use crate::uplink::Heard;

/// The codecs that a meeting may have, in the order of their slates.
pub(crate) const CODECS: [VideoCodec; 2] = [VideoCodec::Vp8, VideoCodec::H264];

/// The machine.
pub(crate) struct Plane {
    pub(crate) clock: Clock,
    pub(crate) sessions: Sessions,
    pub(crate) handshakes: Handshakes,
    pub(crate) ingress: Ingress,
    pub(crate) keyframes: KeyFrames,
    pub(crate) slate: Slate,
    pub(crate) tell: Tell,
    pub(crate) egress: Egress,
    pub(crate) house_at: Mono,
}

impl std::fmt::Debug for Plane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plane").field("sessions", &self.sessions.all.len()).finish_non_exhaustive()
    }
}

impl Plane {
    /// A machine whose clock begins at `start`.
    pub(crate) fn new(start: Instant, sessions_max: usize) -> Self {
        let mut rings = Rings::default();
        let silence = rings.add(Owner::Sound);
        let mut tracks = SlotMap::with_key();
        let slates = CODECS.map(|codec| tracks.insert_with_key(|key| Track::slate(key, codec, &mut rings)));
        Self {
            clock: Clock(start),
            sessions: Sessions::new(sessions_max),
            handshakes: Handshakes::default(),
            ingress: Ingress::new(rings, tracks),
            keyframes: KeyFrames::default(),
            slate: Slate::new(slates, silence),
            tell: Tell::default(),
            egress: Egress::default(),
            house_at: Mono(0),
        }
    }

    /// A datagram came. Anything that no session owns is dropped, and what is too much of one session.
    pub(crate) fn on_datagram(&mut self, now: Mono, path: Path, bytes: &[u8]) {
        self.tell.in_bytes += bytes.len() as u64;
        if bytes.is_empty() {
            return;
        }
        let Some(number) = self.sessions.owner(path, bytes) else { return };
        let Some(session) = self.sessions.all.get_mut(number) else { return };
        if is_stun(bytes) {
            if session.remotes.reads(now, path.remote) {
                self.feed(now, number, path, bytes);
            }
        } else if is_dtls(bytes) && !session.connected {
            self.on_handshake(now, number, path, bytes);
        } else {
            self.feed(now, number, path, bytes);
        }
    }

    /// Time passes: what is due is done.
    pub(crate) fn tick(&mut self, now: Mono) {
        self.handshakes.begin();
        self.take_handshakes(now);
        let mut turn = std::mem::take(&mut self.sessions.turn);
        turn.extend(self.sessions.deadlines.due(now));
        for number in turn.drain(..) {
            self.tick_session(now, number);
        }
        self.sessions.turn = turn;
        self.upkeep(now);
        self.ask_key_frames(now);
        if self.egress.is_due(now, &self.ingress.rings) {
            self.begin_round(now);
        }
    }

    /// Somebody has sound to come, and [`serve`](Self::serve) is to be called until not, before anything more comes in.
    pub(crate) fn is_hearing(&self) -> bool {
        self.egress.is_hearing()
    }

    /// What the last tick cost.
    pub(crate) fn pace(&mut self, cost: Duration) {
        self.egress.pace(cost);
    }

    /// Datagrams to send; who sends them [clears](Batch::clear) it.
    pub(crate) fn batch(&mut self) -> &mut Batch {
        &mut self.tell.batch
    }

    /// Sound of a gate that has changed since.
    pub(crate) fn is_past(&self, sound: Sound) -> bool {
        self.ingress.rings.is_past(sound)
    }

    /// So many datagrams were given up, since the kernel had no room for them.
    pub(crate) fn given_up(&mut self, datagrams: u64) {
        self.tell.given_up += datagrams;
    }

    /// What is told to control, until none.
    pub(crate) fn poll_report(&mut self) -> Option<HopReport> {
        self.tell.reports.pop_front()
    }

    /// When [`tick`](Self::tick) is wanted at the latest.
    pub(crate) fn deadline(&self) -> Mono {
        if self.handshakes.wait() || self.egress.is_under_way() {
            return Mono(0);
        }
        let at = self
            .house_at
            .min(self.slate.silence_at)
            .min(self.egress.deadline(&self.ingress.rings).unwrap_or(self.house_at));
        self.sessions.deadlines.first().map_or(at, |first| at.min(first))
    }

    pub(crate) fn feed(&mut self, now: Mono, number: SessionKey, path: Path, bytes: &[u8]) {
        let Some(session) = self.sessions.all.get_mut(number) else { return };
        let fed = guard(|| {
            #[cfg(test)]
            assert!(!session.fault, "the planted fault");
            session.role.on_datagram(now, path, bytes, &self.ingress.rings, &mut self.tell.batch)
        });
        match fed {
            None => return self.close_session(now, number, CloseReason::Failed),
            Some(Ok(Some(proof))) => {
                session.heard = now;
                self.sessions.heard_from(now, number, path.remote, proof);
            }
            Some(Ok(None)) => {}
            Some(Err(error)) => {
                tracing::debug!(session = %session.id, ?error, "datagram not understood");
                session.trouble = Some(error);
            }
        }
        self.settle(now, number);
    }

    pub(crate) fn tick_session(&mut self, now: Mono, number: SessionKey) {
        let Some(session) = self.sessions.all.get_mut(number) else { return };
        let Some(left) = guard(|| session.role.tick(now, &self.ingress.rings, &mut self.tell.batch)) else {
            return self.close_session(now, number, CloseReason::Failed);
        };
        if left {
            self.egress.serve_again(number);
        }
        self.settle(now, number);
    }

    /// Takes what a session tells, until it has nothing more.
    pub(crate) fn settle(&mut self, now: Mono, number: SessionKey) {
        while let Some(session) = self.sessions.all.get_mut(number) {
            match &mut session.role {
                Role::Publish(publisher) => {
                    let track = publisher.track;
                    let Some(heard) = publisher.up.poll() else { break };
                    match heard {
                        Heard::Transmit(t) => self.tell.send(&t),
                        Heard::Packet(packet) => self.on_packet(now, number, track, packet),
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
        if let Some(session) = self.sessions.all.get(number) {
            self.sessions.deadlines.set(number, session.role.deadline());
        }
    }

    pub(crate) fn on_told(&mut self, now: Mono, number: SessionKey, told: Told) {
        match told {
            Told::KeyFrameWanted(ring) => self.want(ring),
            Told::Estimate(loss) => self.on_estimate(now, number, loss),
            Told::Struggles => self.on_struggles(now, number),
            Told::Connected => self.on_connected(now, number),
            Told::Closed(why) => self.close_session(now, number, why),
        }
    }
}

/// Runs what belongs to one session; a panic in it is answered with none, and costs that session alone.
pub(crate) fn guard<R>(work: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
