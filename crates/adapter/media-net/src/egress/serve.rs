//! Rounds over all subscribers: what each slot reads, and what is new in the rings goes out.

use std::time::Duration;

use base::Mono;
use media::layers::LayerCap;
use media::mix::SOUND_SLOTS;
use media::slots::Slot;
use service::port::hop::{CloseReason, SessionKind};

use crate::conductor::sessions::{Role, Session};
use crate::downlink::{Downlink, Told};
use crate::keys::{SessionKey, VoiceKey};
use crate::meeting::Reads;
use crate::plane::{Plane, guard};

/// Time between two rounds over all subscribers: least, and most under load.
const TICK_MIN: Duration = Duration::from_millis(1);
const TICK_MAX: Duration = Duration::from_millis(5);

/// One subscriber.
pub(crate) struct Subscriber {
    pub(crate) down: Box<dyn Downlink>,
    pub(crate) own: Option<VoiceKey>,
    pub(crate) cap: LayerCap,
    pub(crate) mix: [Option<VoiceKey>; SOUND_SLOTS],
}

/// When the next round is.
#[derive(Debug)]
pub(crate) struct Egress {
    /// Packets wait for the round over all subscribers.
    pub(crate) work: bool,
    round_at: Mono,
    /// Time between two rounds now.
    beat: Duration,
}

impl Default for Egress {
    fn default() -> Self {
        Self { work: false, round_at: Mono(0), beat: TICK_MIN }
    }
}

impl Egress {
    /// A round is due.
    pub(crate) fn is_due(&self, now: Mono) -> bool {
        self.work && now >= self.round_at
    }

    /// When a round is due, if packets wait.
    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.work.then_some(self.round_at)
    }

    /// What the last tick cost. Rounds come further apart when they cost much, so that each carries more packets for the same work.
    pub(crate) fn pace(&mut self, cost: Duration) {
        self.beat = ((self.beat * 7 + cost * 2) / 8).clamp(TICK_MIN, TICK_MAX);
    }
}

impl Plane {
    /// One round over all subscribers: what is new in the rings goes out.
    pub(crate) fn round(&mut self, now: Mono) {
        self.egress.work = false;
        self.egress.round_at = now + self.egress.beat;
        self.assign_slots(now);
        let mut told: Vec<(SessionKey, Told)> = Vec::new();
        let mut turn = std::mem::take(&mut self.sessions.turn);
        turn.extend(self.sessions.all.iter().filter(|(_, s)| s.connected).map(|(number, _)| number));
        for number in turn.drain(..) {
            let Some(session) = self.sessions.all.get_mut(number) else { continue };
            let Role::Watch(subscriber) = &mut session.role else { continue };
            let down = &mut subscriber.down;
            if guard(|| down.tick(now, &self.ingress.rings)).is_none() {
                self.close_session(now, number, CloseReason::Failed);
                continue;
            }
            while let Some(tell) = down.poll() {
                match tell {
                    Told::Transmit(t) => self.tell.send(t),
                    Told::KeyFrameWanted(_) | Told::Estimate(_) | Told::Connected | Told::Closed(_) => {
                        told.push((number, tell));
                    }
                }
            }
            self.sessions.deadlines.insert(number, down.deadline());
        }
        self.sessions.turn = turn;
        self.ingress.sound_offered();
        for (number, tell) in told {
            self.on_told(now, number, tell);
        }
        self.tell_shown(now);
        self.ask_key_frames(now);
    }

    /// Says anew what each slot carries, in meetings where that may have changed.
    pub(crate) fn assign_slots(&mut self, now: Mono) {
        if !self.ingress.meetings.values().any(|m| m.stale) {
            return;
        }
        let stale = |s: &Session| s.connected && self.ingress.meetings[s.meeting].stale;
        let stale: Vec<SessionKey> =
            self.sessions.all.iter().filter(|(_, s)| stale(s)).map(|(number, _)| number).collect();
        for number in stale {
            self.assign(number);
        }
        for meeting in self.ingress.meetings.values_mut() {
            meeting.stale = false;
        }
        self.ask_key_frames(now);
    }

    pub(crate) fn assign(&mut self, number: SessionKey) {
        let Some(session) = self.sessions.all.get_mut(number) else { return };
        let Session { kind, role, meeting, admitted, client, .. } = &mut **session;
        let (SessionKind::Watch { venue, wishes }, Role::Watch(subscriber)) = (&*kind, role) else { return };
        let meeting = &self.ingress.meetings[*meeting];
        let Subscriber { down, own, cap, mix } = subscriber;
        meeting.ranking.fill(*own, mix);
        let reads = Reads {
            venue: venue.as_ref(),
            own: own.and_then(|voice| self.ingress.venues[voice].first),
            mix,
            silence: Some(self.slate.silence),
            cap: cap.cap(),
        };
        for wish in &wishes.slots {
            if *admitted || matches!(wish.slot, Slot::Sound(_)) {
                down.set(
                    wish.slot,
                    meeting.ring_for(wish, &reads, &self.ingress.tracks, &self.ingress.venues),
                );
            }
        }
        if let Some(layer) = wishes.chooses.filter(|_| *admitted) {
            let rings = meeting.rings_chosen(client.as_ref(), layer.min(cap.cap()), &self.ingress.tracks);
            for (n, ring) in rings.into_iter().enumerate() {
                down.set(Slot::Video(n as u8), ring);
            }
        }
    }

    pub(crate) fn on_estimate(&mut self, now: Mono, number: SessionKey, loss: u16) {
        let Some(session) = self.sessions.all.get_mut(number) else { return };
        let Role::Watch(subscriber) = &mut session.role else { return };
        let before = subscriber.cap.cap();
        subscriber.cap.report(now, loss);
        subscriber.down.thin(subscriber.cap.is_lowered());
        if subscriber.cap.cap() != before {
            tracing::debug!(session = %session.id, loss, cap = subscriber.cap.cap(), "layers capped by loss");
            self.ingress.meetings[session.meeting].stale = true;
            self.egress.work = true;
        }
    }
}
