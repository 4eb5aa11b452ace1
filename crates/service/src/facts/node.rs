//! What is known of the node.

use super::Facts;
use crate::port::hop::Traffic;

/// What is known of the node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NodeFact {
    /// Clients on the control connection of this meeting.
    pub clients: u32,
    /// What the hop says of its traffic, with that of all meetings.
    pub traffic: Traffic,
}

impl Facts {
    /// Takes the traffic of the node.
    pub fn on_node(&mut self, traffic: Traffic) {
        self.node.traffic = traffic;
    }
}
