//! The hash chain of a run's log.
//!
//! Each event carries the hash of the one before, so a log that was changed, cut in the middle or put into another order no longer
//! fits together. The hash is SHA-256 (FIPS 180-4, id `sha256`) over these fields in this order, each behind its length as eight
//! bytes, big-endian: `prev`, the run's name, `seq`, `epoch`, `at`, `kind`, `ver`, `body`. Numbers are eight bytes, big-endian, `at`
//! in two's complement, `ver` two bytes. `prev` of the first event is SHA-256 of the run's name alone, so an event cannot move to
//! another run either.

use base::{Epoch, RunId, Sequence, Wall};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::port::log::StoredEvent;

/// Id of the algorithm, as stored beside each hash.
pub const ALGORITHM: &str = "sha256";

/// An event that is not in the chain yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsealed {
    /// Place in the run, from 1.
    pub seq: Sequence,
    /// Epoch of the server that writes it.
    pub epoch: Epoch,
    /// When.
    pub at: Wall,
    /// Kind, as the event's own name.
    pub kind: String,
    /// Version of that kind.
    pub ver: u16,
    /// JSON bytes.
    pub body: Vec<u8>,
}

/// The end of a chain: the next event has the sequence after `seq`, and `hash` as its `prev`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Sequence of the last event, 0 of an empty log.
    pub seq: Sequence,
    /// Epoch of the last event, 0 of an empty log.
    pub epoch: Epoch,
    /// Hash of the last event, of the run's name for an empty log. 32 bytes.
    pub hash: Vec<u8>,
}

impl Head {
    /// The head of a log without events.
    #[must_use]
    pub fn origin(run: &RunId) -> Self {
        Self { seq: Sequence(0), epoch: Epoch(0), hash: Sha256::digest(run.as_str().as_bytes()).to_vec() }
    }

    /// The head of a log that ends with this event.
    #[must_use]
    pub fn after(event: &StoredEvent) -> Self {
        Self { seq: event.seq, epoch: event.epoch, hash: event.hash.clone() }
    }
}

/// Signs how far the log of a run has come, with the number of the note that says so, so that a note outside the log can be told from one that
/// somebody else made: HMAC-SHA-256 (RFC 2104) over the words `onehall head 1`, the run's name, the number, `seq` and `hash`, in the form of the chain.
#[must_use]
pub fn sign(key: &[u8], run: &RunId, turn: u64, seq: Sequence, hash: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for bytes in [b"onehall head 1", run.as_str().as_bytes(), &turn.to_be_bytes(), &seq.0.to_be_bytes(), hash]
    {
        mac.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(bytes);
    }
    mac.finalize().into_bytes().to_vec()
}

/// What does not fit in a chain, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// An event is missing, there twice, or in another place.
    #[error("event {expected} of run {run} should come next, but {got} does")]
    Sequence {
        /// The run.
        run: RunId,
        /// What should come.
        expected: Sequence,
        /// What comes.
        got: Sequence,
    },
    /// An algorithm that this version does not know.
    #[error("event {seq} of run {run} is hashed by {alg:?}, which this version does not know")]
    Algorithm {
        /// The run.
        run: RunId,
        /// Where.
        seq: Sequence,
        /// The algorithm named.
        alg: String,
    },
    /// The event does not name the one before it.
    #[error("event {seq} of run {run} does not follow on the one before: its prev is another hash")]
    Prev {
        /// The run.
        run: RunId,
        /// Where.
        seq: Sequence,
    },
    /// The event's own hash is not that of its content.
    #[error("event {seq} of run {run} was changed: its hash is not that of its content")]
    Hash {
        /// The run.
        run: RunId,
        /// Where.
        seq: Sequence,
    },
    /// An event of a deposed writer stands after one of its successor.
    #[error("event {seq} of run {run} has epoch {got}, though epoch {before} had begun")]
    Epoch {
        /// The run.
        run: RunId,
        /// Where.
        seq: Sequence,
        /// Epoch of the event before.
        before: Epoch,
        /// Epoch of this one.
        got: Epoch,
    },
}

/// Puts an event into the chain. `prev` is the hash of the event before: [`Head::hash`].
#[must_use]
pub fn seal(run: &RunId, prev: &[u8], event: Unsealed) -> StoredEvent {
    let mut stored = StoredEvent {
        seq: event.seq,
        epoch: event.epoch,
        at: event.at,
        kind: event.kind,
        ver: event.ver,
        alg: ALGORITHM.to_owned(),
        body: event.body,
        prev: prev.to_vec(),
        hash: Vec::new(),
    };
    stored.hash = hash(run, &stored);
    stored
}

/// Checks the whole log of a run.
///
/// # Errors
/// [`ChainError`] names the first event that does not fit, and what is wrong with it.
pub fn verify(run: &RunId, events: &[StoredEvent]) -> Result<(), ChainError> {
    verify_after(run, Head::origin(run), events).map(|_| ())
}

/// Checks the part of a log that follows on `head`, and gives its new head; so a long log is checked piece by piece.
///
/// # Errors
/// [`ChainError`] names the first event that does not fit, and what is wrong with it.
pub fn verify_after(run: &RunId, head: Head, events: &[StoredEvent]) -> Result<Head, ChainError> {
    let mut head = head;
    for event in events {
        let (run, seq) = (run.clone(), event.seq);
        if seq != head.seq.next() {
            return Err(ChainError::Sequence { run, expected: head.seq.next(), got: seq });
        }
        if event.alg != ALGORITHM {
            return Err(ChainError::Algorithm { run, seq, alg: event.alg.clone() });
        }
        if event.prev != head.hash {
            return Err(ChainError::Prev { run, seq });
        }
        if event.hash != hash(&run, event) {
            return Err(ChainError::Hash { run, seq });
        }
        if event.epoch < head.epoch {
            return Err(ChainError::Epoch { run, seq, before: head.epoch, got: event.epoch });
        }
        head = Head::after(event);
    }
    Ok(head)
}

fn hash(run: &RunId, event: &StoredEvent) -> Vec<u8> {
    let mut sum = Sha256::new();
    let mut field = |bytes: &[u8]| {
        sum.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        sum.update(bytes);
    };
    field(&event.prev);
    field(run.as_str().as_bytes());
    field(&event.seq.0.to_be_bytes());
    field(&event.epoch.0.to_be_bytes());
    field(&event.at.0.to_be_bytes());
    field(event.kind.as_bytes());
    field(&event.ver.to_be_bytes());
    field(&event.body);
    sum.finalize().to_vec()
}
