//! What is on the agenda.

use std::sync::Arc;

use base::{Epoch, Mono, Sequence, VenueId};
use meeting::Record;
use service::port::hop::MediaTarget;
use service::port::log::StoredEvent;
use service::record;
use service::sequencer::Trouble;

use crate::oracle::Broken;
use crate::weather::Fault;

/// A message to the hop.
#[derive(Debug, Clone)]
pub(crate) enum ToHop {
    /// As [`service::port::hop::Hop::close_gates`].
    CloseGates(Epoch, Sequence, Vec<VenueId>),
    /// As [`service::port::hop::Hop::apply`].
    Apply(Epoch, Sequence, Arc<MediaTarget>),
}

/// Events on their way to the log.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) stored: Vec<StoredEvent>,
    /// What is read from the stored form, in the same order.
    pub(crate) records: Vec<Record>,
}

impl Batch {
    pub(crate) fn read(stored: Vec<StoredEvent>) -> Result<Self, Broken> {
        let records = stored.iter().map(record::read).collect::<Result<_, _>>();
        Ok(Self { records: records.map_err(|error| error.to_string())?, stored })
    }
}

/// What the log answers to an append.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LogAnswer {
    /// It is stored.
    Stored,
    /// It is not, or that is not known.
    Failed(Trouble),
}

/// What happens at a time.
#[derive(Debug)]
pub(crate) enum Due {
    /// Somebody gives a command.
    Wake,
    /// A command reaches the server.
    Command {
        /// Which.
        command: usize,
        /// The name of its answer.
        reply: u64,
        /// To which process it goes.
        process: u32,
        /// The last tick that its client had seen.
        seen: Mono,
    },
    /// A client looks whether it was answered.
    Retry(usize),
    /// A batch reaches the disk, or does not.
    Store {
        /// Whose.
        server: u32,
        /// Under which epoch.
        epoch: Epoch,
        /// The events.
        batch: Batch,
        /// The log will say that it failed; then `Some(true)` means that it is stored all the same.
        fails: Option<bool>,
    },
    /// The log says whether the batch is stored.
    Answer {
        /// To whom.
        server: u32,
        /// What.
        answer: LogAnswer,
    },
    /// A message reaches the hop.
    ToHop {
        /// Of which process.
        process: u32,
        /// The message.
        message: ToHop,
    },
    /// Packets of a room come, or come no more.
    Room {
        /// Source.
        source: usize,
        /// They come.
        up: bool,
    },
    /// Something goes wrong.
    Fault(Fault),
    /// A server that did nothing goes on.
    Resume(u32),
    /// That process starts.
    Restart(u32),
    /// The log of that server is opened again.
    Open(u32),
    /// The deposed server ends.
    Gone,
    /// Nothing goes wrong from now on.
    Heal,
    /// Has all come to rest?
    Settle,
}

/// An entry of the agenda; entries of one time come in the order in which they were made.
#[derive(Debug)]
pub(crate) struct Entry {
    /// When.
    pub at: u64,
    /// Its number.
    pub order: u64,
    /// What.
    pub due: Due,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}
