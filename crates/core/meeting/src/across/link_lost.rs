//! A link that was lost for longer than its lease lasts (R3).

use base::VenueId;

use super::call_on::abandon;
use crate::event::Event;
use crate::part::floor::{self, FloorClosedWhy};
use crate::state::State;

/// The chair's venue keeps its lease; a call-on ends, and its request waits again at its old place.
pub(crate) fn link_lost(state: &State, venue: &VenueId) -> Vec<Event> {
    if state.lease(venue).is_none() || state.chair_venue() == Some(venue) {
        return vec![];
    }
    let called = state.call_on().is_some_and(|call_on| call_on.venue == *venue);
    let mut events = if called { abandon(state) } else { vec![] };
    events.push(floor::Event::Closed { venue: venue.clone(), why: FloorClosedWhy::LinkLost }.into());
    events
}
