//! The end: nobody is heard, nothing is shown, and the run takes no act any more.

use super::call_on::abandon;
use crate::decide::Ground;
use crate::event::Event;
use crate::part::floor::FloorClosedWhy;
use crate::part::{course, floor, preview, programme};
use crate::scene::Scene;

pub(super) fn end(ground: &Ground<'_>) -> Vec<Event> {
    let parts = ground.state.parts();
    let why = FloorClosedWhy::MeetingEnded;
    let closed = |lease: &floor::Lease| floor::Event::Closed { venue: lease.venue.clone(), why };
    let mut events = abandon(ground.state);
    events.extend(parts.floor.leases.iter().map(closed).map(Event::from));
    events.extend(programme::show(&parts.programme, Scene::Slate).into_iter().map(Event::from));
    events.extend(preview::clear(&parts.preview).map(Event::from));
    events.push(course::Event::Ended.into());
    events
}
