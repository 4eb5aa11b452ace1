//! Who takes part, as the first event of a run holds it: replay reads no table that can change.

use base::{ItemId, PersonId, SourceId, VenueId};
use serde::{Deserialize, Serialize};

/// A venue of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterVenue {
    /// Which.
    pub id: VenueId,
    /// Its camera positions, the first first; at least one.
    pub sources: Vec<SourceId>,
}

/// All that replay needs to know of the organisation: ids only, names live elsewhere. It lists no people: whether a person exists is asked of the
/// directory before an act is decided, and no replay asks again. (Version 1 of its events listed all people of the organisation; they are read past.)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// Venues in rank order, the chair's first.
    pub venues: Vec<RosterVenue>,
    /// The chair's venue.
    pub chair_venue: VenueId,
    /// Who chairs.
    pub chair: Option<PersonId>,
    /// Items of the rundown in order.
    pub items: Vec<ItemId>,
    /// Version of the policy table.
    pub policy: u32,
}

impl Roster {
    /// A venue.
    #[must_use]
    pub fn venue(&self, id: &VenueId) -> Option<&RosterVenue> {
        self.venues.iter().find(|v| v.id == *id)
    }

    /// The venue of a source.
    #[must_use]
    pub fn venue_of(&self, source: &SourceId) -> Option<&VenueId> {
        self.venues.iter().find(|v| v.sources.contains(source)).map(|v| &v.id)
    }

    /// The source that a text means: a source, or a venue's first.
    #[must_use]
    pub fn resolve(&self, named: &SourceId) -> Option<SourceId> {
        if self.venue_of(named).is_some() {
            return Some(named.clone());
        }
        self.venues.iter().find(|v| v.id.as_str() == named.as_str()).and_then(|v| v.sources.first().cloned())
    }

    /// First source of the chair's venue.
    #[must_use]
    pub fn chair_source(&self) -> Option<&SourceId> {
        self.venue(&self.chair_venue).and_then(|v| v.sources.first())
    }
}
