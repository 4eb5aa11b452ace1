//! The form of a meeting file. Field documentation is what the JSON schema shows to whoever writes one.

use std::collections::BTreeMap;

use base::{Codec, ItemId, MeetingId, PersonId, SourceId, UnitId, VenueId};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use toml::value::Datetime;

/// An organisation, its venues and people, and one meeting with its rundown.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Onehall meeting file")]
pub struct MeetingFile {
    /// Name of the organisation.
    pub organisation: TextEntry,
    /// Names of the tiers, the upper first, as in "Province", "City", "County". A unit may not stand deeper than there are tiers.
    pub tiers: Vec<TextEntry>,
    /// Units, in any order.
    pub units: Vec<UnitEntry>,
    /// Venues. Those of one unit rank in the order in which they stand here.
    pub venues: Vec<VenueEntry>,
    /// People whom the rundown, the chair or a request to speak may name.
    #[serde(default)]
    pub people: Vec<PersonEntry>,
    /// The meeting.
    pub meeting: MeetingEntry,
    /// The rundown, in order.
    #[serde(default)]
    pub items: Vec<ItemEntry>,
}

/// A text, the same in all languages or one for each.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a text is wanted, or { zh = \"…\", en = \"…\" }")]
pub enum TextEntry {
    /// The same in all languages.
    Same(String),
    /// One for each, by its tag. Languages are checked with all else, so that all faults of a file are found at once.
    Each(#[schemars(schema_with = "by_language")] BTreeMap<String, String>),
}

/// Chinese and English by name, for whoever writes a file in an editor that completes keys, and any other language by the form of its tag.
fn by_language(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "minProperties": 1,
        "properties": {
            "zh": { "type": "string", "description": "Chinese." },
            "en": { "type": "string", "description": "English." },
        },
        "patternProperties": { "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$": { "type": "string" } },
        "additionalProperties": false,
    })
}

/// A unit of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitEntry {
    /// Id: letters, digits, `.`, `_` and `-`, at most 64.
    #[schemars(with = "String", regex(pattern = r"^[A-Za-z0-9._-]{1,64}$"))]
    pub id: UnitId,
    /// Name.
    pub name: TextEntry,
    /// Short name, at most 12 letters, of which a Han character counts as two. Without it the name, which must then be as short.
    pub short: Option<TextEntry>,
    /// Id of its upper unit; without it the unit is of the upper tier.
    #[schemars(with = "Option<String>")]
    pub upper: Option<UnitId>,
    /// Place among the units of its upper unit, instead of the order in which they stand in the file.
    pub rank: Option<u32>,
}

/// A venue: a room that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueEntry {
    /// Id: letters, digits, `.`, `_` and `-`, at most 64.
    #[schemars(with = "String", regex(pattern = r"^[A-Za-z0-9._-]{1,64}$"))]
    pub id: VenueId,
    /// Id of the unit whose room it is.
    #[schemars(with = "String")]
    pub unit: UnitId,
    /// Full name.
    pub name: TextEntry,
    /// Short name, at most 12 letters, of which a Han character counts as two. Without it the name, which must then be as short.
    pub short: Option<TextEntry>,
    /// Camera positions, the first first. Without them one.
    pub sources: Option<Vec<SourceEntry>>,
    /// Who stands at the machine.
    pub technician: Option<ContactEntry>,
    /// Further words that a search finds it by. Its id, the pinyin of its Chinese names and their initials are found in any case.
    #[serde(default)]
    pub search: Vec<String>,
    /// Place among the venues of its unit, instead of the order in which they stand in the file.
    pub rank: Option<u32>,
}

/// A camera position.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceEntry {
    /// Id. Without it that of the venue, a dot and the position from 1, as in `main.2`.
    #[schemars(with = "Option<String>")]
    pub id: Option<SourceId>,
    /// Name, as in "cam 1 podium".
    pub name: Option<TextEntry>,
}

/// A person to ring.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactEntry {
    /// Name.
    pub name: TextEntry,
    /// Telephone number, as one dials it.
    pub phone: String,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    /// Id: letters, digits, `.`, `_` and `-`, at most 64. It stands in the log for ever, so it should not be the name.
    #[schemars(with = "String", regex(pattern = r"^[A-Za-z0-9._-]{1,64}$"))]
    pub id: PersonId,
    /// Id of the unit.
    #[schemars(with = "String")]
    pub unit: UnitId,
    /// Name.
    pub name: TextEntry,
    /// Place in the order of posts, instead of the order in which people stand in the file.
    pub rank: Option<u32>,
}

/// The meeting.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetingEntry {
    /// Id: letters, digits, `.`, `_` and `-`, at most 64. A file with the id of a meeting that is there changes that meeting.
    #[schemars(with = "String", regex(pattern = r"^[A-Za-z0-9._-]{1,64}$"))]
    pub id: MeetingId,
    /// Title.
    pub title: TextEntry,
    /// Planned start: with an offset as in `2026-12-01T09:00:00+08:00`, with its zone as in `"2026-12-01T09:00[Asia/Shanghai]"`, or
    /// without either and then in the time of `zone`.
    pub start: Option<PlannedTime>,
    /// Time zone of times that name none, as in `Asia/Shanghai`.
    pub zone: Option<String>,
    /// Id of the venue of the chair, which leads the meeting and is never muted.
    #[schemars(with = "String")]
    pub chair_venue: VenueId,
    /// Id of the person who chairs.
    #[schemars(with = "Option<String>")]
    pub chair: Option<PersonId>,
    /// Whom a venue rings.
    pub contact: Option<ContactEntry>,
    /// Video codec of all sources and screens: VP8, which every browser decodes, or H.264 constrained baseline.
    #[serde(default)]
    #[schemars(schema_with = "codec")]
    pub codec: Codec,
    /// Venues that take part: "all", or ids in any order.
    #[serde(default)]
    pub venues: VenueList,
}

fn codec(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Codec::ALL.map(Codec::name) })
}

/// Venues that take part.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "\"all\" is wanted, or a list of ids of venues")]
pub enum VenueList {
    /// All that the file has.
    All(All),
    /// These.
    Listed(Vec<String>),
}

impl Default for VenueList {
    fn default() -> Self {
        Self::All(All::All)
    }
}

/// The word "all".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum All {
    /// All.
    All,
}

/// A date with a time, or a time alone.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a date and time is wanted, as in 2026-12-01T09:00:00+08:00")]
pub enum PlannedTime {
    /// Written as a date of TOML.
    #[schemars(with = "String")]
    Toml(Datetime),
    /// Written as a text.
    Written(String),
}

/// An item of the rundown.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemEntry {
    /// Id: letters, digits, `.`, `_` and `-`, at most 64.
    #[schemars(with = "String", regex(pattern = r"^[A-Za-z0-9._-]{1,64}$"))]
    pub id: ItemId,
    /// Title.
    pub title: TextEntry,
    /// Planned length in minutes.
    pub minutes: u32,
    /// Planned start, a time alone being one of the meeting's day. Without it the planned end of the item before.
    pub start: Option<PlannedTime>,
    /// Id of the person who speaks.
    #[schemars(with = "Option<String>")]
    pub person: Option<PersonId>,
    /// Id of the venue where.
    #[schemars(with = "Option<String>")]
    pub venue: Option<VenueId>,
}

/// The JSON schema of a meeting file, as committed under `docs/schema`.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(MeetingFile).to_value()
}
