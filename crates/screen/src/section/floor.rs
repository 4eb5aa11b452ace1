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
        let moment = &input.moment;
        (Shared(&moment.state.parts().floor), moment.state.chair_venue(), Shared(&moment.withheld))
    }

    fn of(input: &Input) -> FloorSection {
        let state = &input.moment.state;
        let closed = |lease: &&meeting::Lease| !input.moment.withheld.venues.contains(&lease.venue);
        let mut leases: Vec<_> = state.floor().iter().filter(closed).collect();
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
