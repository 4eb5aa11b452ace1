//! The roster: the first opens the run, another takes with it what belongs to venues and sources that are gone.

use base::VenueId;

use super::call_on::speaking;
use crate::event::Event;
use crate::part::floor::{self, FloorClosedWhy, LeaseKind};
use crate::part::queue::{self, RemovedWhy};
use crate::part::{membership, preview, programme};
use crate::roster::Roster;
use crate::scene::Scene;
use crate::state::State;

pub(crate) fn roster(state: &State, roster: &Roster) -> Vec<Event> {
    match state.roster() {
        None => vec![membership::Event::Opened(roster.clone()).into()],
        Some(now) if now == roster => vec![],
        Some(_) => change(state, roster),
    }
}

/// What belongs to venues or sources that are gone is closed first, under the old roster.
fn change(state: &State, roster: &Roster) -> Vec<Event> {
    let gone = |venue: &VenueId| roster.venue(venue).is_none();
    // The chair's venue of before, if it stays as a branch: its standing lease ends, and with it a call-on that stood on that.
    let deposed = state.chair_venue().filter(|chair| **chair != roster.chair_venue && !gone(chair));
    let closed = |venue: &VenueId, why| Event::from(floor::Event::Closed { venue: venue.clone(), why });

    let mut events = end_call_on(state, |venue| gone(venue) || deposed == Some(venue), gone);
    let leases = state.floor().iter().filter(|lease| gone(&lease.venue));
    events.extend(leases.map(|lease| closed(&lease.venue, FloorClosedWhy::LeftRoster)));
    let requests = state.queue().iter().filter(|request| gone(&request.venue));
    events.extend(requests.map(|request| {
        queue::Event::Removed { request: request.id.clone(), why: RemovedWhy::LeftRoster }.into()
    }));
    if state.programme().source().is_some_and(|source| roster.venue_of(source).is_none()) {
        events.push(programme::Event::Set { scene: Scene::Slate }.into());
    }
    if state.preview().source.as_ref().is_some_and(|source| roster.venue_of(source).is_none()) {
        events.extend(preview::clear(&state.parts().preview).map(Event::from));
    }
    let standing = deposed.and_then(|chair| state.lease(chair));
    events.extend(standing.map(|lease| closed(&lease.venue, FloorClosedWhy::Closed)));
    events.push(membership::Event::RosterChanged(roster.clone()).into());
    if state.is_live() && state.chair_venue() != Some(&roster.chair_venue) {
        let venue = roster.chair_venue.clone();
        events.push(floor::Event::Opened { venue, kind: LeaseKind::Standing }.into());
    }
    events
}

/// Ends the call-on of such a venue; its request waits again unless it is gone with its venue.
fn end_call_on(
    state: &State,
    ends: impl Fn(&VenueId) -> bool,
    gone: impl Fn(&VenueId) -> bool,
) -> Vec<Event> {
    let Some(call_on) = state.call_on().filter(|call_on| ends(&call_on.venue)) else { return vec![] };
    let mut events = vec![floor::Event::CallOnEnded { venue: call_on.venue.clone() }.into()];
    let waits = speaking(state, call_on).filter(|request| !gone(&request.venue));
    events.extend(waits.map(|request| Event::from(queue::Event::Waits { request: request.id.clone() })));
    events
}
