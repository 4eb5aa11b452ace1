//! Rows of the table `token`.

use base::{MeetingId, TokenId, VenueId, Wall};
use service::port::tokens::TokenRow;
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::table::plan::require_meeting;
use crate::value::parsed;

/// Adds a token; one that is there already stays as it is.
pub(crate) async fn add(connection: &mut SqliteConnection, token: &TokenRow) -> Result<(), StoreError> {
    require_meeting(connection, &token.meeting).await?;
    sqlx::query(
        "INSERT INTO token (id, meeting, role, venue, expires_ms, revoked_ms, made_ms, used_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )
    .bind(token.id.as_str())
    .bind(token.meeting.as_str())
    .bind(token.role.name())
    .bind(token.venue.as_ref().map(VenueId::as_str))
    .bind(token.expires.0)
    .bind(token.revoked.map(|at| at.0))
    .bind(token.made.map(|at| at.0))
    .bind(token.used.map(|at| at.0))
    .execute(connection)
    .await
    .tried("write a token")
    .map(|_| ())
}

/// Makes a token worthless from `at` on, unless it was before.
pub(crate) async fn revoke(
    connection: &mut SqliteConnection,
    id: &TokenId,
    at: Wall,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE token SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL")
        .bind(at.0)
        .bind(id.as_str())
        .execute(connection)
        .await
        .tried("revoke a token")
        .map(|_| ())
}

/// Makes every token worthless from now on.
pub(crate) async fn revoke_all(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE token SET revoked_ms = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE revoked_ms IS NULL",
    )
    .execute(connection)
    .await
    .tried("revoke the tokens")
    .map(|_| ())
}

/// Notes when tokens were last used.
pub(crate) async fn note_used(
    connection: &mut SqliteConnection,
    used: &[(TokenId, Wall)],
) -> Result<(), StoreError> {
    for (id, at) in used {
        sqlx::query("UPDATE token SET used_ms = max(?1, coalesce(used_ms, ?1)) WHERE id = ?2")
            .bind(at.0)
            .bind(id.as_str())
            .execute(&mut *connection)
            .await
            .tried("note when a token was used")?;
    }
    Ok(())
}

type StoredToken = (String, String, String, Option<String>, i64, Option<i64>, Option<i64>, Option<i64>);

/// A token, if it is there.
pub(crate) async fn find(
    connection: &mut SqliteConnection,
    id: &TokenId,
) -> Result<Option<TokenRow>, StoreError> {
    let row: Option<StoredToken> = sqlx::query_as(
        "SELECT id, meeting, role, venue, expires_ms, revoked_ms, made_ms, used_ms FROM token WHERE id = ?",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await
    .tried("read a token")?;
    row.map(token_row).transpose()
}

/// The tokens of a meeting by role, venue and id.
pub(crate) async fn of_meeting(
    connection: &mut SqliteConnection,
    meeting: &MeetingId,
) -> Result<Vec<TokenRow>, StoreError> {
    let rows: Vec<StoredToken> = sqlx::query_as(
        "SELECT id, meeting, role, venue, expires_ms, revoked_ms, made_ms, used_ms FROM token WHERE meeting = ?",
    )
    .bind(meeting.as_str())
    .fetch_all(connection)
    .await
    .tried("list the tokens")?;
    let mut tokens: Vec<TokenRow> = rows.into_iter().map(token_row).collect::<Result<_, _>>()?;
    tokens.sort_by(|a, b| (a.role, &a.venue, &a.id).cmp(&(b.role, &b.venue, &b.id)));
    Ok(tokens)
}

/// The tokens of all meetings that are revoked.
pub(crate) async fn revoked(connection: &mut SqliteConnection) -> Result<Vec<TokenId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM token WHERE revoked_ms IS NOT NULL")
        .fetch_all(connection)
        .await
        .tried("list the revoked tokens")?;
    ids.iter().map(|id| parsed("the id of a token", id)).collect()
}

fn token_row(row: StoredToken) -> Result<TokenRow, StoreError> {
    let (id, meeting, role, venue, expires, revoked, made, used) = row;
    Ok(TokenRow {
        id: parsed("the id of a token", &id)?,
        meeting: parsed("the id of a meeting", &meeting)?,
        role: parsed("a role", &role)?,
        venue: venue.map(|venue| parsed("the id of a venue", &venue)).transpose()?,
        expires: Wall(expires),
        revoked: revoked.map(Wall),
        made: made.map(Wall),
        used: used.map(Wall),
    })
}
