//! The plan of a meeting: what is known before it begins.

use base::{Codec, ItemId, Language, MeetingId, PersonId, Text, VenueId, Wall};

use crate::Contact;

/// An item 环节 of the rundown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Id.
    pub id: ItemId,
    /// Title.
    pub title: Text,
    /// Planned length in minutes.
    pub minutes: u32,
    /// Planned start.
    pub start: Option<Wall>,
    /// Who speaks.
    pub person: Option<PersonId>,
    /// Where.
    pub venue: Option<VenueId>,
}

/// The plan of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Id.
    pub id: MeetingId,
    /// Title.
    pub title: Text,
    /// Planned start.
    pub start: Option<Wall>,
    /// The time zone in which its hours are meant, by its name in the tz database.
    pub zone: String,
    /// The chair's venue 主会场.
    pub chair_venue: VenueId,
    /// Who chairs 主持人.
    pub chair: Option<PersonId>,
    /// Whom a venue rings.
    pub contact: Option<Contact>,
    /// Codec.
    pub codec: Codec,
    /// Venues that take part, in rank order, the chair's first.
    pub venues: Vec<VenueId>,
    /// Rundown 流程单.
    pub items: Vec<Item>,
}

impl Plan {
    /// The language of the meeting: the first of its title. In it a text is read that is not in the language asked for.
    #[must_use]
    pub fn language(&self) -> Option<&Language> {
        self.title.first()
    }
}
