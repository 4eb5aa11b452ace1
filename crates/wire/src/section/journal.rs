//! The last lines of the log.

use base::{ItemId, JournalKind, PersonId, SourceId, VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;

declares!(JournalSection, JournalLine);

/// The last lines of the log, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalSection {
    /// The lines.
    pub lines: Vec<JournalLine>,
    /// What closed and is not in the log yet, the newest first; their `seq` is 0.
    pub unlogged: Vec<JournalLine>,
}

/// A line of the log; screens word it from the catalogue (`journal-…`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalLine {
    /// Sequence of the event.
    #[ts(type = "number")]
    pub seq: u64,
    /// When.
    #[ts(type = "number")]
    pub at: Wall,
    /// What it tells.
    #[ts(type = "JournalKind")]
    pub kind: JournalKind,
    /// Who did it: a role, or `server`.
    pub actor: String,
    /// About which venue.
    #[ts(type = "string | null")]
    pub venue: Option<VenueId>,
    /// About which source.
    #[ts(type = "string | null")]
    pub source: Option<SourceId>,
    /// About whom.
    #[ts(type = "string | null")]
    pub person: Option<PersonId>,
    /// About which item.
    #[ts(type = "string | null")]
    pub item: Option<ItemId>,
}
