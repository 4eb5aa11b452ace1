//! What the venue on air sees, so that no room sees itself (R6). It follows from roster and programme, and no act writes it.

use base::{SourceId, VenueId};

use crate::planted::{self, Bug};
use crate::roster::Roster;
use crate::scene::Scene;

/// What there is to know of the past for that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returns {
    /// The last source of a venue other than the chair's that was shown: what the chair's venue sees while it is itself on air.
    last_branch: Option<SourceId>,
}

impl Returns {
    /// The programme is about to leave this scene.
    pub(crate) fn leaves(&mut self, roster: Option<&Roster>, former: &Scene) {
        if let (Some(source), Some(roster)) = (former.source(), roster)
            && is_branch(roster, source)
        {
            self.last_branch = Some(source.clone());
        }
    }

    /// The roster is another.
    pub(crate) fn keep_branches(&mut self, roster: &Roster) {
        self.last_branch.take_if(|source| !is_branch(roster, source));
    }

    /// What a venue sees while it is itself on air: the chair's venue; the chair's own venue sees the last branch that was shown, else the slate.
    pub(crate) fn picture(&self, roster: &Roster, venue: &VenueId) -> Scene {
        let source = if *venue == roster.chair_venue && !planted::active(Bug::ReturnShowsSelf) {
            self.last_branch.as_ref()
        } else {
            roster.chair_source()
        };
        source.map_or(Scene::Slate, |source| Scene::Full(source.clone()))
    }
}

fn is_branch(roster: &Roster, source: &SourceId) -> bool {
    roster.venue_of(source).is_some_and(|venue| *venue != roster.chair_venue)
}
