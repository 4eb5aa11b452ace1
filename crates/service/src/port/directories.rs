//! The port to the organisation and the plans of meetings.

use std::future::Future;
use std::pin::Pin;

use base::{MeetingId, Wall};
use directory::{Directory, Plan, Text};

/// A meeting in the list of meetings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingRow {
    /// Id.
    pub id: MeetingId,
    /// Title.
    pub title: Text,
    /// Planned start.
    pub start: Option<Wall>,
}

/// Why organisation and plans could not be read or replaced. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum DirectoriesError {
    /// There is no such meeting.
    #[error("there is no meeting {0}")]
    NoMeeting(MeetingId),
    /// Something would vanish that another meeting needs.
    #[error("{what} {id} cannot be removed: meeting {meeting} names it")]
    InUse {
        /// Kind of thing: `venue`, `person`.
        what: &'static str,
        /// Its id.
        id: String,
        /// The other meeting.
        meeting: String,
    },
    /// The store failed, and says how.
    #[error(transparent)]
    Store(Box<dyn std::error::Error + Send + Sync>),
}

/// An answer about organisation and plans.
pub type DirectoriesFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, DirectoriesError>> + Send + 'a>>;

/// The organisation and a plan per meeting, as they are now. What they were when an event happened is in the event.
pub trait Directories: Send + Sync {
    /// The organisation; none before the first meeting file.
    fn directory(&self) -> DirectoriesFuture<'_, Option<Directory>>;
    /// The organisation and the plan of a meeting, as they were at one moment.
    fn load(&self, meeting: &MeetingId) -> DirectoriesFuture<'_, (Directory, Plan)>;
    /// All meetings, by planned start, those without one last; then by id.
    fn meetings(&self) -> DirectoriesFuture<'_, Vec<MeetingRow>>;
    /// Whether `directory` could become the organisation when a file of this meeting is applied: `Ok`, or what [`Directories::replace`] would
    /// refuse it for. Writes nothing.
    fn fits(&self, directory: &Directory, meeting: &MeetingId) -> DirectoriesFuture<'_, ()>;
    /// Makes `directory` the organisation and `plan` the plan of its meeting: both or neither, answered after fsync. Other meetings stay as
    /// they are; what they name may not vanish.
    fn replace(&self, directory: Directory, plan: Plan) -> DirectoriesFuture<'_, ()>;
}
