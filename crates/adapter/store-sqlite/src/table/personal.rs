//! Rows of the table `personal`: names and numbers of people, apart from all else so that they can be erased.

use serde::Serialize;
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::value::json;

/// Writes a row of the table `personal` and gives its id.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    what: &'static str,
    of: &str,
    value: &impl Serialize,
) -> Result<String, StoreError> {
    let id = format!("{what}/{of}");
    sqlx::query("INSERT INTO personal (id, value) VALUES (?, ?)")
        .bind(&id)
        .bind(json(value)?)
        .execute(connection)
        .await
        .tried("write a name")?;
    Ok(id)
}
