//! The start: the meeting is under way, and the chair may be heard.

use crate::decide::Ground;
use crate::event::Event;
use crate::part::floor::LeaseKind;
use crate::part::{course, floor};

pub(super) fn start(ground: &Ground<'_>) -> Vec<Event> {
    let venue = ground.roster.chair_venue.clone();
    vec![course::Event::Started.into(), floor::Event::Opened { venue, kind: LeaseKind::Standing }.into()]
}
