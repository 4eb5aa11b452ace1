//! A sum over what is in no chain: the directory, the plans, and what is personal. What changed there without this store, as by a bit that
//! flipped on the disk, is told when it opens; nothing is refused for it, since nobody can say what was there before.

use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::schema::SCHEMA_VERSION;

/// The tables that a meeting file writes.
const TABLES: [&str; 11] = [
    "organisation",
    "tier",
    "unit",
    "venue",
    "source",
    "venue_word",
    "person",
    "personal",
    "meeting",
    "meeting_venue",
    "item",
];

/// Whether the tables are as they were sealed. Those that never were, or in another schema, are sealed now.
pub(crate) async fn holds(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let sealed: Option<Vec<u8>> = sqlx::query_scalar("SELECT sum FROM seal WHERE schema = ?")
        .bind(SCHEMA_VERSION)
        .fetch_optional(&mut *connection)
        .await
        .tried("read the sum of its tables")?;
    match sealed {
        Some(sealed) => Ok(sum(connection).await? == sealed),
        None => write(connection).await.map(|()| true),
    }
}

/// Seals the tables as they are now.
pub(crate) async fn write(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let sum = sum(connection).await?;
    sqlx::query("INSERT OR REPLACE INTO seal (one, schema, sum) VALUES (1, ?, ?)")
        .bind(SCHEMA_VERSION)
        .bind(sum)
        .execute(connection)
        .await
        .tried("write the sum of its tables")
        .map(|_| ())
}

/// Writes the seal as it is: a commit as any other, that changes nothing.
pub(crate) async fn write_again(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("UPDATE seal SET one = one").execute(connection).await.tried("try a write").map(|_| ())
}

/// SHA-256 over all rows, each value as SQL writes it.
async fn sum(connection: &mut SqliteConnection) -> Result<Vec<u8>, StoreError> {
    let mut sum = Sha256::new();
    for table in TABLES {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?) ORDER BY cid")
            .bind(table)
            .fetch_all(&mut *connection)
            .await
            .tried("read how a table is made")?;
        let values: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let values = values.join(" || ',' || ");
        // Tables and their columns are those of our own migrations.
        let rows = sqlx::AssertSqlSafe(format!("SELECT {values} AS line FROM {table} ORDER BY line"));
        let lines: Vec<String> =
            sqlx::query_scalar(rows).fetch_all(&mut *connection).await.tried("read a table")?;
        for text in std::iter::once(table).chain(lines.iter().map(String::as_str)) {
            sum.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            sum.update(text.as_bytes());
        }
    }
    Ok(sum.finalize().to_vec())
}
