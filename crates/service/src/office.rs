//! The port to the office: meeting files that are applied while the server runs.

use std::future::Future;
use std::pin::Pin;

use base::MeetingId;

/// What happens to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It changes.
    Changed,
    /// It goes.
    Removed,
}

/// A change that a meeting file makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happens to it.
    pub kind: ChangeKind,
    /// Kind of thing: `unit`, `venue`, `person`, `meeting`, `item`.
    pub what: &'static str,
    /// Its id.
    pub id: String,
    /// The fields that change, in words; empty for what is added or removed.
    pub detail: String,
}

/// A link to hand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// For whom: a role, or a venue's id.
    pub who: String,
    /// Address, token in the fragment.
    pub address: String,
}

/// What a meeting file does, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The meeting of the file.
    pub meeting: MeetingId,
    /// Changes in the order of the file; none if all is as the file says.
    pub changes: Vec<Change>,
    /// A link per role and venue; none after a dry run.
    pub links: Vec<Link>,
}

/// Why a meeting file was not applied. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// The file says something that cannot be.
    #[error("{0}")]
    Bad(String),
    /// It cannot be done now.
    #[error("the server cannot apply a meeting file now: {0}")]
    Busy(String),
    /// The store failed.
    #[error("the meeting file was not stored")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An answer of the office.
pub type OfficeFuture<'a> = Pin<Box<dyn Future<Output = Result<Applied, OfficeError>> + Send + 'a>>;

/// The office. Implemented by `app`.
pub trait Office: Send + Sync {
    /// Applies the text of a meeting file, or says what it would change.
    fn apply(&self, text: String, dry_run: bool) -> OfficeFuture<'_>;
}
