//! The port to the office: meeting files that are applied while the server runs.

use std::fmt;
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
    /// Changes in the order of [`directory::change::changes`]; none if all is as the file says.
    pub changes: Vec<ChangeLine>,
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
