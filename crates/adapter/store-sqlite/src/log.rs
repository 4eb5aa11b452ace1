//! The log of a run: rows of the table `event`.

use base::{Epoch, RunId, Sequence, Wall};
use service::port::log::{Log, LogError, LogFuture, OpenedRun, StoredEvent};
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use crate::error::Tried;
use crate::value::count;
use crate::writer::{Append, Job};
use crate::{Store, StoreError};

/// Events that one `read` gives at most, whatever it was asked for.
const READ_MAX: u32 = 10_000;

impl Log for Store {
    fn open(&self, run: &RunId) -> LogFuture<'_, OpenedRun> {
        let run = run.clone();
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let job = Job::Open { run, reply };
            self.ask(job, answer).await.map_err(|cause| failed("open a run", cause))?
        })
    }

    fn append(&self, run: &RunId, epoch: Epoch, events: Vec<StoredEvent>) -> LogFuture<'_, ()> {
        let run = run.clone();
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let job = Job::Append(Append { run, epoch, events, reply });
            self.ask(job, answer).await.map_err(|cause| failed("append", cause))?
        })
    }

    fn read(&self, run: &RunId, from: Sequence, count_max: u32) -> LogFuture<'_, Vec<StoredEvent>> {
        let run = run.clone();
        Box::pin(async move {
            let read = async {
                let mut reader = self.reader().await?;
                let there = epoch_of(&mut reader, &run).await?.is_some();
                let events = events(&mut reader, &run, from, count_max.min(READ_MAX)).await?;
                Ok(there.then_some(events))
            };
            match read.await {
                Ok(Some(events)) => Ok(events),
                Ok(None) => Err(LogError::NoRun(run.clone())),
                Err(cause) => Err(failed("read a log", self.name(cause))),
            }
        })
    }
}

fn failed(doing: &'static str, cause: StoreError) -> LogError {
    LogError::Store { doing, cause: Box::new(cause) }
}

/// Raises the epoch of a run and reads its log; none if there is no such run. Inside the writer's transaction.
pub(crate) async fn open(
    connection: &mut SqliteConnection,
    run: &RunId,
) -> Result<Option<OpenedRun>, StoreError> {
    let epoch: Option<i64> =
        sqlx::query_scalar("UPDATE run SET epoch = epoch + 1 WHERE id = ? RETURNING epoch")
            .bind(run.as_str())
            .fetch_optional(&mut *connection)
            .await
            .tried("raise the epoch of a run")?;
    let Some(epoch) = epoch else { return Ok(None) };
    let epoch = Epoch(count("an epoch", epoch)?);
    let events = events(connection, run, Sequence(1), u32::MAX).await?;
    Ok(Some(OpenedRun { epoch, events }))
}

/// Whether these events may follow now. `opened` is the epoch under which this process has opened the run.
pub(crate) async fn may_append(
    connection: &mut SqliteConnection,
    append: &Append,
    opened: Option<&Epoch>,
) -> Result<Result<(), LogError>, StoreError> {
    let Some(theirs) = epoch_of(connection, &append.run).await? else {
        return Ok(Err(LogError::NoRun(append.run.clone())));
    };
    if theirs != append.epoch {
        return Ok(Err(LogError::Fenced { ours: append.epoch, theirs }));
    }
    if opened != Some(&append.epoch) {
        return Ok(Err(failed("append", StoreError::NotOpened)));
    }
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM event WHERE run = ?")
        .bind(append.run.as_str())
        .fetch_one(connection)
        .await
        .tried("find the end of a log")?;
    let mut expected = Sequence(count("a sequence", last)?);
    for event in &append.events {
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
    run: &RunId,
    events: &[StoredEvent],
) -> Result<(), StoreError> {
    for event in events {
        sqlx::query(
            "INSERT INTO event (run, seq, epoch, at_ms, kind, ver, alg, body, prev, hash)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(run.as_str())
        .bind(stored(event.seq.0)?)
        .bind(stored(event.epoch.0)?)
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

async fn epoch_of(connection: &mut SqliteConnection, run: &RunId) -> Result<Option<Epoch>, StoreError> {
    let epoch: Option<i64> = sqlx::query_scalar("SELECT epoch FROM run WHERE id = ?")
        .bind(run.as_str())
        .fetch_optional(connection)
        .await
        .tried("read the epoch of a run")?;
    epoch.map(|epoch| count("an epoch", epoch).map(Epoch)).transpose()
}

type EventRow = (i64, i64, i64, String, i64, String, Vec<u8>, Vec<u8>, Vec<u8>);

async fn events(
    connection: &mut SqliteConnection,
    run: &RunId,
    from: Sequence,
    count_max: u32,
) -> Result<Vec<StoredEvent>, StoreError> {
    let rows: Vec<EventRow> = sqlx::query_as(
        "SELECT seq, epoch, at_ms, kind, ver, alg, body, prev, hash FROM event
         WHERE run = ? AND seq >= ? ORDER BY seq LIMIT ?",
    )
    .bind(run.as_str())
    .bind(stored(from.0)?)
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

/// SQLite's integers have a sign.
fn stored(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number)
        .map_err(|_| StoreError::Value { what: "a number of at most 63 bits", value: number.to_string() })
}
