//! Who wants to speak.

use base::VenueId;
use wire::{QueueEntry, QueueSection};

use super::{Audience, Pace, Section, Sight};
use crate::input::{Input, Shared};

pub(crate) struct Queue;

impl Section for Queue {
    type Shape = QueueSection;
    const AUDIENCE: Audience<Sight<QueueSection>> = Audience::DESK;
    const PACE: Pace<QueueSection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        let parts = input.moment.state.parts();
        (Shared(&parts.queue), Shared(&parts.floor))
    }

    fn of(input: &Input) -> QueueSection {
        let requests = input.moment.state.queue().iter().map(|request| QueueEntry {
            request: request.id.clone(),
            venue: request.venue.clone(),
            person: request.person.clone(),
            kind: request.kind,
            since: request.since,
            speaking: request.speaking,
            spoken_s: spoken_s(input, &request.venue),
        });
        QueueSection { requests: requests.collect() }
    }
}

fn spoken_s(input: &Input, venue: &VenueId) -> u32 {
    u32::try_from(input.moment.state.spoken_ms(venue) / 1000).unwrap_or(u32::MAX)
}
