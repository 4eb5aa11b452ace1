//! What the hop and the pages report. Never logged: after a restart they are learned anew.
//!
//! Each file owns what is known of one thing, how it is learned, and the rules by which it is an alarm.

mod node;
mod page;
mod source;
mod venue;

use std::collections::BTreeMap;

use base::limits::VENUES_MAX;
use base::{Mono, SourceId, VenueId, Wall};
use meeting::Scene;

use crate::control::OpenDesk;
use crate::port::hop::{Fact, Measure, What};

pub use node::NodeFact;
pub use page::PageReport;
pub use source::SourceFact;
pub use venue::{LEASE_OF_LOST, Transport, VenueFact};

pub(crate) use page::RULES as PAGE_RULES;
pub(crate) use source::RULES as SOURCE_RULES;
pub(crate) use venue::RULES as VENUE_RULES;

/// Sources that left the plan of which something is still known.
const SOURCES_AWAY_MAX: usize = VENUES_MAX;

/// All that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Venues.
    pub venues: BTreeMap<VenueId, VenueFact>,
    /// Sources.
    pub sources: BTreeMap<SourceId, SourceFact>,
    /// The node.
    pub node: NodeFact,
    /// What the hop shows: this is on air.
    pub shown: Scene,
    /// Since when.
    pub shown_at: Wall,
    /// The desks that are open.
    pub desks: Vec<OpenDesk>,
    /// A take waits for a key frame of this source for over a second.
    pub waiting: Option<SourceId>,
    /// Venue of each source.
    venue_of: BTreeMap<SourceId, VenueId>,
    away: Away,
}

/// What is known of venues and sources that left the plan. The hop tells nothing twice, so it must still be known when they come back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Away {
    venues: BTreeMap<VenueId, VenueFact>,
    sources: BTreeMap<SourceId, SourceFact>,
    venue_of: BTreeMap<SourceId, VenueId>,
}

impl Facts {
    /// Sets which sources and venues there are. What is known of the others is kept for their return.
    pub fn set_sources(&mut self, sources: &[(SourceId, VenueId)]) {
        let mut before = std::mem::take(&mut self.away);
        before.venues.append(&mut self.venues);
        before.sources.append(&mut self.sources);
        before.venue_of.append(&mut self.venue_of);
        self.venue_of = sources.iter().cloned().collect();
        for venue in self.venue_of.values() {
            if !self.venues.contains_key(venue) {
                self.venues.insert(venue.clone(), before.venues.remove(venue).unwrap_or_default());
            }
        }
        for source in self.venue_of.keys() {
            before.venue_of.remove(source);
            if let Some(fact) = before.sources.remove(source) {
                self.sources.insert(source.clone(), fact);
            }
        }
        if before.venue_of.len() <= SOURCES_AWAY_MAX {
            self.away = before;
        }
    }

    /// Takes a report of the hop. True if a screen would show the difference.
    pub fn on_hop(&mut self, now: Mono, at: Wall, what: &What) -> bool {
        match what {
            What::Fact(fact) => self.on_fact(now, at, fact),
            What::Measure(Measure::Levels { levels, unmeasured }) => {
                self.on_levels(now, levels, unmeasured);
                false
            }
            What::Measure(Measure::Quality { source, loss_permille, kbps }) => {
                self.on_quality(now, source, *loss_permille, *kbps);
                true
            }
        }
    }

    /// The clock jumped: what is told with its hour is as old as it was.
    pub fn follow_clock(&mut self, by_ms: i64) {
        self.shown_at = self.shown_at.shifted_ms(by_ms);
        self.venues.values_mut().for_each(|fact| fact.follow_clock(by_ms));
    }

    fn on_fact(&mut self, now: Mono, at: Wall, fact: &Fact) -> bool {
        match fact {
            Fact::Gate { venue, open, .. } => self.on_gate(now, venue, *open),
            Fact::Shown { scene, .. } => self.on_shown(at, scene),
            Fact::Waiting { source } => self.waiting.replace(source.clone()).as_ref() != Some(source),
            Fact::Source { source, state } => self.on_source(now, at, source, state),
            Fact::Session { session, client, kind, change } => {
                self.on_session(now, *session, client.as_ref(), kind, *change)
            }
            Fact::Dropped { venue, packets } => self.on_dropped(now, venue, *packets),
            Fact::TooLarge { source, packets } => self.on_too_large(now, source, *packets),
        }
    }

    fn on_shown(&mut self, at: Wall, scene: &Scene) -> bool {
        if self.waiting.as_ref() == scene.source() {
            self.waiting = None;
        }
        if self.shown == *scene {
            return false;
        }
        self.shown = scene.clone();
        self.shown_at = at;
        true
    }
}
