//! The stored form of a record: JSON bytes as first written.

use base::{Epoch, RunId};
use meeting::{By, Event, Form, Record};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::chain::{self, Unsealed};
use crate::port::log::StoredEvent;

#[derive(Serialize)]
struct Body<'a> {
    by: &'a By,
    event: &'a Event,
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
    let body = Body { by: &record.by, event: &record.event };
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
    let mut json = serde_json::Deserializer::from_slice(&stored.body);
    let body = BodyOf(Form { kind: &stored.kind, ver: stored.ver });
    let (by, event) = body.deserialize(&mut json).map_err(unreadable)?;
    json.end().map_err(unreadable)?;
    Ok(Record { seq: stored.seq, at: stored.at, by, event })
}

/// Reads a body in one pass: its event by the kind under which it is stored.
struct BodyOf<'a>(Form<'a>);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    By,
    Event,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for BodyOf<'_> {
    type Value = (By, Event);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for BodyOf<'_> {
    type Value = (By, Event);

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with by and event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut by, mut event) = (None, None);
        while let Some(field) = map.next_key()? {
            match field {
                Field::By => by = Some(map.next_value()?),
                Field::Event => event = Some(map.next_value_seed(self.0)?),
                Field::Other => map.next_value::<serde::de::IgnoredAny>().map(drop)?,
            }
        }
        by.zip(event).ok_or_else(|| A::Error::custom("by or event is missing"))
    }
}
