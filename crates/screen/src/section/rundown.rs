//! The items.

use wire::{ItemEntry, RundownSection};

use super::{Audience, Pace, Section, Sight};
use crate::convert;
use crate::input::{Input, Shared};

pub(crate) struct Rundown;

impl Section for Rundown {
    type Shape = RundownSection;
    const AUDIENCE: Audience<Sight<RundownSection>> = Audience::EVERYBODY;
    const PACE: Pace<RundownSection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        (Shared(&input.moment.plan), Shared(&input.moment.state.parts().course))
    }

    fn of(input: &Input) -> RundownSection {
        let state = &input.moment.state;
        let items = input.moment.plan.items.iter().map(|item| ItemEntry {
            id: item.id.clone(),
            title: convert::text(&item.title),
            minutes: item.minutes,
            start: item.start,
            person: item.person.clone(),
            venue: item.venue.clone(),
            began: state.item_began(&item.id),
        });
        let current = state.item().cloned();
        let since = current.as_ref().and_then(|item| state.item_began(item));
        RundownSection { items: items.collect(), current, since }
    }
}
