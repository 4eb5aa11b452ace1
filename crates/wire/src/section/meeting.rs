//! Title, phase, times, chair.

use base::{ClientId, Codec, LogCause, LogCondition, MeetingId, PersonId, Phase, Role, VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;
use crate::text::Text;

declares!(MeetingSection, Contact, Desk);

/// Title, phase, times, chair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MeetingSection {
    /// Id.
    #[ts(type = "string")]
    pub id: MeetingId,
    /// Title. It may have two line breaks, by sense; a place of one line shows a space for each.
    pub title: Text,
    /// Where the meeting is.
    #[ts(type = "Phase")]
    pub phase: Phase,
    /// Planned start.
    #[ts(type = "number | null")]
    pub planned_start: Option<Wall>,
    /// Started.
    #[ts(type = "number | null")]
    pub started_at: Option<Wall>,
    /// Ended.
    #[ts(type = "number | null")]
    pub ended_at: Option<Wall>,
    /// The chair's venue.
    #[ts(type = "string")]
    pub chair_venue: VenueId,
    /// Who chairs, for whom the desk acts.
    #[ts(type = "string | null")]
    pub chair: Option<PersonId>,
    /// Whom a venue rings.
    pub contact: Option<Contact>,
    /// Video codec of the meeting.
    #[ts(type = "Codec")]
    pub codec: Codec,
    /// The time zone in which its hours are meant, by its name in the tz database.
    pub zone: String,
    /// Whether the log takes what happens. While it is shut, nothing can be done but closing.
    #[ts(type = "LogCondition")]
    pub log: LogCondition,
    /// Why it is shut.
    #[ts(type = "LogCause | null")]
    pub cause: Option<LogCause>,
    /// Since when it is shut.
    #[ts(type = "number | null")]
    pub log_since: Option<Wall>,
    /// The desks that are open; for director and chair alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub desks: Option<Vec<Desk>>,
}

/// A desk that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Desk {
    /// The name of its page, which the snapshot gave it.
    #[ts(type = "string")]
    pub client: ClientId,
    /// In which role.
    #[ts(type = "Role")]
    pub role: Role,
    /// Since.
    #[ts(type = "number")]
    pub since: Wall,
}

/// A person to ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Contact {
    /// Name.
    pub name: Text,
    /// Telephone number, as one dials it.
    pub phone: String,
}
