//! Who may be heard.

use base::{VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;

declares!(FloorSection, LeaseEntry, LeaseKind);

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
    pub kind: LeaseKind,
    /// Since.
    #[ts(type = "number")]
    pub since: Wall,
}

/// Why a venue has a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LeaseKind {
    /// The chair's, from start to end.
    Standing,
    /// By a call-on.
    CallOn,
    /// By `open_floor`.
    Open,
}
