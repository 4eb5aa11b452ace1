//! What everybody is shown.

use base::SourceId;
use service::facts::Facts;
use wire::ProgrammeSection;

use super::{Audience, Pace, Section, Sight};
use crate::convert;
use crate::input::{Input, Shared};

pub(crate) struct Programme;

impl Section for Programme {
    type Shape = ProgrammeSection;
    const AUDIENCE: Audience<Sight<ProgrammeSection>> = Audience::EVERYBODY;
    const PACE: Pace<ProgrammeSection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        let (state, facts) = (&input.moment.state, &input.moment.facts);
        (
            Shared(&state.parts().programme),
            &facts.shown,
            facts.shown_at,
            waits(input),
            input.moment.withheld.slate,
        )
    }

    fn of(input: &Input) -> ProgrammeSection {
        let facts = &input.moment.facts;
        ProgrammeSection {
            scene: convert::scene(input.moment.programme()),
            shown: convert::scene(&facts.shown),
            shown_at: facts.shown_at,
            waiting: waits(input),
        }
    }
}

/// A decided source waits when the hop does not show it and either said so or gets no packets of it.
fn waits(input: &Input) -> bool {
    let (facts, decided) = (&input.moment.facts, input.moment.programme());
    decided.source().is_some_and(|source| {
        facts.shown != *decided && (facts.waiting.as_ref() == Some(source) || !live(facts, source))
    })
}

fn live(facts: &Facts, source: &SourceId) -> bool {
    facts.sources.get(source).is_some_and(|fact| fact.state.live)
}
