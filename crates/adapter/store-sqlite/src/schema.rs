//! The numbered migrations. All that are due run in one transaction that also writes the number, so a database is whole at one of them.

use std::path::Path;

use sqlx::SqliteConnection;

use crate::StoreError;
use crate::connection::{begin, commit, roll_back};
use crate::copy::{self, Copied};
use crate::error::Tried;

/// Migrations in order; the first makes schema 1. One that has left the house never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_text_by_language.sql"),
    include_str!("../migrations/0003_zone.sql"),
    include_str!("../migrations/0004_links.sql"),
    include_str!("../migrations/0005_seal.sql"),
];

/// The newest schema this version knows: that of the last migration.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the database to [`SCHEMA_VERSION`]. One that holds something is copied first, and the log says how to go back to the copy.
pub(crate) async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let Due { found, migrations } = due(connection, path).await?;
    if migrations.is_empty() {
        return Ok(());
    }
    let copy = match found {
        0 => None,
        _ => Some(copy::beside(connection, path, found).await.map_err(failed(path, found))?),
    };
    if let Err(cause) = apply(connection, migrations).await {
        if let Some(Copied { path: copy, made: true }) = copy {
            // The database is as it was, so the copy says nothing more. One that was there before may be needed by whoever put it there.
            let _ = std::fs::remove_file(copy);
        }
        return Err(failed(path, found)(cause));
    }
    if let Some(copy) = copy {
        tracing::info!(
            from = found,
            to = SCHEMA_VERSION,
            copy = %copy.path.display(),
            "the database was copied and migrated. To go back to the version before: stop the server, remove onehall.db-wal, \
             onehall.db-shm and heads, give the copy the name onehall.db, and start that version; what is stored from now on is not in the copy"
        );
    }
    Ok(())
}

/// Brings a copy of the database at `path` to [`SCHEMA_VERSION`], so that it can be read; the log says that the database itself is left.
pub(crate) async fn migrate_copy(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let Due { found, migrations } = due(connection, path).await?;
    if migrations.is_empty() {
        return Ok(());
    }
    apply(connection, migrations).await.map_err(failed(path, found))?;
    if found > 0 {
        tracing::info!(
            from = found,
            to = SCHEMA_VERSION,
            database = %path.display(),
            "a copy of the database was migrated to be read; the next start of the server, or the next file applied, migrates the database itself"
        );
    }
    Ok(())
}

/// The schema of a database, and the migrations that it lacks.
struct Due {
    found: i64,
    migrations: &'static [&'static str],
}

async fn due(connection: &mut SqliteConnection, path: &Path) -> Result<Due, StoreError> {
    let found = version(connection).await?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::NewerSchema { path: path.to_owned(), found, known: SCHEMA_VERSION });
    }
    let done = usize::try_from(found)
        .map_err(|_| StoreError::Value { what: "the number of the schema", value: found.to_string() })?;
    Ok(Due { found, migrations: MIGRATIONS.get(done..).unwrap_or_default() })
}

fn failed(path: &Path, found: i64) -> impl FnOnce(StoreError) -> StoreError {
    move |cause| StoreError::Migration {
        path: path.to_owned(),
        found,
        wanted: SCHEMA_VERSION,
        cause: Box::new(cause.named(path)),
    }
}

async fn version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await.tried("read its schema number")
}

/// All or nothing. References are not enforced meanwhile, as tables are made anew, but checked before the commit.
async fn apply(connection: &mut SqliteConnection, due: &[&'static str]) -> Result<(), StoreError> {
    enforce_references(connection, false).await?;
    begin(connection).await?;
    let written = async {
        for migration in due {
            sqlx::raw_sql(*migration).execute(&mut *connection).await.tried("migrate its schema")?;
        }
        let dangling: Option<String> =
            sqlx::query_scalar("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1")
                .fetch_optional(&mut *connection)
                .await
                .tried("check its references")?;
        if let Some(table) = dangling {
            return Err(StoreError::Value { what: "a table whose references hold", value: table });
        }
        // A pragma takes no parameters. The number is ours.
        let number = format!("PRAGMA user_version = {SCHEMA_VERSION}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(number))
            .execute(&mut *connection)
            .await
            .tried("number its schema")?;
        commit(connection).await
    }
    .await;
    if let Err(cause) = written {
        // The connection is closed with the attempt, which gives up whatever this does not.
        let _ = roll_back(connection).await;
        return Err(cause);
    }
    enforce_references(connection, true).await
}

/// Has no effect inside a transaction.
async fn enforce_references(connection: &mut SqliteConnection, enforced: bool) -> Result<(), StoreError> {
    let pragma = if enforced { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" };
    sqlx::query(pragma).execute(connection).await.tried("set how references are enforced").map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_schema_is_that_of_the_last_migration() {
        assert_eq!(i64::try_from(MIGRATIONS.len()), Ok(SCHEMA_VERSION));
    }
}
