//! What must be true of every state, whatever the commands were.

use crate::scene::Scene;
use crate::state::State;

/// The first invariant that does not hold, in words.
#[must_use]
pub fn broken_invariant(state: &State) -> Option<String> {
    let parts = state.parts();
    let (roster, chair) = (state.roster(), state.chair_venue());
    let of_parts = [
        parts.membership.broken(),
        parts.course.broken(),
        parts.floor.broken(chair),
        parts.queue.broken(),
        parts.programme.broken(roster),
        parts.preview.broken(roster),
    ];
    of_parts
        .into_iter()
        .flatten()
        .next()
        .or_else(|| under_way(state))
        .or_else(|| speaks(state))
        .or_else(|| returns(state))
}

fn under_way(state: &State) -> Option<String> {
    if state.is_live() {
        return None;
    }
    if !state.floor().is_empty() {
        return Some("a microphone is open while the meeting is not under way (R2)".into());
    }
    let shown = *state.programme() != Scene::Slate;
    shown.then(|| "a picture is on air while the meeting is not under way".into())
}

fn speaks(state: &State) -> Option<String> {
    let called = state.call_on().and_then(|call_on| call_on.request.as_ref());
    let stray = state.queue().iter().find(|request| request.speaking && called != Some(&request.id));
    stray.map(|_| "a request speaks without its call-on (R8)".into())
}

fn returns(state: &State) -> Option<String> {
    let roster = state.roster()?;
    let venue = roster.venue_of(state.programme().source()?)?;
    let seen = state.return_picture(venue);
    let itself = seen.source().and_then(|source| roster.venue_of(source)) == Some(venue);
    itself.then(|| format!("{venue} would see itself (R6)"))
}
