//! Title, phase, times, chair.

use base::{Codec, MeetingId, PersonId, Phase, VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;
use crate::text::Text;

declares!(MeetingSection, Contact);

/// Title, phase, times, chair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MeetingSection {
    /// Id.
    #[ts(type = "string")]
    pub id: MeetingId,
    /// Title.
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
}

/// A person to ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Contact {
    /// Name.
    pub name: Text,
    /// Telephone number, as one dials it.
    pub phone: String,
}
