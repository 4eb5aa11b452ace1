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
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON")
        .connect()
        .await
        .tried("open")
}

/// Writes what is in the WAL into the database and empties it; false if a reader holds that up.
pub(crate) async fn clear_wal(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    async fn pragma(connection: &mut SqliteConnection, pragma: &'static str) -> Result<(), StoreError> {
        sqlx::raw_sql(pragma).execute(connection).await.tried("set how long it waits").map(|_| ())
    }
    pragma(connection, "PRAGMA busy_timeout = 0").await?;
    let held: Result<i64, _> =
        sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await;
    pragma(connection, "PRAGMA busy_timeout = 5000").await?;
    held.tried("clear its WAL").map(|held| held == 0)
}

/// What a look at the pages of the database finds wrong, the first of it; nothing if they hold together. What their rows say is not looked at.
pub(crate) async fn look_at_pages(connection: &mut SqliteConnection) -> Vec<String> {
    let found = sqlx::query_scalar("PRAGMA quick_check(3)").fetch_all(connection).await;
    // A page that cannot be made out at all ends the look.
    let found: Vec<String> = found.unwrap_or_else(|cause| vec![cause.to_string()]);
    found.into_iter().filter(|line| line != "ok").collect()
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
    use sqlx::Connection;

    use super::*;

    #[tokio::test]
    async fn a_commit_of_the_writer_returns_after_fsync() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("onehall.db");
        std::fs::write(&path, "").unwrap();
        let mut writer = writer(&path).await.unwrap();
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut writer).await.unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut writer).await.unwrap();
        // FULL is 2: in WAL each commit is synced. NORMAL, 1, syncs at checkpoints only.
        assert_eq!((mode.as_str(), synchronous), ("wal", 2));
    }

    #[tokio::test]
    async fn a_page_that_was_overwritten_is_found_by_a_look_at_the_pages() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("onehall.db");
        std::fs::write(&path, "").unwrap();
        let mut connection = writer(&path).await.unwrap();
        let fill = "CREATE TABLE t (n INTEGER PRIMARY KEY, x BLOB);
            WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 500)
            INSERT INTO t SELECT n, zeroblob(200) FROM c";
        sqlx::raw_sql(fill).execute(&mut connection).await.unwrap();
        assert_eq!(look_at_pages(&mut connection).await, Vec::<String>::new());
        connection.close().await.unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2 / 4096 * 4096;
        bytes[middle..middle + 4096].fill(0xa5);
        std::fs::write(&path, bytes).unwrap();
        let mut connection = writer(&path).await.unwrap();
        assert!(!look_at_pages(&mut connection).await.is_empty());
    }
}
