//! A server of a sequence.

use service::sequencer::Sequencer;

/// A sequencer and the task around it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) number: u32,
    pub(crate) sequencer: Sequencer,
    /// It does nothing for now.
    pub(crate) stalled: bool,
    /// A batch is under way.
    pub(crate) writing: bool,
    /// What the log answered while it did nothing: whether the batch is stored.
    pub(crate) answer: Option<bool>,
}

/// Which of the two servers that may live at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Primary,
    Deposed,
}
