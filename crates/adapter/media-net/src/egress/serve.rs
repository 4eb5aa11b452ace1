//! Rounds over all subscribers: what each slot reads, and what is new in the rings goes out.

use std::time::Duration;

use base::Mono;
use media::layers::LayerCap;
use media::mix::SOUND_SLOTS;
use media::slots::Slot;
use service::port::hop::{CloseReason, SessionKind};
use slotmap::SecondaryMap;

use crate::conductor::sessions::{Role, Session};
use crate::downlink::{Downlink, Part};
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
    /// Who has sound to come, and who has their turn in the round of pictures that is under way; some may stand there twice.
    hears: Vec<SessionKey>,
    hearing: bool,
    sees: Vec<SessionKey>,
    under_way: bool,
    /// Who was not sent all that there is, and has a turn in the next round.
    left: Vec<SessionKey>,
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
            hears: Vec::new(),
            hearing: false,
            sees: Vec::new(),
            under_way: false,
            left: Vec::new(),
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
        (self.work || rings.has_news() || !self.left.is_empty()).then_some(self.round_at)
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

    /// That session was not sent all that there is for it.
    pub(crate) fn serve_again(&mut self, number: SessionKey) {
        self.left.push(number);
    }

    /// Somebody has a turn still.
    pub(crate) fn is_under_way(&self) -> bool {
        self.under_way || self.hearing
    }

    /// Somebody has sound to come. Nothing more is to come into the rings before they have it.
    pub(crate) fn is_hearing(&self) -> bool {
        self.hearing
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
    /// A round over all subscribers that something came for: first those who hear it, then, unless the last such round is under way still, those
    /// who see it.
    pub(crate) fn begin_round(&mut self, now: Mono) {
        self.egress.work = false;
        self.egress.round += 1;
        self.egress.round_at = now + self.egress.beat;
        let mut turn = std::mem::take(&mut self.egress.hears);
        self.assign_slots(now, &mut turn);
        self.egress.left.extend_from_slice(&turn);
        let readers = |ring: &RingKey| self.egress.readers.get(*ring).into_iter().flatten();
        turn.extend(self.ingress.rings.sound().iter().flat_map(readers));
        if !self.egress.under_way {
            self.egress.under_way = true;
            let mut turn = std::mem::take(&mut self.egress.sees);
            turn.append(&mut self.egress.left);
            turn.extend(self.ingress.rings.take_pictures().flat_map(|ring| readers(&ring)));
            // Nobody is always last.
            let first = self.egress.round as usize % turn.len().max(1);
            turn.rotate_left(first);
            self.egress.sees = turn;
        }
        self.egress.hears = turn;
        self.egress.hearing = true;
    }

    /// Serves subscribers whose turn it is, until there is enough to send; false where none is left. What goes out is to be sent before this is
    /// called again.
    pub(crate) fn serve(&mut self, now: Mono) -> bool {
        while let Some(number) = self.egress.hears.pop() {
            self.serve_one(now, number, Part::Sound);
            if self.tell.batch.len() >= SLICE_BYTES {
                return true;
            }
        }
        if std::mem::take(&mut self.egress.hearing) {
            self.ingress.rings.offered();
        }
        if !self.egress.under_way {
            return false;
        }
        while let Some(number) = self.egress.sees.pop() {
            self.serve_one(now, number, Part::All);
            if self.tell.batch.len() >= SLICE_BYTES {
                return true;
            }
        }
        self.egress.under_way = false;
        self.tell_shown(now);
        self.ask_key_frames(now);
        false
    }

    /// A session's turn; one that stands in the list twice has it once.
    fn serve_one(&mut self, now: Mono, number: SessionKey, part: Part) {
        let Some(session) = self.sessions.all.get_mut(number) else { return };
        let round = match part {
            Part::Sound => &mut session.heard_round,
            Part::All => &mut session.seen_round,
        };
        if std::mem::replace(round, self.egress.round) == self.egress.round {
            return;
        }
        let Role::Watch(subscriber) = &mut session.role else { return };
        let (down, out) = (&mut subscriber.down, &mut self.tell.batch);
        let Some(left) = guard(|| down.serve(now, &self.ingress.rings, part, out)) else {
            return self.close_session(now, number, CloseReason::Failed);
        };
        if left {
            self.egress.serve_again(number);
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
