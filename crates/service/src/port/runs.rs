//! The port to the runs of meetings. What happened in one is in its log.

use std::future::Future;
use std::pin::Pin;

pub use base::RunKind;
use base::{Epoch, MeetingId, RunId, Wall};

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// It has not started.
    Prepared,
    /// It has started and not ended.
    Started,
    /// It has ended, and its last event is owed.
    Ended,
    /// Its log has its last event: nothing follows.
    Closed,
}

impl Course {
    /// Kinds of event that say how far a run has come; the last of them in a log is what holds.
    pub const KINDS: [&str; 3] = ["started", "ended", "closed"];

    /// What the last event of these kinds amounts to; none of another kind.
    #[must_use]
    pub fn after(kind: &str, ver: u16) -> Option<Self> {
        match (kind, ver) {
            ("started", _) => Some(Self::Started),
            // The first release wrote nothing behind `ended`: such a run counts as closed.
            ("ended", 1) | ("closed", _) => Some(Self::Closed),
            ("ended", _) => Some(Self::Ended),
            _ => None,
        }
    }
}

/// A run of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Id, unique in the store.
    pub id: RunId,
    /// The meeting.
    pub meeting: MeetingId,
    /// What it is for.
    pub kind: RunKind,
    /// When it was made.
    pub created: Wall,
    /// Epoch of the last writer that opened it, 0 before the first.
    pub epoch: Epoch,
}

/// Why runs could not be read or added. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum RunsError {
    /// There is no such meeting.
    #[error("there is no meeting {0}")]
    NoMeeting(MeetingId),
    /// The store failed, and says how.
    #[error(transparent)]
    Store(Box<dyn std::error::Error + Send + Sync>),
}

/// An answer about runs.
pub type RunsFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, RunsError>> + Send + 'a>>;

/// The runs of meetings. A log can be opened for a run that was added here, and for no other.
pub trait Runs: Send + Sync {
    /// Adds a run of a meeting, answered after fsync; one that is there already stays as it is.
    fn add_run(&self, id: RunId, meeting: MeetingId, kind: RunKind, created: Wall) -> RunsFuture<'_, ()>;
    /// Runs of a meeting by kind, then by age, then by id; none of a meeting that is not there.
    fn runs(&self, meeting: &MeetingId) -> RunsFuture<'_, Vec<RunRow>>;
    /// How far a run has come, known without replaying it; none of a run that is not there.
    fn course(&self, run: &RunId) -> RunsFuture<'_, Option<Course>>;
    /// Meetings whose held run has started and is not closed, by id, each once.
    fn unclosed(&self) -> RunsFuture<'_, Vec<MeetingId>>;
}
