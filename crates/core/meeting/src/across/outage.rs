//! The log can be written again after it could not be. What it holds and nobody was told of is taken back: the log is brought to what is so, never
//! the meeting to what the log happens to hold (R16).

use base::{SourceId, VenueId};

use super::call_on::abandon;
use crate::cause::Outage;
use crate::event::Event;
use crate::part::floor::{self, FloorClosedWhy};
use crate::part::{preview, programme};
use crate::scene::Scene;
use crate::state::State;

pub(crate) fn outage(state: &State, so: &Outage) -> Vec<Event> {
    if !state.is_live() {
        return vec![];
    }
    // A call-on that nobody was told of takes its floor with it, also from a venue that had it before: who was silenced for it stays silent too.
    let untold =
        state.call_on().map(|call_on| &call_on.venue).filter(|venue| so.call_on.as_ref() != Some(*venue));
    let untold = untold.filter(|venue| Some(*venue) != state.chair_venue());
    let open = |venue: &VenueId| so.floor.contains(venue) && untold != Some(venue);
    let mut events = Vec::new();
    if state
        .call_on()
        .is_some_and(|call_on| so.call_on.as_ref() != Some(&call_on.venue) || !open(&call_on.venue))
    {
        events.extend(abandon(state));
    }
    let closed = state.floor().iter().filter(|lease| !open(&lease.venue));
    events.extend(closed.map(|lease| {
        floor::Event::Closed { venue: lease.venue.clone(), why: FloorClosedWhy::Unconfirmed }.into()
    }));
    events.extend(picture(state, so));
    events
}

/// The picture of before, or the slate if its source has left the roster meanwhile; and with it what was in preview.
fn picture(state: &State, so: &Outage) -> Vec<Event> {
    let roster = state.roster();
    let here = |source: &SourceId| roster.is_some_and(|roster| roster.venue_of(source).is_some());
    let gone = so.programme.source().is_some_and(|source| !here(source));
    let before = if gone { Scene::Slate } else { so.programme.clone() };
    let shown = programme::show(&state.parts().programme, before);
    if shown.is_empty() {
        return vec![];
    }
    let mut events: Vec<Event> = shown.into_iter().map(Event::from).collect();
    let preview::State { source, held } = so.preview.clone();
    let source = source.filter(here);
    let held = held && source.is_some();
    events.push(preview::Event::Set { source, held }.into());
    events
}
