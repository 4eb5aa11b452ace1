//! What must be true of every state, whatever the commands were.

use std::collections::BTreeSet;

use base::limits::OPEN_MICROPHONES_MAX;

use crate::event::LeaseKind;
use crate::part::course::Phase;
use crate::scene::Scene;
use crate::state::State;

/// The first invariant that does not hold, in words.
#[must_use]
pub fn broken_invariant(state: &State) -> Option<String> {
    floor(state).or_else(|| call_on(state)).or_else(|| queue(state)).or_else(|| pictures(state))
}

fn floor(state: &State) -> Option<String> {
    let venues: BTreeSet<_> = state.floor().iter().map(|lease| &lease.venue).collect();
    if venues.len() != state.floor().len() {
        return Some("a venue has two leases".into());
    }
    if state.floor().len() > OPEN_MICROPHONES_MAX {
        return Some(format!("{} microphones are open", state.floor().len()));
    }
    if !state.is_live() && !state.floor().is_empty() {
        return Some("a microphone is open while the meeting is not under way (R2)".into());
    }
    let stray = state
        .floor()
        .iter()
        .find(|lease| (lease.kind == LeaseKind::Standing) != (Some(&lease.venue) == state.chair_venue()));
    stray.map(|lease| format!("the lease of {} has the wrong kind", lease.venue))
}

fn call_on(state: &State) -> Option<String> {
    let Some(call_on) = state.call_on() else {
        let left = state.floor().iter().find(|lease| lease.kind == LeaseKind::CallOn);
        return left.map(|lease| format!("{} keeps the floor of a call-on that ended (R2)", lease.venue));
    };
    if state.lease(&call_on.venue).is_none() && Some(&call_on.venue) != state.chair_venue() {
        return Some("a call-on runs without the floor (R5)".into());
    }
    let other = state
        .floor()
        .iter()
        .find(|lease| lease.venue != call_on.venue && Some(&lease.venue) != state.chair_venue());
    other.map(|lease| format!("{} is open beside a call-on (R5)", lease.venue))
}

fn queue(state: &State) -> Option<String> {
    let venues: BTreeSet<_> = state.queue().iter().map(|request| &request.venue).collect();
    if venues.len() != state.queue().len() {
        return Some("a venue has two requests".into());
    }
    let speaking: Vec<_> = state.queue().iter().filter(|request| request.speaking).map(|r| &r.id).collect();
    let called = state.call_on().and_then(|call_on| call_on.request.as_ref());
    match speaking.as_slice() {
        [] => None,
        [one] if called == Some(*one) => None,
        _ => Some("a request speaks without its call-on (R8)".into()),
    }
}

fn pictures(state: &State) -> Option<String> {
    if !matches!(state.phase(), Phase::Live { .. }) && *state.programme() != Scene::Slate {
        return Some("a picture is on air while the meeting is not under way".into());
    }
    let roster = state.roster()?;
    let on_air = state.programme().source();
    if on_air.is_some_and(|source| roster.venue_of(source).is_none()) {
        return Some("an unknown source is on air".into());
    }
    let itself = on_air.and_then(|source| roster.venue_of(source)).filter(|venue| {
        state.return_picture(venue).source().and_then(|source| roster.venue_of(source)) == Some(*venue)
    });
    itself.map(|venue| format!("{venue} would see itself (R6)"))
}
