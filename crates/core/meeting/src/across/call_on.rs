//! The call-on: picture, exclusive floor and request in one; and the acts that end it.

use base::limits::CALL_ON_LIMIT_S_MAX;
use base::{PersonId, RequestId, SourceId, VenueId};

use crate::command::{Refusal, RefusalCode};
use crate::decide::Ground;
use crate::event::Event;
use crate::part::floor::{self, CallOn, FloorClosedWhy, LeaseKind};
use crate::part::queue::{self, RemovedWhy, Request};
use crate::part::{preview, programme};
use crate::planted::{self, Bug};
use crate::scene::Scene;
use crate::state::State;

/// A call-on as it is asked for.
pub(super) struct Call<'a> {
    pub(super) venue: &'a VenueId,
    pub(super) source: Option<&'a SourceId>,
    pub(super) person: Option<&'a PersonId>,
    pub(super) limit_s: Option<u32>,
    pub(super) request: Option<&'a RequestId>,
}

pub(super) fn call_on(ground: &Ground<'_>, call: &Call<'_>) -> Result<Vec<Event>, Refusal> {
    ground.no_call_on()?;
    let venue = ground.venue(call.venue)?;
    let source = ground.source_of(venue, call.source)?;
    ground.person(call.person)?;
    if call.limit_s.is_some_and(|s| s == 0 || s > CALL_ON_LIMIT_S_MAX) {
        return Err(Refusal::new(RefusalCode::BadLimit));
    }
    let request = call.request.map(|id| asked(ground, id, &venue.id)).transpose()?;

    let mut events = Vec::new();
    if !planted::active(Bug::CallOnNotExclusive) {
        events.extend(close_branches(ground, FloorClosedWhy::Exclusive, Some(&venue.id)));
    }
    events.extend(lease(ground, &venue.id));
    events.push(
        floor::Event::CallOnBegan {
            venue: venue.id.clone(),
            source: source.clone(),
            person: call.person.cloned().or_else(|| request.and_then(|r| r.person.clone())),
            request: request.map(|r| r.id.clone()),
            limit_s: call.limit_s,
        }
        .into(),
    );
    events.extend(request.map(|r| Event::from(queue::Event::Speaking { request: r.id.clone() })));
    events.extend(picture(ground, &source));
    Ok(events)
}

pub(super) fn end_call_on(ground: &Ground<'_>) -> Result<Vec<Event>, Refusal> {
    let call_on = ground.state.call_on().ok_or_else(|| Refusal::new(RefusalCode::NoCallOn))?;
    Ok(spoken(ground, call_on, FloorClosedWhy::CallOnEnded))
}

pub(super) fn close_floor(ground: &Ground<'_>, venue: &VenueId) -> Result<Vec<Event>, Refusal> {
    let venue = &ground.venue(venue)?.id;
    if ground.state.lease(venue).is_none() {
        return Ok(vec![]);
    }
    match ground.state.call_on() {
        Some(call_on) if call_on.venue == *venue && *venue != ground.roster.chair_venue => {
            Ok(spoken(ground, call_on, FloorClosedWhy::Closed))
        }
        Some(_) | None => {
            Ok(vec![floor::Event::Closed { venue: venue.clone(), why: FloorClosedWhy::Closed }.into()])
        }
    }
}

pub(super) fn mute_all(ground: &Ground<'_>) -> Vec<Event> {
    let mut events = abandon(ground.state);
    events.extend(close_branches(ground, FloorClosedWhy::MutedAll, None));
    events
}

/// Ends a call-on for another reason than that it has spoken: the request waits again at its old place (R8).
pub(super) fn abandon(state: &State) -> Vec<Event> {
    let Some(call_on) = state.call_on() else { return vec![] };
    let mut events = vec![floor::Event::CallOnEnded { venue: call_on.venue.clone() }.into()];
    if let Some(request) = speaking(state, call_on) {
        let request = request.id.clone();
        events.push(Event::from(if planted::active(Bug::MuteForgetsRequest) {
            queue::Event::Removed { request, why: RemovedWhy::Spoken }
        } else {
            queue::Event::Waits { request }
        }));
    }
    events
}

/// The request that speaks on a call-on, if it is still there.
pub(super) fn speaking<'a>(state: &'a State, call_on: &CallOn) -> Option<&'a Request> {
    state.queue().iter().find(|request| Some(&request.id) == call_on.request.as_ref())
}

fn asked<'a>(ground: &Ground<'a>, id: &RequestId, venue: &VenueId) -> Result<&'a Request, Refusal> {
    let found = ground.state.queue().iter().find(|request| request.id == *id && request.venue == *venue);
    found.ok_or_else(|| Refusal::held(RefusalCode::UnknownRequest, id, vec![]))
}

/// The chair's venue speaks from its standing lease, or gets it back.
fn lease(ground: &Ground<'_>, venue: &VenueId) -> Option<Event> {
    let kind = if *venue != ground.roster.chair_venue {
        LeaseKind::CallOn
    } else if ground.state.lease(venue).is_none() {
        LeaseKind::Standing
    } else {
        return None;
    };
    Some(floor::Event::Opened { venue: venue.clone(), kind }.into())
}

/// The called venue on air. What was previewed is on air then, so the preview holds what was on air, as after a take.
fn picture(ground: &Ground<'_>, source: &SourceId) -> Vec<Event> {
    let parts = ground.state.parts();
    let shown = programme::show(&parts.programme, Scene::Full(source.clone()));
    let mut events = Vec::new();
    if !shown.is_empty() && parts.preview.source.as_ref() == Some(source) {
        events.push(preview::hold(parts.programme.scene.source()).into());
    }
    events.extend(shown.into_iter().map(Event::from));
    events
}

/// Ends a call-on that has spoken: its gate shuts, and its request is done.
fn spoken(ground: &Ground<'_>, call_on: &CallOn, why: FloorClosedWhy) -> Vec<Event> {
    let venue = call_on.venue.clone();
    let mut events = vec![floor::Event::CallOnEnded { venue: venue.clone() }.into()];
    if venue != ground.roster.chair_venue && !planted::active(Bug::CallOnLeavesFloor) {
        events.push(floor::Event::Closed { venue, why }.into());
    }
    if let Some(request) = speaking(ground.state, call_on) {
        let request = request.id.clone();
        events.push(queue::Event::Removed { request, why: RemovedWhy::Spoken }.into());
    }
    events
}

fn close_branches<'a>(
    ground: &Ground<'a>,
    why: FloorClosedWhy,
    but: Option<&'a VenueId>,
) -> impl Iterator<Item = Event> {
    let chair = &ground.roster.chair_venue;
    let branches = ground.state.floor().iter().filter(move |l| l.venue != *chair && Some(&l.venue) != but);
    branches.map(move |lease| floor::Event::Closed { venue: lease.venue.clone(), why }.into())
}
