//! The preview: what comes next. Written by the director.

use base::SourceId;

/// What comes next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The source.
    pub source: Option<SourceId>,
    /// It came there by a take, and is untold.
    pub held: bool,
}
