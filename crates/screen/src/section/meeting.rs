//! Title, phase, times, chair.

use meeting::Phase;
use service::control::OpenDesk;
use wire::{Desk, MeetingSection};

use super::{Audience, Look, Pace, Section, Sight};
use crate::convert;
use crate::input::{Input, Shared};

pub(crate) struct Meeting;

impl Section for Meeting {
    type Shape = MeetingSection;
    const AUDIENCE: Audience<Sight<MeetingSection>> = Audience {
        director: Sight::Whole,
        chair: Sight::Whole,
        venue: Sight::Part(without_desks),
        watcher: Sight::Part(for_watchers),
    };
    const PACE: Pace<MeetingSection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        let moment = &input.moment;
        (Shared(&moment.plan), Shared(&moment.state.parts().course), &moment.facts.desks, moment.log)
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
            zone: plan.zone.clone(),
            log: input.moment.log.condition,
            cause: input.moment.log.cause,
            log_since: input.moment.log.since,
            desks: Some(input.moment.facts.desks.iter().map(desk).collect()),
        }
    }
}

fn desk(open: &OpenDesk) -> Desk {
    Desk { client: open.client.clone(), role: open.role, since: open.since }
}

/// Who directs concerns nobody but those who do.
fn without_desks(whole: &MeetingSection, _: &Look<'_>) -> MeetingSection {
    MeetingSection { desks: None, ..whole.clone() }
}

/// Whom to ring is for those in the rooms: a watcher's link is everybody's.
fn for_watchers(whole: &MeetingSection, look: &Look<'_>) -> MeetingSection {
    MeetingSection { contact: None, ..without_desks(whole, look) }
}
