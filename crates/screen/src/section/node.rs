//! Facts of the node.

use wire::NodeSection;

use super::{Audience, Pace, Section, Sight};
use crate::input::{Input, Shared};

pub(crate) struct Node;

impl Section for Node {
    type Shape = NodeSection;
    const AUDIENCE: Audience<Sight<NodeSection>> = Audience::DESK;
    const PACE: Pace<NodeSection> = Pace::EachSecond;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        Shared(&input.moment.facts)
    }

    fn of(input: &Input) -> NodeSection {
        let facts = &input.moment.facts;
        NodeSection {
            clients: facts.node.clients,
            sessions: facts.node.traffic.sessions,
            dropped: facts.dropped(),
            in_kbps: facts.node.traffic.in_kbps,
            out_kbps: facts.node.traffic.out_kbps,
        }
    }
}
