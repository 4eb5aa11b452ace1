//! The office 筹备端: an organisation and a meeting, prepared before it begins and changed while it is held, and the links by which people
//! get in.
//!
//! - [`apply::Office`]: makes an organisation and a plan what they are to be. Command line and HTTP both go through it.
//! - [`links::Issuer`]: gives out the links of a meeting.
//! - [`MeetingFiles`]: the same in the form of files, which an adapter reads and words.

pub mod apply;
mod given;
pub mod links;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use base::{ChangeKind, MeetingId};

use crate::port::directories::DirectoriesError;
use crate::port::tokens::TokensError;
use links::Link;

/// A change in words for people. Shown as a line: `+ venue v017 Ningbo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeLine {
    /// What happens to it.
    pub kind: ChangeKind,
    /// Kind of thing: `unit`, `venue`, `person`, `meeting`, `item`.
    pub what: String,
    /// Its id, empty for what there is one of.
    pub id: String,
    /// Its name where it comes or goes, else the field that changes, from what to what.
    pub detail: String,
}

impl fmt::Display for ChangeLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ChangeKind::Added => "+",
            ChangeKind::Changed => "~",
            ChangeKind::Removed => "-",
        })?;
        for part in [&self.what, &self.id, &self.detail] {
            if !part.is_empty() {
                write!(f, " {part}")?;
            }
        }
        Ok(())
    }
}

/// What a meeting file does, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileApplied {
    /// The meeting of the file.
    pub meeting: MeetingId,
    /// Changes in the order of [`directory::change::changes`]; none if all is as the file says.
    pub changes: Vec<ChangeLine>,
    /// A link per role and venue; none after a dry run.
    pub links: Vec<Link>,
}

/// Why the office did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// The file says something that cannot be. Nothing changed.
    #[error("{0}")]
    Bad(String),
    /// It is stored, but a meeting that is loaded could not take it. The same again is safe.
    #[error("the server cannot apply a meeting file now: {0}")]
    Busy(String),
    /// The server failed while it read the file, before the store was asked.
    #[error(
        "the server broke while it read the meeting file, which is its own fault; nothing was changed, and its log says where it broke"
    )]
    Broke(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store failed.
    #[error("the meeting file was not stored")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store failed at links. The same again is safe.
    #[error("the links could not be read or stored")]
    Links(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<DirectoriesError> for OfficeError {
    fn from(cause: DirectoriesError) -> Self {
        // A conflict is the file's fault; anything else is the store's.
        if matches!(cause, DirectoriesError::InUse { .. }) {
            Self::Bad(cause.to_string())
        } else {
            Self::Store(Box::new(cause))
        }
    }
}

impl From<TokensError> for OfficeError {
    fn from(cause: TokensError) -> Self {
        Self::Links(Box::new(cause))
    }
}

/// An answer about a meeting file.
pub type FileFuture<'a> = Pin<Box<dyn Future<Output = Result<FileApplied, OfficeError>> + Send + 'a>>;

/// Meeting files as text, for those who bring them over the network.
pub trait MeetingFiles: Send + Sync {
    /// Applies the text of a meeting file, or says what it would change.
    fn apply(&self, text: String, dry_run: bool) -> FileFuture<'_>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_sign_and_leaves_out_what_is_empty() {
        let line = |kind, what: &str, id: &str, detail: &str| {
            ChangeLine { kind, what: what.into(), id: id.into(), detail: detail.into() }.to_string()
        };
        assert_eq!(line(ChangeKind::Added, "venue", "v017", "Ningbo"), "+ venue v017 Ningbo");
        assert_eq!(
            line(ChangeKind::Removed, "venue of the meeting", "v017", ""),
            "- venue of the meeting v017"
        );
        assert_eq!(line(ChangeKind::Changed, "organisation", "", "A → B"), "~ organisation A → B");
    }
}
