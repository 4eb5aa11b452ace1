//! Who wants to speak.

use base::{PersonId, RequestId, RequestKind, VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;

declares!(QueueSection, QueueEntry);

/// Who wants to speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueueSection {
    /// In order; a place is the index plus one among those that wait.
    pub requests: Vec<QueueEntry>,
}

/// A request to speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueueEntry {
    /// Id.
    #[ts(type = "string")]
    pub request: RequestId,
    /// Whose.
    #[ts(type = "string")]
    pub venue: VenueId,
    /// Who would speak.
    #[ts(type = "string | null")]
    pub person: Option<PersonId>,
    /// What for.
    #[ts(type = "RequestKind")]
    pub kind: RequestKind,
    /// Since.
    #[ts(type = "number")]
    pub since: Wall,
    /// It has the floor.
    pub speaking: bool,
    /// Seconds that its venue has spoken on call-ons before.
    pub spoken_s: u32,
}
