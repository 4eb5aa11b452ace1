//! What the server itself brings into the log: facts of the hop, changes of the roster, and the end of the run.

use base::VenueId;

use crate::event::{Event, FloorClosedWhy, LeaseKind, RemovedWhy};
use crate::part::course::Phase;
use crate::planted::{self, Bug};
use crate::roster::Roster;
use crate::scene::Scene;
use crate::state::State;

/// A fact that changes the meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A server loads the run; or its roster is another than before.
    Roster(Roster),
    /// A venue publishes.
    Publishes(VenueId),
    /// The link of a venue has been lost for longer than its lease lasts (R3).
    LinkLost(VenueId),
    /// The server owes the log nothing more: a run that has ended is closed.
    NothingOwed,
}

/// The events of a fact; none if it changes nothing.
#[must_use]
pub fn decide_fact(state: &State, fact: &Fact) -> Vec<Event> {
    if let Phase::Ended { closed, .. } = state.phase() {
        return after_the_end(state, fact, closed);
    }
    match fact {
        Fact::Roster(roster) => match state.roster() {
            None => vec![Event::Opened(roster.clone())],
            Some(now) if now == roster => vec![],
            Some(_) => change_roster(state, roster),
        },
        Fact::Publishes(venue) => {
            let known = state.roster().is_some_and(|roster| roster.venue(venue).is_some());
            if known && !state.has_joined(venue) {
                vec![Event::VenueJoined { venue: venue.clone() }]
            } else {
                vec![]
            }
        }
        Fact::LinkLost(venue) => link_lost(state, venue),
        Fact::NothingOwed => vec![],
    }
}

/// The record is done when the meeting ends: what the world does afterwards is no part of it. Only what the server owes the log comes in between,
/// of kinds that stand here (none yet); then the run is closed, and nothing follows.
fn after_the_end(state: &State, fact: &Fact, closed: bool) -> Vec<Event> {
    match fact {
        Fact::NothingOwed if !closed => vec![Event::Closed],
        Fact::Roster(roster) if planted::active(Bug::ClosedTakesRoster) => change_roster(state, roster),
        Fact::NothingOwed | Fact::Roster(_) | Fact::Publishes(_) | Fact::LinkLost(_) => vec![],
    }
}

/// The chair's venue keeps its lease; a call-on ends, and its request waits again at its old place.
fn link_lost(state: &State, venue: &VenueId) -> Vec<Event> {
    if state.lease(venue).is_none() || state.chair_venue() == Some(venue) {
        return vec![];
    }
    let mut events = vec![];
    if let Some(call_on) = state.call_on().filter(|call_on| call_on.venue == *venue) {
        events.push(Event::CallOnEnded { venue: venue.clone() });
        if let Some(request) = &call_on.request
            && state.queue().iter().any(|r| r.id == *request)
        {
            events.push(Event::RequestWaits { request: request.clone() });
        }
    }
    events.push(Event::FloorClosed { venue: venue.clone(), why: FloorClosedWhy::LinkLost });
    events
}

/// What belongs to venues or sources that are gone is closed first, under the old roster.
fn change_roster(state: &State, roster: &Roster) -> Vec<Event> {
    let gone = |venue: &VenueId| roster.venue(venue).is_none();
    // The chair's venue of before, if it stays as a branch: its standing lease ends, and with it a call-on that stood on that.
    let deposed = state.chair_venue().filter(|chair| **chair != roster.chair_venue && !gone(chair));
    let mut events = vec![];
    if let Some(call_on) = state.call_on().filter(|c| gone(&c.venue) || deposed == Some(&c.venue)) {
        events.push(Event::CallOnEnded { venue: call_on.venue.clone() });
        let speaking =
            state.queue().iter().find(|r| Some(&r.id) == call_on.request.as_ref() && !gone(&r.venue));
        events.extend(speaking.map(|request| Event::RequestWaits { request: request.id.clone() }));
    }
    events.extend(
        state
            .floor()
            .iter()
            .filter(|lease| gone(&lease.venue))
            .map(|lease| Event::FloorClosed { venue: lease.venue.clone(), why: FloorClosedWhy::LeftRoster }),
    );
    events.extend(
        state.queue().iter().filter(|request| gone(&request.venue)).map(|request| Event::RequestRemoved {
            request: request.id.clone(),
            why: RemovedWhy::LeftRoster,
        }),
    );
    if state.programme().source().is_some_and(|source| roster.venue_of(source).is_none()) {
        events.push(Event::ProgrammeSet { scene: Scene::Slate });
    }
    if state.preview().source.as_ref().is_some_and(|source| roster.venue_of(source).is_none()) {
        events.push(Event::PreviewSet { source: None, held: false });
    }
    if let Some(lease) = deposed.and_then(|chair| state.lease(chair)) {
        events.push(Event::FloorClosed { venue: lease.venue.clone(), why: FloorClosedWhy::Closed });
    }
    events.push(Event::RosterChanged(roster.clone()));
    if state.is_live() && state.chair_venue() != Some(&roster.chair_venue) {
        events.push(Event::FloorOpened { venue: roster.chair_venue.clone(), kind: LeaseKind::Standing });
    }
    events
}
