//! The store: opens a data folder, asks the writer, reads by itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Epoch, MeetingId, RunId, TokenId, VenueId, Wall};
use directory::{Directory, Plan};
use service::port::directories::MeetingRow;
use service::port::runs::{RunKind, RunRow};
use service::port::tokens::TokenRow;
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use crate::error::Tried;
use crate::folder::{Folder, TOKEN_KEY_BYTES};
use crate::row::{role_from_name, role_name};
use crate::value::{count, parsed, text};
use crate::writer::{Change, JOBS_MAX, Job, Writer};
use crate::{StoreError, connection, plan_read, schema};

/// An open data folder. Clones share it. It is let go when [`Store::close`] answers, or some time after the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    jobs: mpsc::Sender<Job>,
    readers: SqlitePool,
    token_key: [u8; TOKEN_KEY_BYTES],
}

impl Store {
    /// Opens a data folder, makes it if need be, and brings its database to the present schema. Starts the writer as a task of the
    /// tokio runtime that this is called in, whose timers must be enabled.
    ///
    /// # Errors
    /// [`StoreError`] names the file and what is wrong with it; [`StoreError::Locked`] the process that has the folder.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let folder = Folder::take(folder)?;
        let path = folder.database();
        let token_key = folder.token_key()?;
        let prepared = async {
            let mut writer = connection::writer(&path).await?;
            schema::migrate(&mut writer, &path).await?;
            Ok(writer)
        };
        let writer = prepared.await.map_err(|cause: StoreError| cause.named(&path))?;
        let readers = connection::readers(&path);
        let (jobs, waiting) = mpsc::channel(JOBS_MAX);
        tokio::spawn(Writer::new(folder, writer).work(waiting));
        Ok(Self { shared: Arc::new(Shared { path, jobs, readers, token_key }) })
    }

    /// Writes what waits, closes the database and lets the folder go. Clones that are still there answer [`StoreError::Closed`].
    pub async fn close(self) {
        self.shared.readers.close().await;
        let (reply, answer) = oneshot::channel();
        // An error says that the store is closed, which is what was asked for.
        let _ = self.ask(Job::Close(reply), answer).await;
    }

    /// The key that tokens are signed with: random, made when the folder was first opened, kept in `token.key` beside the database.
    #[must_use]
    pub fn token_key(&self) -> [u8; TOKEN_KEY_BYTES] {
        self.shared.token_key
    }

    /// The organisation as it is now, none before the first meeting file.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub async fn directory(&self) -> Result<Option<Directory>, StoreError> {
        let read = async { plan_read::directory(&mut *self.reader().await?).await };
        read.await.map_err(|cause| self.name(cause))
    }

    /// The organisation and the plan of a meeting, as they were at one moment.
    ///
    /// # Errors
    /// [`StoreError::NoMeeting`], or another if it cannot be read.
    pub async fn load(&self, meeting: &MeetingId) -> Result<(Directory, Plan), StoreError> {
        let read = async { plan_read::load(&mut *self.reader().await?, meeting).await };
        read.await.map_err(|cause| self.name(cause))?.ok_or_else(|| StoreError::NoMeeting(meeting.clone()))
    }

    /// All meetings, by planned start, those without one last.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    pub async fn meetings(&self) -> Result<Vec<MeetingRow>, StoreError> {
        let read = async { meetings(&mut *self.reader().await?).await };
        read.await.map_err(|cause| self.name(cause))
    }

    /// Makes `directory` the organisation and `plan` the plan of its meeting, in one transaction. Other meetings stay as they are.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another meeting names a venue or a person that would vanish; then nothing is changed.
    pub async fn replace(&self, directory: Directory, plan: Plan) -> Result<(), StoreError> {
        self.change(Change::Replace(Box::new((directory, plan)))).await
    }

    /// Adds a run of a meeting; one that is there already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NoMeeting`], or another if it cannot be written.
    pub async fn add_run(
        &self,
        id: RunId,
        meeting: MeetingId,
        kind: RunKind,
        created: Wall,
    ) -> Result<(), StoreError> {
        self.change(Change::AddRun(RunRow { id, meeting, kind, created, epoch: Epoch(0) })).await
    }

    /// Runs of a meeting: those held first, then run-throughs, then joint tests, each by age.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    pub async fn runs(&self, meeting: &MeetingId) -> Result<Vec<RunRow>, StoreError> {
        let read = async { runs(&mut *self.reader().await?, meeting).await };
        read.await.map_err(|cause| self.name(cause))
    }

    /// Adds a token; one that is there already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NoMeeting`], or another if it cannot be written.
    pub async fn add_token(&self, token: TokenRow) -> Result<(), StoreError> {
        self.change(Change::AddToken(token)).await
    }

    /// Makes a token worthless from `at` on. One that is not there or was revoked before stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written.
    pub async fn revoke_token(&self, id: TokenId, at: Wall) -> Result<(), StoreError> {
        self.change(Change::RevokeToken(id, at)).await
    }

    /// A token.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub async fn token(&self, id: &TokenId) -> Result<Option<TokenRow>, StoreError> {
        let read = async { token(&mut *self.reader().await?, id).await };
        read.await.map_err(|cause| self.name(cause))
    }

    /// Tokens of a meeting, by role, venue and id.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    pub async fn tokens(&self, meeting: &MeetingId) -> Result<Vec<TokenRow>, StoreError> {
        let read = async { tokens(&mut *self.reader().await?, meeting).await };
        read.await.map_err(|cause| self.name(cause))
    }

    async fn change(&self, change: Change) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.ask(Job::Change { change, reply }, answer).await?
    }

    /// Hands a job to the writer and waits for the answer.
    pub(crate) async fn ask<T>(&self, job: Job, answer: oneshot::Receiver<T>) -> Result<T, StoreError> {
        self.shared.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)
    }

    pub(crate) async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        match self.shared.readers.acquire().await {
            Err(sqlx::Error::PoolClosed) => Err(StoreError::Closed),
            other => other.tried("open a reader"),
        }
    }

    pub(crate) fn name(&self, cause: StoreError) -> StoreError {
        cause.named(&self.shared.path)
    }
}

pub(crate) async fn add_run(connection: &mut SqliteConnection, run: &RunRow) -> Result<(), StoreError> {
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

pub(crate) async fn add_token(connection: &mut SqliteConnection, token: &TokenRow) -> Result<(), StoreError> {
    require_meeting(connection, &token.meeting).await?;
    sqlx::query(
        "INSERT INTO token (id, meeting, role, venue, expires_ms, revoked_ms) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(token.id.as_str())
    .bind(token.meeting.as_str())
    .bind(role_name(token.role))
    .bind(token.venue.as_ref().map(VenueId::as_str))
    .bind(token.expires.0)
    .bind(token.revoked.map(|at| at.0))
    .execute(connection)
    .await
    .tried("write a token")
    .map(|_| ())
}

pub(crate) async fn revoke_token(
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

async fn require_meeting(connection: &mut SqliteConnection, id: &MeetingId) -> Result<(), StoreError> {
    let there: Option<i64> = sqlx::query_scalar("SELECT 1 FROM meeting WHERE id = ?")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await
        .tried("look for a meeting")?;
    there.map(|_| ()).ok_or_else(|| StoreError::NoMeeting(id.clone()))
}

async fn meetings(connection: &mut SqliteConnection) -> Result<Vec<MeetingRow>, StoreError> {
    let rows: Vec<(String, String, Option<i64>)> =
        sqlx::query_as("SELECT id, title, start_ms FROM meeting ORDER BY start_ms IS NULL, start_ms, id")
            .fetch_all(connection)
            .await
            .tried("list the meetings")?;
    rows.into_iter()
        .map(|(id, title, start)| {
            Ok(MeetingRow {
                id: parsed("the id of a meeting", &id)?,
                title: text(&title)?,
                start: start.map(Wall),
            })
        })
        .collect()
}

async fn runs(connection: &mut SqliteConnection, meeting: &MeetingId) -> Result<Vec<RunRow>, StoreError> {
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
            kind: RunKind::from_name(&kind)
                .ok_or(StoreError::Value { what: "the kind of a run", value: kind })?,
            created: Wall(created),
            epoch: Epoch(count("an epoch", epoch)?),
        })
    };
    let mut runs: Vec<RunRow> = rows.into_iter().map(row).collect::<Result<_, StoreError>>()?;
    runs.sort_by_key(|run| run.kind);
    Ok(runs)
}

type StoredToken = (String, String, String, Option<String>, i64, Option<i64>);

async fn token(connection: &mut SqliteConnection, id: &TokenId) -> Result<Option<TokenRow>, StoreError> {
    let row: Option<StoredToken> =
        sqlx::query_as("SELECT id, meeting, role, venue, expires_ms, revoked_ms FROM token WHERE id = ?")
            .bind(id.as_str())
            .fetch_optional(connection)
            .await
            .tried("read a token")?;
    row.map(token_row).transpose()
}

async fn tokens(connection: &mut SqliteConnection, meeting: &MeetingId) -> Result<Vec<TokenRow>, StoreError> {
    let rows: Vec<StoredToken> = sqlx::query_as(
        "SELECT id, meeting, role, venue, expires_ms, revoked_ms FROM token WHERE meeting = ?",
    )
    .bind(meeting.as_str())
    .fetch_all(connection)
    .await
    .tried("list the tokens")?;
    let mut tokens: Vec<TokenRow> = rows.into_iter().map(token_row).collect::<Result<_, _>>()?;
    tokens.sort_by(|a, b| (a.role, &a.venue, &a.id).cmp(&(b.role, &b.venue, &b.id)));
    Ok(tokens)
}

fn token_row(row: StoredToken) -> Result<TokenRow, StoreError> {
    let (id, meeting, role, venue, expires, revoked) = row;
    Ok(TokenRow {
        id: parsed("the id of a token", &id)?,
        meeting: parsed("the id of a meeting", &meeting)?,
        role: role_from_name(&role).ok_or(StoreError::Value { what: "a role", value: role })?,
        venue: venue.map(|venue| parsed("the id of a venue", &venue)).transpose()?,
        expires: Wall(expires),
        revoked: revoked.map(Wall),
    })
}
