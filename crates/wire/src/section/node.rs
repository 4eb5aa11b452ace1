//! Facts of the node.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;

declares!(NodeSection);

/// Facts of the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NodeSection {
    /// Clients on the control connection.
    pub clients: u32,
    /// Media sessions.
    pub sessions: u32,
    /// Audio packets dropped for want of a lease.
    #[ts(type = "number")]
    pub dropped: u64,
    /// Kilobits per second that come in.
    pub in_kbps: u32,
    /// Kilobits per second that go out.
    pub out_kbps: u32,
}
