//! What is known of the node.

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
}

impl Facts {
    /// Takes the traffic of the node.
    pub fn on_node(&mut self, traffic: Traffic) {
        self.node.traffic = traffic;
    }
}
