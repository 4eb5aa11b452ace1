//! A run as its log tells it: verified and replayed, before a sequencer takes it over.

use std::collections::VecDeque;

use base::limits::JOURNAL_LINES_MAX;
use base::{Epoch, RunId, Sequence};
use meeting::planted::{self, Bug};
use meeting::{Keys, Record, State};

use crate::chain::{self, Head};
use crate::port::log::OpenedRun;
use crate::record;

/// Why a run cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The chain is broken.
    #[error("the log of the run does not verify")]
    Chain(#[from] chain::ChainError),
    /// An event cannot be read.
    #[error("the log of the run cannot be replayed")]
    Unreadable(#[from] record::UnreadableEvent),
}

/// What a log amounts to.
#[derive(Debug)]
pub struct Replayed {
    /// Epoch of the writer from now on.
    pub(super) epoch: Epoch,
    pub(super) state: State,
    pub(super) keys: Keys,
    /// Hash of the last event.
    pub(super) head: Vec<u8>,
    pub(super) journal: VecDeque<Record>,
    /// What it has lost: the sequence that it had, and the one that it has.
    pub(super) lost: Option<(Sequence, Sequence)>,
}

impl Replayed {
    /// Verifies the chain of a run and replays it. That takes seconds where there are hundreds of thousands of events.
    ///
    /// # Errors
    /// [`LoadError`] when the log cannot be trusted or read.
    pub fn of(run: &RunId, opened: &OpenedRun) -> Result<Self, LoadError> {
        let head = chain::verify_after(run, Head::origin(run), &opened.events)?;
        let (mut state, mut keys) = (State::default(), Keys::default());
        let mut journal = VecDeque::with_capacity(JOURNAL_LINES_MAX);
        for stored in &opened.events {
            let record = record::read(stored)?;
            state.apply(&record);
            keys.note(&record);
            remember(&mut journal, record);
        }
        let epoch = if planted::active(Bug::OldEpoch) { head.epoch } else { opened.epoch };
        let lost = opened.lost.as_ref().map(|lost| (lost.had, lost.has));
        Ok(Self { epoch, state, keys, head: head.hash, journal, lost })
    }

    /// The epoch under which this run is to be written.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }
}

/// Adds a record to the last lines of a journal.
pub(super) fn remember(journal: &mut VecDeque<Record>, record: Record) {
    journal.push_front(record);
    journal.truncate(JOURNAL_LINES_MAX);
}
