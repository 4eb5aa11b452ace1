//! Rows of the table `event`: the logs of runs.

use base::{Epoch, LogCause, MeetingId, RunId, Sequence, Wall};
use service::port::log::{LogError, OpenedRun, StoredEvent};
use service::port::runs::{Course, RunKind};
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::table::run;
use crate::value::{count, parsed, signed};

/// Raises the epoch of a run and reads its log; none if there is no such run. Inside the writer's transaction.
pub(crate) async fn open(
    connection: &mut SqliteConnection,
    id: &RunId,
) -> Result<Option<OpenedRun>, StoreError> {
    let Some(epoch) = run::raise_epoch(connection, id).await? else { return Ok(None) };
    let events = read(connection, id, Sequence(1), u32::MAX).await?;
    Ok(Some(OpenedRun::whole(epoch, events)))
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
        return Ok(Err(LogError::Store {
            doing: "append",
            why: LogCause::IoError,
            cause: Box::new(StoreError::NotOpened),
        }));
    }
    let mut expected = last(connection, id).await?;
    for event in events {
        expected = expected.next();
        if event.seq != expected {
            return Ok(Err(LogError::Gap { expected, got: event.seq }));
        }
    }
    Ok(Ok(()))
}

/// Sequence of the last event of a run, 0 if there is none.
pub(crate) async fn last(connection: &mut SqliteConnection, id: &RunId) -> Result<Sequence, StoreError> {
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM event WHERE run = ?")
        .bind(id.as_str())
        .fetch_one(connection)
        .await
        .tried("find the end of a log")?;
    count("a sequence", last).map(Sequence)
}

/// Meeting and course of one run, or of all that are held. Of a log that ended it reads the last rows, of one that runs all: it is read then anyhow.
pub(crate) async fn courses(
    connection: &mut SqliteConnection,
    run: Option<&RunId>,
) -> Result<Vec<(MeetingId, Course)>, StoreError> {
    let rows: Vec<(String, Option<String>, Option<i64>)> = sqlx::query_as(
        "SELECT run.meeting, last.kind, last.ver FROM run LEFT JOIN event AS last
         ON last.run = run.id AND last.seq = (
             SELECT one.seq FROM event AS one
             WHERE one.run = run.id AND one.kind IN (?1, ?2, ?3) ORDER BY one.seq DESC LIMIT 1
         )
         WHERE (?4 IS NULL AND run.kind = ?5) OR run.id = ?4
         ORDER BY run.meeting, run.id",
    )
    .bind(Course::KINDS[0])
    .bind(Course::KINDS[1])
    .bind(Course::KINDS[2])
    .bind(run.map(RunId::as_str))
    .bind(RunKind::Held.name())
    .fetch_all(connection)
    .await
    .tried("find how far runs have come")?;
    rows.into_iter()
        .map(|(meeting, kind, ver)| {
            let course = match (kind, ver) {
                (Some(kind), Some(ver)) => u16::try_from(ver)
                    .ok()
                    .and_then(|ver| Course::after(&kind, ver))
                    .ok_or(StoreError::Value { what: "the version of an event", value: ver.to_string() })?,
                (_, _) => Course::Prepared,
            };
            Ok((parsed("the id of a meeting", &meeting)?, course))
        })
        .collect()
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
    // No event has a number beyond the column's.
    .bind(i64::try_from(from.0).unwrap_or(i64::MAX))
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
