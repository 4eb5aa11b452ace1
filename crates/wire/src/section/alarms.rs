//! What needs a look.

use base::{AlarmCode, Role, SourceId, UnitId, VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;

declares!(AlarmsSection, AlarmEntry, AcknowledgedEntry);

/// What needs a look: the main venue first, then what is lost, then what is on air or next, then the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmsSection {
    /// The alarms, one card each.
    pub alarms: Vec<AlarmEntry>,
    /// Venues whose picture arrives.
    pub pictures: u32,
    /// Gates open at the hop.
    pub gates_open: u32,
    /// Audio packets dropped for want of a lease, since the process began.
    #[ts(type = "number")]
    pub dropped: u64,
    /// When the last alarm cleared.
    #[ts(type = "number | null")]
    pub cleared_at: Option<Wall>,
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmEntry {
    /// Stays the same while the alarm lasts.
    pub id: String,
    /// What it is.
    #[ts(type = "AlarmCode")]
    pub code: AlarmCode,
    /// The venues it is about, in rank order.
    #[ts(type = "Array<string>")]
    pub venues: Vec<VenueId>,
    /// The upper unit they share, if it is about all of them.
    #[ts(type = "string | null")]
    pub unit: Option<UnitId>,
    /// The source it is about, where it is about one and not about the venue.
    #[ts(type = "string | null")]
    pub source: Option<SourceId>,
    /// Since.
    #[ts(type = "number")]
    pub since: Wall,
    /// Its number, in the unit that the code says; below 0 for a clock that went back.
    #[ts(type = "number | null")]
    pub value: Option<i64>,
    /// Who has seen to it.
    pub acknowledged: Option<AcknowledgedEntry>,
}

/// Who has seen to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AcknowledgedEntry {
    /// In which role.
    #[ts(type = "Role")]
    pub by: Role,
    /// When.
    #[ts(type = "number")]
    pub at: Wall,
}
