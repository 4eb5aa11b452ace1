//! What the server itself brings into the log: what the hop reported, changes of the roster, and the end of the run.

use base::VenueId;

use crate::across::{link_lost, roster};
use crate::event::Event;
use crate::part::course::{self, Phase};
use crate::part::membership;
use crate::planted::{self, Bug};
use crate::roster::Roster;
use crate::state::State;

/// Why the server appends something by itself. (A fact of the hop is never in the log; what follows from it may be.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A server loads the run; or its roster is another than before.
    Roster(Roster),
    /// A venue is there: its hall's page reports, or it publishes.
    Joins(VenueId),
    /// The link of a venue has been lost for longer than its lease lasts (R3).
    LinkLost(VenueId),
    /// The server owes the log nothing more: a run that has ended is closed.
    NothingOwed,
}

/// The events that follow from a cause; none if it changes nothing.
#[must_use]
pub fn decide_cause(state: &State, cause: &Cause) -> Vec<Event> {
    if let Phase::Ended { .. } = state.phase() {
        return after_the_end(state, cause);
    }
    let parts = state.parts();
    match cause {
        Cause::Roster(new) => roster::roster(state, new),
        Cause::Joins(venue) => {
            membership::joins(&parts.membership, venue).into_iter().map(Event::from).collect()
        }
        Cause::LinkLost(venue) => link_lost::link_lost(state, venue),
        Cause::NothingOwed => vec![],
    }
}

/// The record is done when the meeting ends: what the world does afterwards is no part of it. Only what the server owes the log comes in between,
/// of kinds that stand here (none yet); then the run is closed, and nothing follows.
fn after_the_end(state: &State, cause: &Cause) -> Vec<Event> {
    match cause {
        Cause::NothingOwed => course::close(&state.parts().course).into_iter().map(Event::from).collect(),
        Cause::Roster(new) if planted::active(Bug::ClosedTakesRoster) => roster::roster(state, new),
        Cause::Roster(_) | Cause::Joins(_) | Cause::LinkLost(_) => vec![],
    }
}
