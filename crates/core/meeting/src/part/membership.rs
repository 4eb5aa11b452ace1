//! Membership: which venues take part, and which have come. Written by the server alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{JournalKind, VenueId};

use crate::event::events;
use crate::roster::Roster;
use crate::told::Told;

events! {
    /// What happens to membership.
    writes Membership;

    /// A server loaded the meeting for the first time. Holds all that replay needs.
    "opened" v 2 reads 1 => Opened(Roster);
    /// The roster changed.
    "roster_changed" v 2 reads 1 => RosterChanged(Roster);
    /// A venue published for the first time in this run.
    "venue_joined" v 1 => VenueJoined {
        /// The venue.
        venue: VenueId,
    };
}

/// Who takes part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// None until the first event. Shared, since a venue that joins changes nothing of it.
    pub(crate) roster: Option<Arc<Roster>>,
    /// Venues that have published in this run.
    pub(crate) joined: BTreeSet<VenueId>,
}

impl Event {
    pub(crate) fn told(&self) -> Option<Told<'_>> {
        Some(match self {
            Self::Opened(_) => Told::plain(JournalKind::Opened),
            Self::RosterChanged(_) => Told::plain(JournalKind::Roster),
            Self::VenueJoined { venue } => Told::of(JournalKind::Joined, venue),
        })
    }

    /// The roster that it brings.
    pub(crate) fn roster(&self) -> Option<&Roster> {
        match self {
            Self::Opened(roster) | Self::RosterChanged(roster) => Some(roster),
            Self::VenueJoined { .. } => None,
        }
    }
}

/// A venue is there: it joins, once in a run.
pub(crate) fn joins(state: &State, venue: &VenueId) -> Vec<Event> {
    // Asked with every report of every hall: who has joined is found first.
    let known = || state.roster.as_ref().is_some_and(|roster| roster.venue(venue).is_some());
    if !state.joined.contains(venue) && known() {
        vec![Event::VenueJoined { venue: venue.clone() }]
    } else {
        vec![]
    }
}

impl State {
    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::Opened(roster) | Event::RosterChanged(roster) => {
                self.roster = Some(Arc::new(roster.clone()));
            }
            Event::VenueJoined { venue } => {
                self.joined.insert(venue.clone());
            }
        }
    }

    pub(crate) fn broken(&self) -> Option<String> {
        let early = self.roster.is_none() && !self.joined.is_empty();
        early.then(|| "a venue has joined a run that is not opened".into())
    }
}
