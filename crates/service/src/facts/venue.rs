//! What is known of venues.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base::limits::LOSS_FELT_PERMILLE;
use base::{AlarmCode, MicrophoneReport, Mono, VenueId, Wall};
use meeting::State;

use super::{Facts, PageReport};
use crate::alarm::{Finding, OfVenue, VenueRule};

/// How long a venue whose link is lost keeps its lease (R3).
pub const LEASE_OF_LOST: Duration = Duration::from_secs(30);

/// How long a disagreement or an intruding sound may last before it is an alarm.
const GRACE: Duration = Duration::from_secs(1);
/// How long a venue may have the floor without a sound.
const SILENCE: Duration = Duration::from_secs(20);
/// Level of a quiet room, in −dBov: whoever speaks is louder.
const QUIET_ROOM: u8 = 60;

/// Whether packets of a venue arrive, by any of its sessions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transport {
    /// Nothing came in the life of this process.
    #[default]
    Never,
    /// Packets come.
    Up {
        /// Since.
        since: Wall,
    },
    /// Packets came, and come no more.
    Lost {
        /// Since.
        since: Wall,
        /// Since, on the clock by which leases count.
        since_mono: Mono,
    },
}

/// What is known of a venue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VenueFact {
    /// Whether its packets arrive.
    pub transport: Transport,
    /// The gate is open, as the hop reports it. Screens show this, never the command's intent (R4).
    pub gate_open: bool,
    /// Audio packets dropped for want of a lease.
    pub dropped: u64,
    /// When `dropped` rose last, and since when it has risen without a pause of over two seconds.
    pub dropping: Option<(Mono, Mono)>,
    /// Since when page, hop and log disagree about its microphone (R4).
    pub disagreeing: Option<Mono>,
    /// When sound above silence was last heard through its open gate, or the gate opened.
    pub heard: Mono,
    /// What its hall page reports.
    pub report: Option<PageReport>,
    /// Losses of the last five seconds, per mille.
    pub losses: [u16; 5],
    /// It has the floor and no link: since when that counts, and when the lease ends if it does not come back.
    pub losing: Option<(Mono, Wall)>,
}

impl VenueFact {
    /// The clock jumped: what is told with its hour is as old as it was.
    pub(super) fn follow_clock(&mut self, by_ms: i64) {
        match &mut self.transport {
            Transport::Never => {}
            Transport::Up { since } | Transport::Lost { since, .. } => *since = since.shifted_ms(by_ms),
        }
        if let Some((_, until)) = &mut self.losing {
            *until = until.shifted_ms(by_ms);
        }
    }
}

impl Facts {
    /// What is known of a venue.
    #[must_use]
    pub fn venue(&self, venue: &VenueId) -> Option<&VenueFact> {
        self.venues.get(venue)
    }

    /// Venues that are here: packets of them come, or their page reports.
    #[must_use]
    pub fn here(&self) -> Vec<VenueId> {
        let here = |fact: &VenueFact| matches!(fact.transport, Transport::Up { .. }) || fact.report.is_some();
        self.venues.iter().filter(|(_, fact)| here(fact)).map(|(venue, _)| venue.clone()).collect()
    }

    /// Those of whom nothing came in the life of this process, though they had joined, are lost.
    pub(crate) fn miss(&mut self, had_joined: &dyn Fn(&VenueId) -> bool, lost: Transport) {
        for (venue, fact) in &mut self.venues {
            if fact.transport == Transport::Never && fact.report.is_none() && had_joined(venue) {
                fact.transport = lost;
            }
        }
    }

    /// Audio packets dropped for want of a lease, of all venues.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.venues.values().map(|fact| fact.dropped).sum()
    }

    /// Notes which venues' pages, hop and log disagree about a microphone now, and since when. One whose closing is not in the log yet disagrees
    /// with nobody.
    pub fn note_disagreements(&mut self, now: Mono, state: &State, withheld: &BTreeSet<VenueId>) {
        for (venue, fact) in &mut self.venues {
            let up = matches!(fact.transport, Transport::Up { .. });
            let lease = state.lease(venue).is_some() && !withheld.contains(venue);
            let page_open =
                fact.report.as_ref().and_then(|report| report.microphone) == Some(MicrophoneReport::Open);
            let disagree = up && (fact.gate_open != lease || (page_open && !fact.gate_open));
            fact.disagreeing = disagree.then(|| fact.disagreeing.unwrap_or(now));
        }
    }

    /// Other venues than these are about to lose the floor, or from another time on, as was noted last.
    #[must_use]
    pub fn loses_otherwise(&self, losing: &BTreeMap<VenueId, Mono>) -> bool {
        let noted = |fact: &VenueFact| fact.losing.map(|(since, _)| since);
        self.venues.iter().any(|(venue, fact)| noted(fact) != losing.get(venue).copied())
    }

    /// Notes which venues are about to lose the floor for want of a link, and since when that counts. Until when is told once, and not
    /// counted anew at each tick: the two clocks do not run alike.
    pub fn note_losing(&mut self, now: Mono, at: Wall, losing: &BTreeMap<VenueId, Mono>) {
        for (venue, fact) in &mut self.venues {
            fact.losing = losing.get(venue).map(|&since| match fact.losing {
                Some((before, until)) if before == since => (since, until),
                Some(_) | None => (since, at + LEASE_OF_LOST.saturating_sub(now.since(since))),
            });
        }
    }

    pub(super) fn on_gate(&mut self, now: Mono, venue: &VenueId, open: bool) -> bool {
        let Some(fact) = self.venue_mut(venue) else { return false };
        fact.heard = now;
        std::mem::replace(&mut fact.gate_open, open) != open
    }

    /// Sound that says no level may be loud.
    pub(super) fn on_levels(&mut self, now: Mono, levels: &[(VenueId, u8)], unmeasured: &[VenueId]) {
        let loud = levels.iter().filter(|(_, level)| *level < QUIET_ROOM).map(|(venue, _)| venue);
        for venue in loud.chain(unmeasured) {
            if let Some(fact) = self.venues.get_mut(venue) {
                fact.heard = now;
            }
        }
    }

    pub(super) fn on_dropped(&mut self, now: Mono, venue: &VenueId, packets: u64) -> bool {
        let Some(fact) = self.venue_mut(venue) else { return false };
        if packets <= fact.dropped {
            return false;
        }
        fact.dropped = packets;
        fact.dropping = match fact.dropping {
            Some((last, since)) if now.since(last) <= 2 * GRACE => Some((now, since)),
            Some(_) | None => Some((now, now)),
        };
        true
    }

    fn venue_mut(&mut self, venue: &VenueId) -> Option<&mut VenueFact> {
        match self.venues.get_mut(venue) {
            Some(fact) => Some(fact),
            None => self.away.venues.get_mut(venue),
        }
    }
}

/// When a venue that is here is an alarm.
pub(crate) const RULES: &[VenueRule] = &[
    (AlarmCode::MicrophoneDisagrees, disagrees),
    (AlarmCode::AudioDropped, intrudes),
    (AlarmCode::Silent, silent),
    (AlarmCode::Loss, loses),
];

fn disagrees(of: &OfVenue<'_>) -> Finding {
    Finding::when(of.fact.disagreeing.is_some_and(|since| of.now.since(since) >= GRACE))
}

fn intrudes(of: &OfVenue<'_>) -> Finding {
    let lasts = |(last, since): (Mono, Mono)| last.since(since) >= GRACE && of.now.since(last) < 2 * GRACE;
    Finding::counts(of.fact.dropping.is_some_and(lasts), of.fact.dropped)
}

fn silent(of: &OfVenue<'_>) -> Finding {
    let silence = of.now.since(of.fact.heard);
    let speaks = of.state.lease(of.venue).is_some() && of.fact.gate_open;
    Finding::counts(speaks && silence >= SILENCE, silence.as_secs())
}

fn loses(of: &OfVenue<'_>) -> Finding {
    let worst = of.fact.losses.iter().copied().max().unwrap_or_default();
    Finding::counts(worst >= LOSS_FELT_PERMILLE, u64::from(worst))
}
