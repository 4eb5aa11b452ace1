//! How a connection is made, and transactions on the writer's.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};

use crate::StoreError;
use crate::error::Tried;

/// Readers at one time.
const READERS_MAX: u32 = 4;
/// How long a connection waits for another's lock. Nobody else writes, so only a checkpoint or recovery can hold it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// The writer's connection: WAL, a commit returns after fsync, and what is deleted is overwritten, since names are erased that way.
pub(crate) async fn writer(path: &Path) -> Result<SqliteConnection, StoreError> {
    options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON")
        .connect()
        .await
        .tried("open")
}

/// Readers, made when first needed.
pub(crate) fn readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .acquire_timeout(BUSY_TIMEOUT)
        .connect_lazy_with(options(path).read_only(true))
}

/// Begins a transaction that holds the right to write from its start, so that what it reads stays true.
pub(crate) async fn begin(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("BEGIN IMMEDIATE").execute(connection).await.tried("begin a transaction").map(|_| ())
}

/// Commits, with fsync.
pub(crate) async fn commit(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("COMMIT").execute(connection).await.tried("commit").map(|_| ())
}

/// Gives a transaction up.
pub(crate) async fn roll_back(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("ROLLBACK").execute(connection).await.tried("roll back").map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_of_the_writer_returns_after_fsync() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = writer(&folder.path().join("onehall.db")).await.unwrap();
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut writer).await.unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut writer).await.unwrap();
        // FULL is 2: in WAL each commit is synced. NORMAL, 1, syncs at checkpoints only.
        assert_eq!((mode.as_str(), synchronous), ("wal", 2));
    }
}
