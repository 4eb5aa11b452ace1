//! Rounds over all subscribers: what each slot reads, and what is new in the rings goes out.

use std::time::Duration;

use base::Mono;
use media::layers::LayerCap;
use media::mix::SOUND_SLOTS;
use media::slots::Slot;
use service::port::hop::{CloseReason, SessionKind};
use slotmap::SecondaryMap;

use crate::conductor::sessions::{Role, Session};
use crate::downlink::Downlink;
use crate::keys::{RingKey, SessionKey, VoiceKey};
use crate::meeting::Reads;
use crate::plane::{Plane, guard};
use crate::ring::Rings;

/// Time between two rounds over all subscribers: least, and most under load.
const TICK_MIN: Duration = Duration::from_millis(1);
const TICK_MAX: Duration = Duration::from_millis(5);
/// Bytes that are sent before more subscribers are served.
const SLICE_BYTES: usize = 128 << 10;

/// One subscriber.
pub(crate) struct Subscriber {
    pub(crate) down: Downlink,
    pub(crate) own: Option<VoiceKey>,
    pub(crate) cap: LayerCap,
    pub(crate) mix: [Option<VoiceKey>; SOUND_SLOTS],
    /// The rings of its slots, each once.
    pub(crate) reads: Vec<RingKey>,
}

/// Who reads what, and when the next round is.
#[derive(Debug)]
pub(crate) struct Egress {
    /// What slots carry may have changed.
    pub(crate) work: bool,
    /// Sessions whose slots are to be assigned anew.
    anew: Vec<SessionKey>,
    /// Who reads a ring.
    readers: SecondaryMap<RingKey, Vec<SessionKey>>,
    /// Counts the rounds.
    round: u64,
    round_at: Mono,
    /// Time between two rounds now.
    beat: Duration,
    /// A round is under way, in which these have their turn; some may stand here twice.
    under_way: bool,
    turn: Vec<SessionKey>,
    /// Working space.
    rings: Vec<RingKey>,
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            work: false,
            anew: Vec::new(),
            readers: SecondaryMap::new(),
            round: 0,
            round_at: Mono(0),
            beat: TICK_MIN,
            under_way: false,
            turn: Vec::new(),
            rings: Vec::new(),
        }
    }
}

impl Egress {
    /// A round is due.
    pub(crate) fn is_due(&self, now: Mono, rings: &Rings) -> bool {
        self.deadline(rings).is_some_and(|at| now >= at)
    }

    /// When a round is due, if there is something for it.
    pub(crate) fn deadline(&self, rings: &Rings) -> Option<Mono> {
        (self.work || !rings.news().is_empty()).then_some(self.round_at)
    }

    /// What the slots of that session carry is said anew in the next round.
    pub(crate) fn assign_anew(&mut self, number: SessionKey) {
        self.anew.push(number);
        self.work = true;
    }

    /// A session reads those rings from now on, each named once.
    fn read(&mut self, number: SessionKey, before: &mut Vec<RingKey>, now: &[RingKey]) {
        if before == now {
            return;
        }
        for ring in before.iter().filter(|ring| !now.contains(ring)) {
            self.unread(number, *ring);
        }
        for ring in now.iter().filter(|ring| !before.contains(ring)) {
            if let Some(readers) = self.readers.entry(*ring) {
                readers.or_default().push(number);
            }
        }
        now.clone_into(before);
    }

    fn unread(&mut self, number: SessionKey, ring: RingKey) {
        let Some(readers) = self.readers.get_mut(ring) else { return };
        if let Some(at) = readers.iter().position(|reader| *reader == number) {
            readers.swap_remove(at);
        }
    }

    /// A session is gone.
    pub(crate) fn leave(&mut self, number: SessionKey, subscriber: &Subscriber) {
        subscriber.reads.iter().for_each(|ring| self.unread(number, *ring));
    }

    /// A ring is gone.
    pub(crate) fn forget(&mut self, ring: RingKey) {
        self.readers.remove(ring);
    }

    /// What the last tick cost. Rounds come further apart when they cost much, so that each carries more packets for the same work.
    pub(crate) fn pace(&mut self, cost: Duration) {
        self.beat = ((self.beat * 7 + cost * 2) / 8).clamp(TICK_MIN, TICK_MAX);
    }
}

impl Plane {
    /// A round over all subscribers that something came for.
    pub(crate) fn begin_round(&mut self, now: Mono) {
        if self.egress.under_way {
            return;
        }
        self.egress.work = false;
        self.egress.round += 1;
        self.egress.round_at = now + self.egress.beat;
        let mut turn = std::mem::take(&mut self.egress.turn);
        self.assign_slots(now, &mut turn);
        let readers = |ring: &RingKey| self.egress.readers.get(*ring).into_iter().flatten();
        turn.extend(self.ingress.rings.news().iter().flat_map(readers));
        self.egress.turn = turn;
        self.egress.under_way = true;
    }

    /// Serves subscribers whose turn it is in the round that is under way, until there is enough to send; false where none is left. What goes out
    /// is to be sent before this is called again.
    pub(crate) fn serve(&mut self, now: Mono) -> bool {
        if !self.egress.under_way {
            return false;
        }
        while let Some(number) = self.egress.turn.pop() {
            self.serve_one(now, number);
            if self.tell.batch.len() >= SLICE_BYTES {
                return true;
            }
        }
        self.egress.under_way = false;
        self.ingress.rings.offered();
        self.tell_shown(now);
        self.ask_key_frames(now);
        false
    }

    fn serve_one(&mut self, now: Mono, number: SessionKey) {
        let Some(session) = self.sessions.all.get_mut(number) else { return };
        if std::mem::replace(&mut session.round, self.egress.round) == self.egress.round {
            return;
        }
        let Role::Watch(subscriber) = &mut session.role else { return };
        let (down, out) = (&mut subscriber.down, &mut self.tell.batch);
        if guard(|| down.tick(now, &self.ingress.rings, out)).is_none() {
            return self.close_session(now, number, CloseReason::Failed);
        }
        self.settle(now, number);
    }

    /// Says anew what each slot carries, of sessions and in meetings where that may have changed; `of` takes these sessions.
    fn assign_slots(&mut self, now: Mono, of: &mut Vec<SessionKey>) {
        of.append(&mut self.egress.anew);
        if self.ingress.meetings.values().any(|m| m.stale) {
            let stale = |s: &Session| s.connected && self.ingress.meetings[s.meeting].stale;
            of.extend(self.sessions.all.iter().filter(|(_, s)| stale(s)).map(|(number, _)| number));
            self.ingress.meetings.values_mut().for_each(|meeting| meeting.stale = false);
        }
        if !of.is_empty() {
            of.iter().for_each(|number| self.assign(*number));
            self.ask_key_frames(now);
        }
    }

    fn assign(&mut self, number: SessionKey) {
        let Some(session) = self.sessions.all.get_mut(number).filter(|session| session.connected) else {
            return;
        };
        let Session { kind, role, meeting, admitted, client, .. } = &mut **session;
        let (SessionKind::Watch { venue, wishes }, Role::Watch(subscriber)) = (&*kind, role) else { return };
        let meeting = &self.ingress.meetings[*meeting];
        let Subscriber { down, own, cap, mix, reads: read } = &mut **subscriber;
        let mut rings = std::mem::take(&mut self.egress.rings);
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
                let ring = meeting.ring_for(wish, &reads, &self.ingress.tracks, &self.ingress.venues);
                rings.extend(ring);
                down.set(wish.slot, ring);
            }
        }
        if let Some(layer) = wishes.chooses.filter(|_| *admitted) {
            let chosen = meeting.rings_chosen(client.as_ref(), layer.min(cap.cap()), &self.ingress.tracks);
            for (n, ring) in chosen.into_iter().enumerate() {
                rings.extend(ring);
                down.set(Slot::Video(n as u8), ring);
            }
        }
        rings.sort_unstable();
        rings.dedup();
        self.egress.read(number, read, &rings);
        rings.clear();
        self.egress.rings = rings;
    }

    pub(crate) fn on_estimate(&mut self, now: Mono, number: SessionKey, loss: u16) {
        self.recap(number, |cap| cap.report(now, loss));
    }

    pub(crate) fn on_struggles(&mut self, now: Mono, number: SessionKey) {
        self.recap(number, |cap| cap.lower(now));
    }

    fn recap(&mut self, number: SessionKey, by: impl FnOnce(&mut LayerCap)) {
        let Some(session) = self.sessions.all.get_mut(number) else { return };
        let Role::Watch(subscriber) = &mut session.role else { return };
        let before = subscriber.cap.cap();
        by(&mut subscriber.cap);
        subscriber.down.thin(subscriber.cap.is_lowered());
        if subscriber.cap.cap() != before {
            tracing::debug!(session = %session.id, cap = subscriber.cap.cap(), "layers capped by loss");
            self.egress.assign_anew(number);
        }
    }
}
