//! The port to the log of a run.

use std::future::Future;
use std::pin::Pin;

use base::{Epoch, LogCause, RunId, Sequence, Wall};

/// An event as it is stored. `hash` covers all else; see `chain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Place in the run, from 1.
    pub seq: Sequence,
    /// Epoch of the server that wrote it.
    pub epoch: Epoch,
    /// When.
    pub at: Wall,
    /// Kind, as the event's own name.
    pub kind: String,
    /// Version of that kind.
    pub ver: u16,
    /// Algorithm of `prev` and `hash`: `sha256`.
    pub alg: String,
    /// JSON bytes as first written; never serialised again.
    pub body: Vec<u8>,
    /// Hash of the event before, of the run's name for the first.
    pub prev: Vec<u8>,
    /// Hash of this event.
    pub hash: Vec<u8>,
}

/// A run that was opened.
#[derive(Debug)]
pub struct OpenedRun {
    /// Epoch of the writer from now on, all older writers being fenced; of the last writer, if the run was opened to be read.
    pub epoch: Epoch,
    /// All events so far, in order.
    pub events: Vec<StoredEvent>,
}

/// Why the log did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// There is no such run.
    #[error("there is no run {0}")]
    NoRun(RunId),
    /// Another writer has opened the run since.
    #[error("epoch {ours} is over: a writer with epoch {theirs} has opened the run")]
    Fenced {
        /// Of this writer.
        ours: Epoch,
        /// Of the newest.
        theirs: Epoch,
    },
    /// The batch does not follow on the last event.
    #[error("the batch begins at {got}, the log goes on at {expected}")]
    Gap {
        /// Where the log goes on.
        expected: Sequence,
        /// Where the batch begins.
        got: Sequence,
    },
    /// The store failed; what it holds is known only after it is opened again.
    #[error("the store could not {doing}")]
    Store {
        /// What was tried.
        doing: &'static str,
        /// Why, in one word.
        why: LogCause,
        /// The cause.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl LogError {
    /// Why, in one word.
    #[must_use]
    pub fn why(&self) -> LogCause {
        match self {
            Self::Fenced { .. } => LogCause::Fenced,
            Self::Store { why, .. } => *why,
            Self::NoRun(_) | Self::Gap { .. } => LogCause::Damaged,
        }
    }
}

/// An answer of the log.
pub type LogFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, LogError>> + Send + 'a>>;

/// The log. An append is answered after commit with fsync, and either the whole batch is stored or nothing.
pub trait Log: Send + Sync {
    /// Opens a run for writing under a new epoch. Events come as they are stored: whoever replays them verifies their chain.
    fn open(&self, run: &RunId) -> LogFuture<'_, OpenedRun>;
    /// Reads a whole run that nobody writes any more, under the epoch that it has: nothing is written, and nobody is fenced.
    fn open_to_read(&self, run: &RunId) -> LogFuture<'_, OpenedRun>;
    /// Appends events that follow on the last one.
    fn append(&self, run: &RunId, epoch: Epoch, events: Vec<StoredEvent>) -> LogFuture<'_, ()>;
    /// Events from `from` on, at most `count_max`.
    fn read(&self, run: &RunId, from: Sequence, count_max: u32) -> LogFuture<'_, Vec<StoredEvent>>;
}
