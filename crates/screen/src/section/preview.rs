//! What comes next.

use wire::PreviewSection;

use super::{Audience, Pace, Section, Sight};
use crate::input::{Input, Shared};

pub(crate) struct Preview;

impl Section for Preview {
    type Shape = PreviewSection;
    const AUDIENCE: Audience<Sight<PreviewSection>> = Audience::DESK;
    const PACE: Pace<PreviewSection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        (Shared(&input.moment.state.parts().preview), ready(input))
    }

    fn of(input: &Input) -> PreviewSection {
        let preview = input.moment.state.preview();
        PreviewSection { source: preview.source.clone(), held: preview.held, ready: ready(input) }
    }
}

fn ready(input: &Input) -> bool {
    let source = &input.moment.state.preview().source;
    source.as_ref().is_some_and(|source| input.moment.facts.decodable(source))
}
