//! The items.

use base::{ItemId, PersonId, VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;
use crate::text::Text;

declares!(RundownSection, ItemEntry);

/// The rundown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RundownSection {
    /// In order.
    pub items: Vec<ItemEntry>,
    /// The current one.
    #[ts(type = "string | null")]
    pub current: Option<ItemId>,
    /// Since when.
    #[ts(type = "number | null")]
    pub since: Option<Wall>,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ItemEntry {
    /// Id.
    #[ts(type = "string")]
    pub id: ItemId,
    /// Title.
    pub title: Text,
    /// Planned minutes.
    pub minutes: u32,
    /// Planned start.
    #[ts(type = "number | null")]
    pub start: Option<Wall>,
    /// Who speaks.
    #[ts(type = "string | null")]
    pub person: Option<PersonId>,
    /// Where.
    #[ts(type = "string | null")]
    pub venue: Option<VenueId>,
    /// When it began, if it did.
    #[ts(type = "number | null")]
    pub began: Option<Wall>,
}
