//! A log in memory that fences like the real one.

use base::{Epoch, Sequence};
use service::port::log::{OpenedRun, StoredEvent};

/// Why a batch is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotStored {
    /// A later epoch has opened the run.
    Fenced,
    /// The batch does not follow on the last event.
    Gap,
}

/// The log of one run.
#[derive(Debug, Default)]
pub struct FakeLog {
    epoch: Epoch,
    events: Vec<StoredEvent>,
}

impl FakeLog {
    /// Opens the run under a new epoch.
    pub fn open(&mut self) -> OpenedRun {
        self.epoch = self.epoch.next();
        OpenedRun::whole(self.epoch, self.events.clone())
    }

    /// Stores a batch and says where it begins among [`Self::events`].
    ///
    /// # Errors
    /// [`NotStored`]: nothing of it is.
    pub fn append(&mut self, epoch: Epoch, batch: Vec<StoredEvent>) -> Result<usize, NotStored> {
        if epoch != self.epoch {
            return Err(NotStored::Fenced);
        }
        if batch.first().map(|event| event.seq) != Some(self.last().next()) {
            return Err(NotStored::Gap);
        }
        let from = self.events.len();
        self.events.extend(batch);
        Ok(from)
    }

    /// Sequence of the last event.
    #[must_use]
    pub fn last(&self) -> Sequence {
        self.events.last().map_or(Sequence(0), |event| event.seq)
    }

    /// Epoch of the newest writer.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// All events.
    #[must_use]
    pub fn events(&self) -> &[StoredEvent] {
        &self.events
    }
}
