//! Who may be heard.

use base::{LeaseKind, VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;

declares!(FloorSection, LeaseEntry);

/// Who may be heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FloorSection {
    /// Leases, the chair's first, then in the order of opening.
    pub open: Vec<LeaseEntry>,
}

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LeaseEntry {
    /// Whose.
    #[ts(type = "string")]
    pub venue: VenueId,
    /// Why.
    #[ts(type = "LeaseKind")]
    pub kind: LeaseKind,
    /// Since.
    #[ts(type = "number")]
    pub since: Wall,
}
