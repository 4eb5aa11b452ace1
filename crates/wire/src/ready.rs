//! The one line of JSON that `onehall demo --json` and `onehall serve --json` print when ready.

use base::{MeetingId, SourceId, VenueId};
use serde::{Deserialize, Serialize};

/// The ready line. `serve` without a meeting leaves out what belongs to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyLine {
    /// The meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meeting: Option<MeetingId>,
    /// The meeting's base, `…/api/v1/meetings/{id}`; of a server without one, `…/api/v1`.
    pub api: String,
    /// Address of the desk, token in the fragment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desk: Option<String>,
    /// Address of the watcher page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch: Option<String>,
    /// WHEP address of the programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whep: Option<String>,
    /// A token per role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// Venues in rank order, main first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub venues: Vec<ReadyVenue>,
    /// The server process.
    pub pid: u32,
    /// The data folder.
    pub data: String,
}

/// A token per role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Director.
    pub director: String,
    /// Chair.
    pub chair: String,
    /// Watcher.
    pub watcher: String,
}

/// A venue of the ready line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyVenue {
    /// Id.
    pub id: VenueId,
    /// Name in English.
    pub name: String,
    /// Rank.
    pub rank: u32,
    /// Address of its hall screen, token in the fragment.
    pub page: String,
    /// WHIP address of its first source.
    pub whip: String,
    /// WHEP address.
    pub whep: String,
    /// Its token.
    pub token: String,
    /// Its sources.
    pub sources: Vec<ReadySource>,
}

/// A source of the ready line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadySource {
    /// Id.
    pub id: SourceId,
    /// Name in English.
    pub name: String,
    /// WHIP address.
    pub whip: String,
}
