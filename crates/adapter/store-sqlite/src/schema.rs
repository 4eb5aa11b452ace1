//! The numbered migrations. Each runs in a transaction that also writes its number, so a database is always at one of them.

use std::path::Path;

use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;

/// Migrations in order; the first makes schema 1. One that has left the house never changes.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001_first.sql")];

/// The newest schema this version knows.
pub const SCHEMA_VERSION: i64 = 1;

/// Brings the database to [`SCHEMA_VERSION`].
pub(crate) async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let found = version(connection).await?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::NewerSchema { path: path.to_owned(), found, known: SCHEMA_VERSION });
    }
    let first = usize::try_from(found)
        .map_err(|_| StoreError::Value { what: "the number of the schema", value: found.to_string() })?;
    for (place, migration) in MIGRATIONS.iter().enumerate().skip(first) {
        apply(connection, place + 1, migration).await?;
    }
    Ok(())
}

async fn version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await.tried("read its schema number")
}

async fn apply(
    connection: &mut SqliteConnection,
    number: usize,
    migration: &'static str,
) -> Result<(), StoreError> {
    tracing::info!(schema = number, "migrating the database");
    // A pragma takes no parameters. The text is made of a number of ours and a file of ours.
    let whole = format!("BEGIN IMMEDIATE; {migration}; PRAGMA user_version = {number}; COMMIT");
    sqlx::raw_sql(sqlx::AssertSqlSafe(whole))
        .execute(connection)
        .await
        .tried("migrate its schema")
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_schema_is_that_of_the_last_migration() {
        assert_eq!(i64::try_from(MIGRATIONS.len()), Ok(SCHEMA_VERSION));
    }
}
