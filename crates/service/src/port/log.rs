//! The port to the log of a run.

use std::fmt;
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
    /// What it has lost, where it was opened all the same because somebody said so: the log is to say it too.
    pub lost: Option<Loss>,
}

impl OpenedRun {
    /// A run that has lost nothing.
    #[must_use]
    pub fn whole(epoch: Epoch, events: Vec<StoredEvent>) -> Self {
        Self { epoch, events, lost: None }
    }
}

/// Events that were stored, and that the log has no more (R19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Of which run.
    pub run: RunId,
    /// Sequence of the last event that was stored.
    pub had: Sequence,
    /// Sequence of the last event that is there. Not less than `had`: another event stands in its place.
    pub has: Sequence,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, had, has } = self;
        match had.0.checked_sub(has.0) {
            None | Some(0) => write!(
                f,
                "event {had} of the log of run {run} is another than the one that was stored, and the log has {has} events"
            ),
            Some(lost) => write!(
                f,
                "the log of run {run} ends at event {has}, and event {had} was stored: {lost} are lost"
            ),
        }?;
        write!(f, ". `onehall serve --accept-loss {run}` goes on from what is there")
    }
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
    /// The log is not what it was, and nobody has said to go on from what is left.
    #[error("{0}")]
    Lost(Loss),
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
            Self::NoRun(_) | Self::Gap { .. } | Self::Lost(_) => LogCause::Damaged,
        }
    }
}

/// An answer of the log.
pub type LogFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, LogError>> + Send + 'a>>;

/// The log. An append is answered after commit with fsync, and either the whole batch is stored or nothing.
pub trait Log: Send + Sync {
    /// Opens a run for writing under a new epoch. Events come as they are stored: whoever replays them verifies their chain. A store that knows
    /// how far the log had come opens none that is shorter ([`LogError::Lost`]).
    fn open(&self, run: &RunId) -> LogFuture<'_, OpenedRun>;
    /// Reads a whole run that nobody writes any more, under the epoch that it has: nothing is written, and nobody is fenced.
    fn open_to_read(&self, run: &RunId) -> LogFuture<'_, OpenedRun>;
    /// Why nothing can be stored, where that is known though nobody has tried. Waits for nothing.
    fn trouble(&self) -> Option<LogCause> {
        None
    }
    /// Appends events that follow on the last one.
    fn append(&self, run: &RunId, epoch: Epoch, events: Vec<StoredEvent>) -> LogFuture<'_, ()>;
    /// Events from `from` on, at most `count_max`.
    fn read(&self, run: &RunId, from: Sequence, count_max: u32) -> LogFuture<'_, Vec<StoredEvent>>;
}
