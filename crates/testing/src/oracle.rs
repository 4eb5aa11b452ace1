//! What must hold after every step, kept beside the real thing: a replica that knows the log alone, and who may be heard by it.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{CommandKey, Epoch, Sequence, TokenId, VenueId};
use directory::policy::ActKind;
use meeting::{
    Act, By, Event, Keys, Phase, Record, RemovedWhy, Scene, State, Variable, across, broken_invariant,
    course, floor, queue,
};
use service::chain::{self, Head};
use service::control::Acked;
use service::port::hop::MediaTarget;
use service::port::log::StoredEvent;
use service::port::unlogged::{Closing, Entry};

use crate::fake_hop::FakeHop;
use crate::organisation::{KEYS, Organisation, TOKENS, VENUES, number, source_index, venue_index};

/// A closed microphone may sound for so long after its revocation was decided (R3), in microseconds.
const REVOKED_SOUNDS_MAX: u64 = 100_000;
/// A hop that is not renewed for so long closes all but the chair (R3), in microseconds.
const RENEW_MAX: u64 = 8_000_000;
/// A lost venue keeps its lease 30 s (R3); the tick, a slow log and a stalled server add to that. Microseconds.
const LOST_LEASE_MAX: u64 = 36_000_000;

/// A rule that does not hold, in words.
pub(crate) type Broken = String;

/// Events of one command in the log.
#[derive(Debug, Clone, Copy)]
struct Group {
    first: Sequence,
    acked: Acked,
    kind: ActKind,
}

/// What was asked for under a key; several acts may be where a client errs.
pub(crate) type Asked<'a> = &'a dyn Fn(&TokenId, &CommandKey, ActKind) -> Option<&'a Act>;

/// The replica, and who may be heard.
#[derive(Debug)]
pub struct Oracle {
    names: Arc<Organisation>,
    head: Head,
    replica: State,
    /// Answers to the last commands, by the log.
    keys: Keys,
    /// Venues with a lease in the log, one bit each.
    leases: u32,
    /// The chair's venue.
    chair: u32,
    groups: Vec<Option<Group>>,
    /// Revocations that are decided and not stored.
    pending: Vec<(Sequence, u32)>,
    /// Venues that were closed, while the log could not be written, one bit each.
    withheld: u32,
    /// So is the picture: the slate is on air.
    slate: bool,
    /// A target had the slate before anybody said why.
    slate_untold: bool,
    /// Commands of which nobody knows whether the log has them.
    unconfirmed: BTreeSet<usize>,
    /// Gates and programme of the last target.
    given: (u32, Scene),
    /// The command that gave a venue the floor last, and the one that changed the programme.
    granted_by: [Option<usize>; VENUES],
    shown_by: Option<usize>,
    /// When the last revocation of a venue was decided.
    revoked_at: [Option<u64>; VENUES],
    /// When a venue got the floor last.
    granted_at: [u64; VENUES],
    /// When the hop took a target last.
    pub renewed_at: u64,
    /// Since when the server knows that a venue is gone, or knows nothing of it.
    pub lost_at: [Option<u64>; VENUES],
    /// When the server last began to act: loaded, or woke.
    pub awake_at: u64,
    /// Gates as the hop last told the server.
    pub told_gates: u32,
}

impl Oracle {
    /// Before anything happened.
    #[must_use]
    pub fn new(names: Arc<Organisation>) -> Self {
        let head = Head::origin(&names.run);
        Self {
            names,
            head,
            replica: State::default(),
            keys: Keys::default(),
            leases: 0,
            chair: 0,
            groups: vec![None; TOKENS * KEYS],
            pending: Vec::new(),
            withheld: 0,
            slate: false,
            slate_untold: false,
            unconfirmed: BTreeSet::new(),
            given: (0, Scene::Slate),
            granted_by: [None; VENUES],
            shown_by: None,
            revoked_at: [None; VENUES],
            granted_at: [0; VENUES],
            renewed_at: 0,
            lost_at: [Some(0); VENUES],
            awake_at: 0,
            told_gates: 0,
        }
    }

    /// What the log amounts to.
    #[must_use]
    pub fn replica(&self) -> &State {
        &self.replica
    }

    /// Answers to the last commands, by the log.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Venues with a lease in the log.
    #[must_use]
    pub fn leases(&self) -> u32 {
        self.leases
    }

    /// The server decided to revoke.
    pub fn decided_to_revoke(&mut self, now: u64, until: Sequence, venues: u32) {
        if until == Sequence(u64::MAX) {
            self.withheld |= venues;
        } else {
            self.pending.push((until, venues));
        }
        for (venue, at) in self.revoked_at.iter_mut().enumerate() {
            if venues & (1 << venue) != 0 {
                *at = Some(now);
            }
        }
    }

    /// That revocation was announced.
    #[must_use]
    pub fn knows_revocation(&self, seq: Sequence, venue: &VenueId) -> bool {
        self.pending.iter().any(|(until, venues)| *until >= seq && venues & bit(venue) != 0)
    }

    /// A closing act took effect without the log.
    pub fn closed_unlogged(&mut self, entry: &Entry) {
        self.withheld |= mask(&entry.venues);
        if entry.closing == Closing::Slate {
            (self.slate, self.slate_untold) = (true, false);
        }
    }

    /// Whatever was given to the hop in one turn has its reason by its end.
    ///
    /// # Errors
    /// `Broken`: it has none.
    pub fn turn_ends(&self) -> Result<(), Broken> {
        if self.slate_untold { Err("the hop is given a slate that nobody asked for".into()) } else { Ok(()) }
    }

    /// Another server takes over: what was closed stays closed as far as the page has it.
    fn forget_but(&mut self, page: &[Entry]) {
        let known = |entry: &Entry| entry.by.key().and_then(|(token, key)| self.keys.answer(token, key));
        let stored = |entry: &&Entry| known(entry).is_some();
        let owed: Vec<&Entry> = page.iter().filter(|entry| !stored(entry)).collect();
        let all = owed.iter().any(|entry| entry.closing == Closing::AllBranches);
        let branches = if all { self.leases & !self.chair } else { 0 };
        self.withheld = owed.iter().fold(branches, |all, entry| all | mask(&entry.venues)) & self.leases;
        self.slate = owed.iter().any(|entry| entry.closing == Closing::Slate)
            && *self.replica.programme() != Scene::Slate;
        self.unconfirmed.clear();
    }

    /// A command was in a batch that failed.
    pub fn unconfirmed(&mut self, token: &TokenId, key: &CommandKey) {
        self.unconfirmed.insert(slot(token, key));
    }

    /// The log was opened again: what was decided and not stored never was.
    pub fn opened_again(&mut self) {
        self.pending.clear();
        // What is not stored is decided anew when it is asked for again.
        self.unconfirmed.retain(|slot| self.groups[*slot].is_some());
        // What was closed by the batch that failed may be in the log all the same.
        self.withheld &= self.leases;
        self.slate &= *self.replica.programme() != Scene::Slate;
    }

    /// A server took over: what its predecessor decided and did not store never was.
    pub fn taken_over(&mut self, now: u64, page: &[Entry]) {
        self.forget_but(page);
        self.pending.clear();
        self.awake_at = now;
    }

    /// The log stored a batch, from which these records are read: replays it, and checks what each event may do.
    ///
    /// # Errors
    /// `Broken` names the rule and the event.
    pub fn stored(
        &mut self,
        now: u64,
        batch: &[StoredEvent],
        records: &[Record],
        asked: Asked<'_>,
    ) -> Result<(), Broken> {
        self.head = chain::verify_after(&self.names.run, self.head.clone(), batch)
            .map_err(|error| format!("the chain does not verify: {error}"))?;
        let mut call_on_ended = false;
        for (n, record) in records.iter().enumerate() {
            self.check_event(record, asked)?;
            let jumped = matches!(record.event, Event::Course(course::Event::ClockJumped { .. }));
            if record.at < self.replica.at && !jumped {
                return Err("time in the log goes back (R20)".into());
            }
            self.note_author(now, record);
            call_on_ended |= matches!(record.event, Event::Floor(floor::Event::CallOnEnded { .. }));
            self.replica.apply(record);
            self.keys.note(record);
            let whole = records.get(n + 1).is_none_or(|next| next.by != record.by);
            if whole {
                self.check_state(std::mem::take(&mut call_on_ended))?;
            }
        }
        let seq = self.replica.seq;
        self.pending.retain(|(until, _)| *until > seq);
        self.withheld &= self.leases;
        self.slate &= *self.replica.programme() != Scene::Slate;
        Ok(())
    }

    /// Who gave a venue the floor, and who changed the programme.
    fn note_author(&mut self, now: u64, record: &Record) {
        let author = match &record.by {
            // A start that is stored stays.
            By::Actor { act: ActKind::Start, .. } | By::Server => None,
            By::Actor { token, key, .. } => Some(slot(token, key)),
        };
        match &record.event {
            Event::Floor(floor::Event::Opened { venue, .. }) => {
                let venue = venue_index(venue).unwrap_or(0);
                self.granted_at[venue] = now;
                self.granted_by[venue] = author;
            }
            Event::Floor(floor::Event::Closed { venue, .. }) => self.withheld &= !bit(venue),
            Event::Programme(_) => self.shown_by = author,
            Event::Membership(_)
            | Event::Course(_)
            | Event::Floor(_)
            | Event::Queue(_)
            | Event::Preview(_)
            | Event::Keys(_) => {}
        }
    }

    fn check_state(&mut self, call_on_ended: bool) -> Result<(), Broken> {
        if let Some(broken) = broken_invariant(&self.replica) {
            return Err(broken);
        }
        self.leases = mask(self.replica.floor().iter().map(|lease| &lease.venue));
        self.chair = self.replica.chair_venue().map_or(0, bit);
        if call_on_ended && self.leases & !self.chair != 0 {
            return Err("a microphone of a branch is open after a call-on ended (R2)".into());
        }
        Ok(())
    }

    fn check_event(&mut self, record: &Record, asked: Asked<'_>) -> Result<(), Broken> {
        self.check_end(record)?;
        let By::Actor { token, key, act: kind, .. } = &record.by else {
            return self.check_fact(&record.event);
        };
        self.note_key(token, key, *kind, record)?;
        let variable = record.event.variable();
        if !writes(*kind).contains(&variable) {
            return Err(format!("{} writes {variable:?} (R1)", kind.name()));
        }
        if let Event::Floor(floor::Event::Opened { venue, .. }) = &record.event {
            let act = asked(token, key, *kind);
            if act.is_none_or(|act| !self.names_venue(act, venue)) {
                return Err(format!("{} opens {venue}, which it does not name (R2)", kind.name()));
            }
        }
        if let Event::Queue(queue::Event::Removed { why, .. }) = &record.event
            && removes(*kind) != Some(*why)
        {
            return Err(format!("{} removes a request as {why:?} (R8)", kind.name()));
        }
        Ok(())
    }

    /// After `ended` comes `closed`, and nothing follows.
    fn check_end(&self, record: &Record) -> Result<(), Broken> {
        let kind = record.event.kind();
        match (self.replica.phase(), &record.event) {
            (Phase::Ended { closed: true, .. }, _) => Err(format!("{kind} follows on closed")),
            (Phase::Ended { closed: false, .. }, Event::Course(course::Event::Closed))
                if record.by == By::Server =>
            {
                Ok(())
            }
            (Phase::Ended { closed: false, .. }, _) => Err(format!("{kind} follows on ended")),
            (Phase::Waiting | Phase::Live { .. }, Event::Course(course::Event::Closed)) => {
                Err("a run is closed before it ended".into())
            }
            (Phase::Waiting | Phase::Live { .. }, _) => Ok(()),
        }
    }

    fn check_fact(&self, event: &Event) -> Result<(), Broken> {
        if let Event::Floor(floor::Event::Opened { venue, .. }) = event
            && self.replica.chair_venue() != Some(venue)
        {
            return Err(format!("the server opens {venue} by itself (R2)"));
        }
        if let Event::Queue(queue::Event::Removed { why, .. }) = event
            && *why != RemovedWhy::LeftRoster
        {
            return Err("the server removes a request by itself (R8)".into());
        }
        Ok(())
    }

    fn names_venue(&self, act: &Act, venue: &VenueId) -> bool {
        if *act == Act::Across(across::Act::Start) {
            return self.replica.chair_venue() == Some(venue);
        }
        act.opens() == Some(venue)
    }

    fn note_key(
        &mut self,
        token: &TokenId,
        key: &CommandKey,
        kind: ActKind,
        record: &Record,
    ) -> Result<(), Broken> {
        let acked = Acked { seq: record.seq, at: record.took_effect() };
        let group = &mut self.groups[slot(token, key)];
        match group {
            None => *group = Some(Group { first: record.seq, acked, kind }),
            Some(known) if known.acked.seq.next() == record.seq && known.kind == kind => known.acked = acked,
            Some(known) => {
                let first = known.first;
                return Err(format!("{token}/{key} acts twice, at {first} and {} (R15)", record.seq));
            }
        }
        Ok(())
    }

    /// The server acknowledged a command.
    ///
    /// # Errors
    /// `Broken` when the log does not have it, or has it otherwise.
    pub fn acked(
        &mut self,
        token: &TokenId,
        key: &CommandKey,
        kind: ActKind,
        acked: Acked,
    ) -> Result<(), Broken> {
        self.unconfirmed.remove(&slot(token, key));
        match &self.groups[slot(token, key)] {
            None => Err(format!("{token}/{key} is acknowledged, the log does not have it (R15)")),
            Some(group) if group.acked != acked => {
                Err(format!("{token}/{key} is answered {acked:?}, the log has {:?} (R15)", group.acked))
            }
            Some(group) if group.kind != kind => {
                Err(format!("{} of {token}/{key} is answered as {} (R15)", kind.name(), group.kind.name()))
            }
            Some(_) => Ok(()),
        }
    }

    /// The server gives the hop a target.
    ///
    /// # Errors
    /// `Broken` when that is not what the log amounts to.
    pub fn applied(
        &mut self,
        epoch: Epoch,
        log_epoch: Epoch,
        seq: Sequence,
        target: &MediaTarget,
    ) -> Result<(), Broken> {
        if epoch > log_epoch {
            return Err(format!("a target has epoch {epoch}, the log {log_epoch} (R15)"));
        }
        if seq > self.replica.seq {
            return Err(format!("the hop is given sequence {seq}, the log ends at {}", self.replica.seq));
        }
        let before = std::mem::replace(&mut self.given, (mask(&target.gates), target.programme.clone()));
        if seq < self.replica.seq {
            return Ok(());
        }
        self.slate_untold =
            !self.slate && target.programme == Scene::Slate && *self.replica.programme() != Scene::Slate;
        let slate = self.slate || self.slate_untold;
        let programme = if slate { &Scene::Slate } else { self.replica.programme() };
        let same = mask(&target.gates) == self.leases & !self.withheld
            && target.programme == *programme
            && target.preview == self.replica.preview().source;
        if !same {
            return Err("the target is not what the log amounts to, less what was closed".into());
        }
        let untold = |author: Option<usize>| author.is_some_and(|slot| self.unconfirmed.contains(&slot));
        let opens = |venue: &&VenueId| before.0 & bit(venue) == 0;
        let mut opened = target.gates.iter().filter(opens);
        let opened = opened.find(|venue| untold(self.granted_by[venue_index(venue).unwrap_or(0)]));
        if let Some(venue) = opened {
            return Err(format!("{venue} is opened by an act that nobody was told of (R16)"));
        }
        if untold(self.shown_by) && target.programme != before.1 && target.programme != Scene::Slate {
            return Err("a picture is shown by an act that nobody was told of (R16)".into());
        }
        Ok(())
    }

    /// What is heard and seen at the hop.
    ///
    /// # Errors
    /// `Broken` names the venue and the rule.
    pub fn check_hop(&self, now: u64, hop: &FakeHop) -> Result<(), Broken> {
        let pending = self.pending.iter().fold(0, |all, (_, venues)| all | venues);
        let doubtful = hop.audible() & !(self.leases & !pending & !self.withheld);
        for venue in (0..VENUES).filter(|venue| doubtful & (1 << venue) != 0) {
            if self.revoked_at[venue].is_none_or(|at| now > at + REVOKED_SOUNDS_MAX) {
                return Err(format!("{} is heard without a lease (R3)", self.names.venues[venue]));
            }
        }
        let chair = hop.target().chair.as_ref().map_or(0, bit);
        if now >= self.renewed_at + RENEW_MAX && hop.audible() & !chair != 0 {
            return Err("a branch is heard though the server has been silent for 8 s (R3)".into());
        }
        Ok(())
    }

    /// What the venue on air sees (R6).
    ///
    /// # Errors
    /// `Broken` when it sees itself.
    pub fn check_return(&self, hop: &FakeHop) -> Result<(), Broken> {
        let Some(shown) = hop.shown() else { return Ok(()) };
        let target = hop.target();
        let venue = &self.names.venues[shown / 2];
        let seen = target.returns.get(venue).unwrap_or(&target.return_default);
        if seen.source().and_then(source_index).is_some_and(|source| source / 2 == shown / 2) {
            return Err(format!("{venue} is on air and sees itself (R6)"));
        }
        Ok(())
    }

    /// Lost venues have no lease (R3). Called while the server is awake.
    ///
    /// # Errors
    /// `Broken` names the venue.
    pub fn check_lost(&self, now: u64) -> Result<(), Broken> {
        let leases = self.leases & !self.chair & !self.withheld;
        for venue in (0..VENUES).filter(|venue| leases & (1 << venue) != 0) {
            let since = self.lost_at[venue].map(|at| at.max(self.awake_at).max(self.granted_at[venue]));
            if since.is_some_and(|since| now > since + LOST_LEASE_MAX) {
                return Err(format!("{} is lost and keeps its lease (R3)", self.names.venues[venue]));
            }
        }
        Ok(())
    }
}

/// Venues as bits.
pub(crate) fn mask<'a>(venues: impl IntoIterator<Item = &'a VenueId>) -> u32 {
    venues.into_iter().map(bit).fold(0, |all, one| all | one)
}

/// A venue as a bit.
#[must_use]
pub(crate) fn bit(venue: &VenueId) -> u32 {
    venue_index(venue).map_or(1 << 31, |n| 1 << n)
}

/// What an act may write (R1).
fn writes(kind: ActKind) -> &'static [Variable] {
    use Variable::{Course, Floor, None, Preview, Programme, Queue};
    match kind {
        ActKind::Start => &[Course, Floor],
        ActKind::End => &[Course, Floor, Queue, Programme, Preview],
        ActKind::Preview => &[Preview, None],
        ActKind::Take => &[Programme, Preview, None],
        ActKind::Slate => &[Programme, Preview, None],
        ActKind::CallOn => &[Floor, Queue, Programme, Preview],
        ActKind::EndCallOn => &[Floor, Queue, None],
        ActKind::OpenFloor => &[Floor, None],
        ActKind::CloseFloor | ActKind::MuteAll => &[Floor, Queue, None],
        ActKind::Raise | ActKind::Withdraw | ActKind::Drop => &[Queue],
        ActKind::Item => &[Course, None],
        ActKind::Acknowledge => &[],
    }
}

/// As what an act may remove a request (R8).
fn removes(kind: ActKind) -> Option<RemovedWhy> {
    match kind {
        ActKind::Withdraw => Some(RemovedWhy::Withdrawn),
        ActKind::Drop => Some(RemovedWhy::Dropped),
        ActKind::EndCallOn | ActKind::CloseFloor => Some(RemovedWhy::Spoken),
        ActKind::Start
        | ActKind::End
        | ActKind::Preview
        | ActKind::Take
        | ActKind::Slate
        | ActKind::CallOn
        | ActKind::OpenFloor
        | ActKind::MuteAll
        | ActKind::Raise
        | ActKind::Item
        | ActKind::Acknowledge => None,
    }
}

fn slot(token: &TokenId, key: &CommandKey) -> usize {
    let token = number(token.as_str(), 't').unwrap_or(0) % TOKENS;
    let key = number(key.as_str(), 'k').unwrap_or(0) % KEYS;
    token * KEYS + key
}
