//! Who may be heard.

use wire::{FloorSection, LeaseEntry};

use super::{Audience, Pace, Section, Sight};
use crate::input::{Input, Shared};

pub(crate) struct Floor;

impl Section for Floor {
    type Shape = FloorSection;
    const AUDIENCE: Audience<Sight<FloorSection>> = Audience {
        director: Sight::Whole,
        chair: Sight::Whole,
        venue: Sight::Whole,
        watcher: Sight::Nothing,
    };
    const PACE: Pace<FloorSection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        (Shared(&input.moment.state.parts().floor), input.moment.state.chair_venue())
    }

    fn of(input: &Input) -> FloorSection {
        let state = &input.moment.state;
        let mut leases: Vec<_> = state.floor().iter().collect();
        // Stable: the others stay in the order of opening.
        leases.sort_by_key(|lease| Some(&lease.venue) != state.chair_venue());
        let entry = |lease: &meeting::Lease| LeaseEntry {
            venue: lease.venue.clone(),
            kind: lease.kind,
            since: lease.since,
        };
        FloorSection { open: leases.into_iter().map(entry).collect() }
    }
}
