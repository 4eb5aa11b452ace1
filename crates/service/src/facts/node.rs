//! What is known of the node.

use std::time::Duration;

use base::Mono;

use super::Facts;
use crate::port::hop::Traffic;

/// What is known of the node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NodeFact {
    /// Clients on the control connection of this meeting.
    pub clients: u32,
    /// What the hop says of its traffic, with that of all meetings.
    pub traffic: Traffic,
    /// When the clock of the server jumped last, and by how many milliseconds.
    pub clock_jumped: Option<(Mono, i64)>,
    /// When datagrams were given up last for want of room, and how many since that began.
    pub given_up: Option<(Mono, u64)>,
}

/// So long after the last datagram that was given up the network card keeps up again.
const KEEPS_UP_AFTER: Duration = Duration::from_secs(10);

impl NodeFact {
    /// Datagrams that were given up, while the network card does not keep up.
    #[must_use]
    pub fn falls_behind(&self, now: Mono) -> Option<u64> {
        self.given_up.filter(|(last, _)| now.since(*last) < KEEPS_UP_AFTER).map(|(_, datagrams)| datagrams)
    }
}

impl Facts {
    /// Takes the traffic of the node.
    pub fn on_node(&mut self, now: Mono, traffic: Traffic) {
        let node = &mut self.node;
        if traffic.given_up > 0 {
            let before = node.falls_behind(now).unwrap_or_default();
            node.given_up = Some((now, before + u64::from(traffic.given_up)));
        }
        node.traffic = traffic;
    }
}
