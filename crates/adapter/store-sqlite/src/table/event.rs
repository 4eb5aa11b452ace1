//! Rows of the table `event`: the logs of runs.

use base::{Epoch, RunId, Sequence, Wall};
use service::port::log::{LogError, OpenedRun, StoredEvent};
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::table::run;
use crate::value::{count, signed};

/// Raises the epoch of a run and reads its log; none if there is no such run. Inside the writer's transaction.
pub(crate) async fn open(
    connection: &mut SqliteConnection,
    id: &RunId,
) -> Result<Option<OpenedRun>, StoreError> {
    let Some(epoch) = run::raise_epoch(connection, id).await? else { return Ok(None) };
    let events = read(connection, id, Sequence(1), u32::MAX).await?;
    Ok(Some(OpenedRun { epoch, events }))
}

/// Whether these events may follow now under that epoch. `opened` is the epoch under which this process has opened the run.
pub(crate) async fn may_append(
    connection: &mut SqliteConnection,
    id: &RunId,
    epoch: Epoch,
    events: &[StoredEvent],
    opened: Option<Epoch>,
) -> Result<Result<(), LogError>, StoreError> {
    let Some(theirs) = run::epoch(connection, id).await? else {
        return Ok(Err(LogError::NoRun(id.clone())));
    };
    if theirs != epoch {
        return Ok(Err(LogError::Fenced { ours: epoch, theirs }));
    }
    if opened != Some(epoch) {
        return Ok(Err(LogError::Store { doing: "append", cause: Box::new(StoreError::NotOpened) }));
    }
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM event WHERE run = ?")
        .bind(id.as_str())
        .fetch_one(connection)
        .await
        .tried("find the end of a log")?;
    let mut expected = Sequence(count("a sequence", last)?);
    for event in events {
        expected = expected.next();
        if event.seq != expected {
            return Ok(Err(LogError::Gap { expected, got: event.seq }));
        }
    }
    Ok(Ok(()))
}

/// Writes events that may follow.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    id: &RunId,
    events: &[StoredEvent],
) -> Result<(), StoreError> {
    for event in events {
        sqlx::query(
            "INSERT INTO event (run, seq, epoch, at_ms, kind, ver, alg, body, prev, hash)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(id.as_str())
        .bind(signed(event.seq.0)?)
        .bind(signed(event.epoch.0)?)
        .bind(event.at.0)
        .bind(event.kind.as_str())
        .bind(i64::from(event.ver))
        .bind(event.alg.as_str())
        .bind(event.body.as_slice())
        .bind(event.prev.as_slice())
        .bind(event.hash.as_slice())
        .execute(&mut *connection)
        .await
        .tried("write an event")?;
    }
    Ok(())
}

type EventRow = (i64, i64, i64, String, i64, String, Vec<u8>, Vec<u8>, Vec<u8>);

/// Events of a run from `from` on, at most `count_max`.
pub(crate) async fn read(
    connection: &mut SqliteConnection,
    id: &RunId,
    from: Sequence,
    count_max: u32,
) -> Result<Vec<StoredEvent>, StoreError> {
    let rows: Vec<EventRow> = sqlx::query_as(
        "SELECT seq, epoch, at_ms, kind, ver, alg, body, prev, hash FROM event
         WHERE run = ? AND seq >= ? ORDER BY seq LIMIT ?",
    )
    .bind(id.as_str())
    .bind(signed(from.0)?)
    .bind(i64::from(count_max))
    .fetch_all(connection)
    .await
    .tried("read events")?;
    rows.into_iter().map(event).collect()
}

fn event(row: EventRow) -> Result<StoredEvent, StoreError> {
    let (seq, epoch, at, kind, ver, alg, body, prev, hash) = row;
    Ok(StoredEvent {
        seq: Sequence(count("a sequence", seq)?),
        epoch: Epoch(count("an epoch", epoch)?),
        at: Wall(at),
        kind,
        ver: u16::try_from(ver)
            .map_err(|_| StoreError::Value { what: "the version of an event", value: ver.to_string() })?,
        alg,
        body,
        prev,
        hash,
    })
}
