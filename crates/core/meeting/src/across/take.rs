//! The take: preview to programme. The floor is not touched (R1).

use base::SourceId;

use crate::command::{Refusal, RefusalCode};
use crate::decide::Ground;
use crate::event::Event;
use crate::part::floor::{self, LeaseKind};
use crate::part::{preview, programme};
use crate::planted::{self, Bug};
use crate::scene::Scene;

pub(super) fn take(ground: &Ground<'_>, expected: Option<&SourceId>) -> Result<Vec<Event>, Refusal> {
    let Some(next) = &ground.state.preview().source else {
        return Err(Refusal::new(RefusalCode::PreviewEmpty));
    };
    if let Some(expected) = expected
        && ground.roster.resolve(expected).as_ref() != Some(next)
    {
        return Err(Refusal::held(RefusalCode::PreviewChanged, next, vec![]));
    }
    let former = ground.state.programme().source();
    if former == Some(next) {
        return Ok(vec![]);
    }
    let mut events =
        vec![programme::Event::Set { scene: Scene::Full(next.clone()) }.into(), preview::hold(former).into()];
    if planted::active(Bug::TakeOpensFloor)
        && let Some(venue) = ground.roster.venue_of(next)
    {
        events.push(floor::Event::Opened { venue: venue.clone(), kind: LeaseKind::Open }.into());
    }
    Ok(events)
}
