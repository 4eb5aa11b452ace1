//! What was held, when the meeting is over.

use base::{ItemId, PersonId, VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;

declares!(SummarySection, Summary, SummaryItem, SummarySpeech);

/// What was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SummarySection {
    /// Null until the meeting has ended.
    pub done: Option<Summary>,
}

/// A meeting that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Summary {
    /// When it began.
    #[ts(type = "number")]
    pub from: Wall,
    /// When it ended.
    #[ts(type = "number")]
    pub to: Wall,
    /// Items as they were held; one that was come back to is there twice.
    pub items: Vec<SummaryItem>,
    /// Call-ons, one after another.
    pub speeches: Vec<SummarySpeech>,
    /// Venues that joined.
    pub venues: u32,
    /// Venues that were to take part.
    pub expected: u32,
}

/// An item as it was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SummaryItem {
    /// Which.
    #[ts(type = "string")]
    pub item: ItemId,
    /// When it began.
    #[ts(type = "number")]
    pub began: Wall,
    /// When it ended.
    #[ts(type = "number")]
    pub ended: Wall,
}

/// Who spoke, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SummarySpeech {
    /// The venue called.
    #[ts(type = "string")]
    pub venue: VenueId,
    /// Who spoke.
    #[ts(type = "string | null")]
    pub person: Option<PersonId>,
    /// When it began.
    #[ts(type = "number")]
    pub began: Wall,
    /// How long it took.
    pub seconds: u32,
    /// The item at which it began.
    #[ts(type = "string | null")]
    pub item: Option<ItemId>,
}
