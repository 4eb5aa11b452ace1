//! The stored form of a record: JSON bytes as first written.

use base::{Epoch, RunId};
use meeting::{By, Event, Record};
use serde::de::Error;
use serde::{Deserialize, Serialize};

use crate::chain::{self, Unsealed};
use crate::port::log::StoredEvent;

#[derive(Serialize, Deserialize)]
struct Body {
    by: By,
    event: Event,
}

/// Why a stored event cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("event {seq} ({kind}, version {ver}) cannot be read")]
pub struct UnreadableEvent {
    seq: base::Sequence,
    kind: String,
    ver: u16,
    #[source]
    cause: serde_json::Error,
}

/// Seals a record behind the event whose hash is `prev`.
#[must_use]
pub fn seal(run: &RunId, epoch: Epoch, prev: &[u8], record: &Record) -> StoredEvent {
    let body = Body { by: record.by.clone(), event: record.event.clone() };
    let body = serde_json::to_vec(&body).expect("a record is plain strings, numbers and lists");
    let unsealed = Unsealed {
        seq: record.seq,
        epoch,
        at: record.at,
        kind: record.event.kind().to_owned(),
        ver: record.event.version(),
        body,
    };
    chain::seal(run, prev, unsealed)
}

/// Reads a stored event.
///
/// # Errors
/// [`UnreadableEvent`] names the event: of a newer version, or changed behind our back.
pub fn read(stored: &StoredEvent) -> Result<Record, UnreadableEvent> {
    let unreadable =
        |cause| UnreadableEvent { seq: stored.seq, kind: stored.kind.clone(), ver: stored.ver, cause };
    let body: Body = serde_json::from_slice(&stored.body).map_err(unreadable)?;
    // A newer form may parse as an old one and mean something else.
    let event = Some(body.event).filter(|event| event.kind() == stored.kind);
    let event = event.and_then(|event| event.of_version(stored.ver));
    let event =
        event.ok_or_else(|| unreadable(Error::custom("its kind or version is not what its body says")))?;
    Ok(Record { seq: stored.seq, at: stored.at, by: body.by, event })
}
