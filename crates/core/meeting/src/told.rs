//! What a reader of the log is told of an event.

use base::{ItemId, JournalKind, PersonId, RequestId, SourceId, VenueId};

/// A line about an event: its kind, and what it is about. Each part tells its own, so that screens need no list of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told<'a> {
    /// What it tells, by which catalogues name the line.
    pub kind: JournalKind,
    /// The venue it is about.
    pub venue: Option<&'a VenueId>,
    /// The source; its venue is meant too.
    pub source: Option<&'a SourceId>,
    /// The person.
    pub person: Option<&'a PersonId>,
    /// The item.
    pub item: Option<&'a ItemId>,
    /// The request; where no venue is named, that of the request is meant.
    pub request: Option<&'a RequestId>,
}

impl<'a> Told<'a> {
    pub(crate) fn plain(kind: JournalKind) -> Self {
        Self { kind, venue: None, source: None, person: None, item: None, request: None }
    }

    pub(crate) fn of(kind: JournalKind, venue: &'a VenueId) -> Self {
        Self { venue: Some(venue), ..Self::plain(kind) }
    }
}
