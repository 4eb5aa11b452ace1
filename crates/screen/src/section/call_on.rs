//! The running call-on.

use wire::{CallOnEntry, CallOnSection};

use super::{Audience, Pace, Section, Sight};
use crate::input::{Input, Shared};

pub(crate) struct RunningCallOn;

impl Section for RunningCallOn {
    type Shape = CallOnSection;
    const AUDIENCE: Audience<Sight<CallOnSection>> = Audience::EVERYBODY;
    const PACE: Pace<CallOnSection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        (Shared(&input.moment.state.parts().floor), Shared(&input.moment.withheld))
    }

    fn of(input: &Input) -> CallOnSection {
        let closed = |venue| input.moment.withheld.venues.contains(venue);
        let call_on = input.moment.state.call_on().filter(|call_on| !closed(&call_on.venue));
        let running = call_on.map(|call_on| CallOnEntry {
            venue: call_on.venue.clone(),
            source: call_on.source.clone(),
            person: call_on.person.clone(),
            request: call_on.request.clone(),
            began: call_on.began,
            limit_s: call_on.limit_s,
        });
        CallOnSection { running }
    }
}
