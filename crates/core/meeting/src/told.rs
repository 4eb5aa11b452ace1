//! What a reader of the log is told of an event.

use base::{ItemId, PersonId, RequestId, SourceId, VenueId};

/// A line about an event: its word, and what it is about. Each part tells its own, so that screens need no list of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told<'a> {
    /// The word by which catalogues name the line, in the protocol `kind`.
    pub word: &'static str,
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
    pub(crate) fn plain(word: &'static str) -> Self {
        Self { word, ..Self::default() }
    }

    pub(crate) fn of(word: &'static str, venue: &'a VenueId) -> Self {
        Self { venue: Some(venue), ..Self::plain(word) }
    }
}
