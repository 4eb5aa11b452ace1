//! Title, phase, times, chair.

use meeting::Phase;
use wire::MeetingSection;

use super::{Audience, Pace, Section, Sight};
use crate::convert;
use crate::input::{Input, Shared};

pub(crate) struct Meeting;

impl Section for Meeting {
    type Shape = MeetingSection;
    const AUDIENCE: Audience<Sight<MeetingSection>> = Audience::EVERYBODY;
    const PACE: Pace<MeetingSection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        (Shared(&input.moment.plan), Shared(&input.moment.state.parts().course))
    }

    fn of(input: &Input) -> MeetingSection {
        let (plan, state) = (&input.moment.plan, &input.moment.state);
        let (phase, ended_at) = match state.phase() {
            Phase::Waiting => (wire::Phase::Waiting, None),
            Phase::Live { .. } => (wire::Phase::Live, None),
            Phase::Ended { ended, .. } => (wire::Phase::Ended, Some(ended)),
        };
        MeetingSection {
            id: plan.id.clone(),
            title: convert::text(&plan.title),
            phase,
            planned_start: plan.start,
            started_at: state.started(),
            ended_at,
            chair_venue: plan.chair_venue.clone(),
            chair: plan.chair.clone(),
            contact: plan.contact.as_ref().map(convert::contact),
            codec: plan.codec,
        }
    }
}
