//! The running call-on.

use base::{PersonId, RequestId, SourceId, VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;

declares!(CallOnSection, CallOnEntry);

/// The running call-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CallOnSection {
    /// Null when none runs.
    pub running: Option<CallOnEntry>,
}

/// A call-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CallOnEntry {
    /// The venue called.
    #[ts(type = "string")]
    pub venue: VenueId,
    /// Its source.
    #[ts(type = "string")]
    pub source: SourceId,
    /// Who speaks.
    #[ts(type = "string | null")]
    pub person: Option<PersonId>,
    /// The request it answers.
    #[ts(type = "string | null")]
    pub request: Option<RequestId>,
    /// Began.
    #[ts(type = "number")]
    pub began: Wall,
    /// Seconds; the timer does nothing but say so.
    pub limit_s: Option<u32>,
}
