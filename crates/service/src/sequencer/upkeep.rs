//! What the passing of time and the reports of the hop bring.

use std::sync::Arc;
use std::time::Duration;

use base::{Mono, VenueId, Wall};
use meeting::Cause;
use meeting::planted::{self, Bug};

use super::{Output, Sequencer, TICK};
use crate::alarm::{Ground, alarms};
use crate::facts::{LEASE_OF_LOST, Transport};
use crate::port::hop::{self, Measure, What};
use crate::port::unlogged::Closing;

/// How long venues may take to come back after the server did; bots and pages take five seconds at most.
const COMES_BACK_WITHIN: Duration = Duration::from_secs(10);

impl Sequencer {
    pub(super) fn hop(&mut self, now: Mono, at: Wall, what: &What) {
        let changed = self.facts_mut().on_hop(now, at, what);
        match what {
            What::Fact(hop::Fact::Source { source, state }) if state.live => {
                let venue = self.ahead.roster().and_then(|roster| roster.venue_of(source)).cloned();
                if let Some(venue) = venue {
                    self.cause(&Cause::Joins(venue), at);
                }
                self.dirty |= changed;
            }
            // Counters are told once a second, by the tick.
            What::Fact(hop::Fact::Dropped { .. } | hop::Fact::TooLarge { .. })
            | What::Measure(Measure::Quality { .. }) => {}
            What::Fact(
                hop::Fact::Gate { .. }
                | hop::Fact::Shown { .. }
                | hop::Fact::Waiting { .. }
                | hop::Fact::Source { .. }
                | hop::Fact::Session { .. },
            )
            | What::Measure(Measure::Levels { .. }) => self.dirty |= changed,
        }
    }

    pub(super) fn tick(&mut self, now: Mono, at: Wall) {
        self.open_log_again();
        // The deadline may have been that of the log.
        if now < self.next_tick {
            return;
        }
        self.next_tick = now + TICK;
        self.miss_those_of_before(now, at);
        for venue in self.lost_for_too_long(now) {
            if self.log.is_shut() {
                self.close_by_itself(Closing::LinkLost(venue), at);
            } else {
                self.cause(&Cause::LinkLost(venue), at);
            }
        }
        let (durable, withheld) = (Arc::clone(&self.durable), Arc::clone(&self.withheld));
        self.facts_mut().note_disagreements(now, &durable, &withheld.venues);
        let log = self.log.seen();
        let ground =
            Ground { directory: &self.directory, state: &self.durable, facts: &self.facts, log: &log };
        let found = alarms(&ground, now, at, &self.alarms);
        if found.is_empty() && !self.alarms.is_empty() {
            self.alarms_cleared = Some(at);
        }
        if *self.alarms != found {
            self.alarms = Arc::new(found);
        }
        self.dirty = true;
        // The same sequence again renews the leases at the hop (R3).
        self.apply();
    }

    /// Who was here before this process began, and has not come back by now, is lost since then.
    fn miss_those_of_before(&mut self, now: Mono, at: Wall) {
        let passed = now.since(self.loaded_at);
        if self.missed || passed < COMES_BACK_WITHIN {
            return;
        }
        self.missed = true;
        let since_mono = self.loaded_at;
        let since = at.shifted_ms(-i64::try_from(passed.as_millis()).unwrap_or(i64::MAX));
        let durable = Arc::clone(&self.durable);
        self.facts_mut().miss(&|venue| durable.has_joined(venue), Transport::Lost { since, since_mono });
    }

    /// Venues with a lease whose link has been lost for longer than a lease lasts.
    fn lost_for_too_long(&self, now: Mono) -> Vec<VenueId> {
        if planted::active(Bug::LostKeepsLease) {
            return vec![];
        }
        let over = |(venue, since): (VenueId, Mono)| (now.since(since) >= LEASE_OF_LOST).then_some(venue);
        self.losing().filter_map(over).collect()
    }

    /// Venues that have a lease and no link, and since when that counts: in a new process the time begins anew, and so it does with a
    /// lease that was given while the link was lost already. The chair's venue keeps its lease (R3).
    pub(super) fn losing(&self) -> impl Iterator<Item = (VenueId, Mono)> {
        let chair = self.ahead.chair_venue();
        let leases = self.ahead.floor().iter().map(|lease| &lease.venue);
        let leases = leases.filter(move |venue| Some(*venue) != chair && !self.withheld.has(venue));
        leases.filter_map(|venue| {
            let lost = match self.facts.venue(venue).map(|fact| fact.transport) {
                Some(Transport::Up { .. }) => return None,
                Some(Transport::Lost { since_mono, .. }) => since_mono.max(self.loaded_at),
                Some(Transport::Never) | None => self.loaded_at,
            };
            let granted = self.granted.get(venue).copied().unwrap_or_default();
            Some((venue.clone(), lost.max(granted)))
        })
    }

    /// Gives the hop what the log amounts to. While the log is shut, and until the first batch after that is stored, the hop keeps what it was given
    /// before, less what was closed meanwhile.
    pub(super) fn apply(&mut self) {
        if self.log.is_fenced() {
            return;
        }
        self.give();
        let (epoch, sequence, target) = self.given.target();
        self.outputs.push_back(Output::Apply { epoch, sequence, target: Box::new(target) });
    }
}
