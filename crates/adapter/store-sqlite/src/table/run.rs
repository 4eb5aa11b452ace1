//! Rows of the table `run`.

use base::{Epoch, MeetingId, RunId, Wall};
use service::port::runs::RunRow;
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::table::plan::require_meeting;
use crate::value::{count, parsed};

/// Adds a run; one that is there already stays as it is.
pub(crate) async fn add(connection: &mut SqliteConnection, run: &RunRow) -> Result<(), StoreError> {
    require_meeting(connection, &run.meeting).await?;
    sqlx::query(
        "INSERT INTO run (id, meeting, kind, created_ms, epoch) VALUES (?, ?, ?, ?, 0) ON CONFLICT (id) DO NOTHING",
    )
    .bind(run.id.as_str())
    .bind(run.meeting.as_str())
    .bind(run.kind.name())
    .bind(run.created.0)
    .execute(connection)
    .await
    .tried("write a run")
    .map(|_| ())
}

/// The runs of a meeting by kind, then by age, then by id.
pub(crate) async fn of_meeting(
    connection: &mut SqliteConnection,
    meeting: &MeetingId,
) -> Result<Vec<RunRow>, StoreError> {
    let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
        "SELECT id, kind, created_ms, epoch FROM run WHERE meeting = ? ORDER BY created_ms, id",
    )
    .bind(meeting.as_str())
    .fetch_all(connection)
    .await
    .tried("list the runs")?;
    let row = |(id, kind, created, epoch): (String, String, i64, i64)| {
        Ok(RunRow {
            id: parsed("the id of a run", &id)?,
            meeting: meeting.clone(),
            kind: parsed("the kind of a run", &kind)?,
            created: Wall(created),
            epoch: Epoch(count("an epoch", epoch)?),
        })
    };
    let mut runs: Vec<RunRow> = rows.into_iter().map(row).collect::<Result<_, StoreError>>()?;
    runs.sort_by_key(|run| run.kind);
    Ok(runs)
}

/// The meeting of a run; none if there is no such run.
pub(crate) async fn meeting(
    connection: &mut SqliteConnection,
    id: &RunId,
) -> Result<Option<MeetingId>, StoreError> {
    let meeting: Option<String> = sqlx::query_scalar("SELECT meeting FROM run WHERE id = ?")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await
        .tried("read whose a run is")?;
    meeting.map(|meeting| parsed("the id of a meeting", &meeting)).transpose()
}

/// Raises the epoch of a run; none if there is no such run.
pub(crate) async fn raise_epoch(
    connection: &mut SqliteConnection,
    id: &RunId,
) -> Result<Option<Epoch>, StoreError> {
    let epoch: Option<i64> =
        sqlx::query_scalar("UPDATE run SET epoch = epoch + 1 WHERE id = ? RETURNING epoch")
            .bind(id.as_str())
            .fetch_optional(connection)
            .await
            .tried("raise the epoch of a run")?;
    epoch.map(|epoch| count("an epoch", epoch).map(Epoch)).transpose()
}

/// The epoch of a run; none if there is no such run.
pub(crate) async fn epoch(
    connection: &mut SqliteConnection,
    id: &RunId,
) -> Result<Option<Epoch>, StoreError> {
    let epoch: Option<i64> = sqlx::query_scalar("SELECT epoch FROM run WHERE id = ?")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await
        .tried("read the epoch of a run")?;
    epoch.map(|epoch| count("an epoch", epoch).map(Epoch)).transpose()
}
