//! Units, venues, sources and people, and how to find and ring them.

use std::collections::BTreeMap;

use base::{PersonId, SourceId, UnitId, VenueId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;
use super::meeting::Contact;
use crate::text::Text;

declares!(DirectorySection, UnitEntry, VenueEntry, SourceEntry);

/// Units, venues, sources. Lists are in rank order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectorySection {
    /// Rises when it changes; the level frame names it.
    pub generation: u32,
    /// The organisation.
    pub organisation: Text,
    /// Names of the tiers, the upper first.
    pub tiers: Vec<Text>,
    /// Units, each after its upper one.
    pub units: Vec<UnitEntry>,
    /// Venues of this meeting.
    pub venues: Vec<VenueEntry>,
    /// People that the meeting names.
    #[ts(type = "{ [key in string]: Text }")]
    pub people: BTreeMap<PersonId, Text>,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnitEntry {
    /// Id.
    #[ts(type = "string")]
    pub id: UnitId,
    /// Upper unit.
    #[ts(type = "string | null")]
    pub upper: Option<UnitId>,
    /// Tier, 0 the upper one.
    pub tier: u8,
    /// Name.
    pub name: Text,
    /// Short name.
    pub short: Text,
}

/// A venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VenueEntry {
    /// Id.
    #[ts(type = "string")]
    pub id: VenueId,
    /// Unit whose room it is.
    #[ts(type = "string")]
    pub unit: UnitId,
    /// Tier of that unit.
    pub tier: u8,
    /// Full name.
    pub name: Text,
    /// At most 12 columns: a Han character takes two, a letter one.
    pub short: Text,
    /// Camera positions, the first first.
    pub sources: Vec<SourceEntry>,
    /// Who stands at the machine. Operators alone are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub technician: Option<Contact>,
    /// What a search finds it by: code, names, pinyin and its initials, lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub search: Vec<String>,
}

/// A camera position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceEntry {
    /// Id.
    #[ts(type = "string")]
    pub id: SourceId,
    /// Name, as in "podium".
    pub name: Text,
}
