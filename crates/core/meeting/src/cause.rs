//! What the server itself brings into the log: what the hop reported, changes of the roster, and the end of the run.

use std::collections::BTreeSet;

use base::{Sequence, VenueId};

use crate::across::{link_lost, outage, roster};
use crate::event::Event;
use crate::part::course::{self, Phase};
use crate::part::{membership, preview};
use crate::planted::{self, Bug};
use crate::roster::Roster;
use crate::scene::Scene;
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
    /// The log can be written again after it could not be: it is brought to what is really so (R16, R17).
    Outage(Outage),
    /// The clock of the server jumped by so many milliseconds (R20).
    ClockJumped {
        /// Forward or back.
        by_ms: i64,
    },
    /// The server owes the log nothing more: a run that has ended is closed.
    NothingOwed,
    /// The log had lost events when it was opened, and somebody said to go on from what was left (R19).
    LossAccepted {
        /// Sequence of the last event that had been stored.
        had: Sequence,
        /// Sequence of the last event that is there.
        has: Sequence,
    },
}

/// What is really so when the log can be written again: nobody was told of anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Venues whose microphones are open, as far as the log has it so too.
    pub floor: BTreeSet<VenueId>,
    /// The venue whose call-on runs.
    pub call_on: Option<VenueId>,
    /// What everybody is shown.
    pub programme: Scene,
    /// What is in preview, if the programme is to be taken back.
    pub preview: preview::State,
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
        Cause::Outage(outage) => outage::outage(state, outage),
        Cause::ClockJumped { by_ms } => vec![course::Event::ClockJumped { by_ms: *by_ms }.into()],
        Cause::NothingOwed => vec![],
        Cause::LossAccepted { had, has } => loss_accepted(*had, *has),
    }
}

fn loss_accepted(had: Sequence, has: Sequence) -> Vec<Event> {
    vec![course::Event::LossAccepted { had, has }.into()]
}

/// The record is done when the meeting ends: what the world does afterwards is no part of it. Only what the server owes the log comes in between,
/// of kinds that stand here: that it lost something; then the run is closed, and nothing follows.
fn after_the_end(state: &State, cause: &Cause) -> Vec<Event> {
    match cause {
        Cause::NothingOwed => course::close(&state.parts().course).into_iter().map(Event::from).collect(),
        Cause::LossAccepted { had, has } if matches!(state.phase(), Phase::Ended { closed: false, .. }) => {
            loss_accepted(*had, *has)
        }
        Cause::Roster(new) if planted::active(Bug::ClosedTakesRoster) => roster::roster(state, new),
        Cause::Roster(_)
        | Cause::Joins(_)
        | Cause::LinkLost(_)
        | Cause::Outage(_)
        | Cause::ClockJumped { .. }
        | Cause::LossAccepted { .. } => vec![],
    }
}
