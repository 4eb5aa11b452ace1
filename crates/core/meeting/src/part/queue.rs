//! The queue: who wants to speak. Written by venues, and by the chair who drops a request or lets it speak.

use base::{PersonId, RequestId, VenueId, Wall};

/// A request to speak. It keeps its place for as long as it lives (R8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Id.
    pub id: RequestId,
    /// Whose.
    pub venue: VenueId,
    /// Who would speak.
    pub person: Option<PersonId>,
    /// Since.
    pub since: Wall,
    /// It has the floor.
    pub speaking: bool,
}

/// Who wants to speak.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// In order.
    pub(crate) requests: Vec<Request>,
}

impl State {
    pub(crate) fn set_speaking(&mut self, request: &RequestId, speaking: bool) {
        if let Some(found) = self.requests.iter_mut().find(|r| r.id == *request) {
            found.speaking = speaking;
        }
    }
}
