//! A server of a sequence.

use base::LogCondition;
use service::sequencer::{Input, Sequencer};

/// A sequencer and the task around it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) number: u32,
    pub(crate) sequencer: Sequencer,
    /// It does nothing for now.
    pub(crate) stalled: bool,
    /// A batch is under way.
    pub(crate) writing: bool,
    /// What the log answered while it did nothing.
    pub(crate) answers: Vec<Input>,
}

impl Server {
    /// It is awake, and owes the log nothing.
    pub(crate) fn rests(&self) -> bool {
        let moment = self.sequencer.moment();
        let open = moment.log.condition != LogCondition::Shut && moment.withheld.entries.is_empty();
        open && !self.stalled && !self.writing
    }
}

/// Which of the two servers that may live at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Primary,
    Deposed,
}
