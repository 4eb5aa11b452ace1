//! What was held, when the meeting is over.

use meeting::{HeldItem, Phase, Speech};
use wire::{Summary, SummaryItem, SummarySection, SummarySpeech};

use super::{Audience, Pace, Section, Sight, count};
use crate::input::{Input, Shared};

pub(crate) struct Held;

impl Section for Held {
    type Shape = SummarySection;
    const AUDIENCE: Audience<Sight<SummarySection>> = Audience::DESK;
    const PACE: Pace<SummarySection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        let parts = input.moment.state.parts();
        (Shared(&parts.course), Shared(&parts.summary), Shared(&parts.membership))
    }

    fn of(input: &Input) -> SummarySection {
        let state = &input.moment.state;
        let (from, to) = match state.phase() {
            Phase::Waiting | Phase::Live { .. } => return SummarySection { done: None },
            Phase::Ended { started, ended, .. } => (started, ended),
        };
        let venues = state.roster().map(|roster| roster.venues.as_slice()).unwrap_or_default();
        let held = |held: &HeldItem| SummaryItem {
            item: held.item.clone(),
            began: held.began,
            ended: held.ended.unwrap_or(to),
        };
        let done = Summary {
            from,
            to,
            items: state.summary().items.iter().map(held).collect(),
            speeches: state.summary().speeches.iter().map(speech).collect(),
            venues: count(venues.iter().filter(|venue| state.has_joined(&venue.id)).count()),
            expected: count(venues.len()),
        };
        SummarySection { done: Some(done) }
    }
}

fn speech(speech: &Speech) -> SummarySpeech {
    SummarySpeech {
        venue: speech.venue.clone(),
        person: speech.person.clone(),
        began: speech.began,
        seconds: u32::try_from(speech.ms / 1000).unwrap_or(u32::MAX),
        item: speech.item.clone(),
    }
}
