//! The store: opens a data folder, asks the writer, reads by itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Epoch, LogCause, MeetingId, RunId, Sequence, TokenId, Wall};
use directory::{Directory, Plan};
use service::port::directories::MeetingRow;
use service::port::log::{LogError, Loss, OpenedRun, StoredEvent};
use service::port::runs::{Course, RunKind, RunRow};
use service::port::tokens::TokenRow;
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use crate::beside::{Beside, Note};
use crate::error::Tried;
use crate::folder::{self, Folder, TOKEN_KEY_BYTES, stored_key};
use crate::heads::{Compared, Heads};
use crate::table::{event, plan, run, token};
use crate::writer::{Append, Change, JOBS_MAX, Job, Writer};
use crate::{StoreError, connection, schema, seal};

/// A database of at most so many bytes is looked through at the start: a quarter of a second for 90 MB, or 300,000 events.
const LOOKED_AT_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Events that one read of a log gives at most, whatever it was asked for.
const READ_MAX: u32 = 10_000;

/// What somebody says on purpose when a data folder is opened.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// Where the token key is missing beside a database, another is made: every link that was given out is worthless then.
    pub new_token_key: bool,
    /// Runs that are opened whatever their logs have lost.
    pub accept_loss: BTreeSet<RunId>,
}

/// An open data folder. Clones share it. It is let go when [`Store::close`] answers, or some time after the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Store {
    shared: Arc<Opened>,
}

#[derive(Debug)]
struct Opened {
    path: PathBuf,
    jobs: mpsc::Sender<Job>,
    readers: SqlitePool,
    token_key: [u8; TOKEN_KEY_BYTES],
    beside: Beside,
    accept_loss: BTreeSet<RunId>,
}

impl Opened {
    /// `path` is what errors name. The jobs are the writer's.
    fn of(
        path: PathBuf,
        folder: &Folder,
        token_key: [u8; TOKEN_KEY_BYTES],
        beside: Beside,
        accept_loss: BTreeSet<RunId>,
    ) -> (Self, mpsc::Receiver<Job>) {
        let readers = connection::readers(&folder.database());
        let (jobs, waiting) = mpsc::channel(JOBS_MAX);
        (Self { path, jobs, readers, token_key, beside, accept_loss }, waiting)
    }
}

impl Store {
    /// Opens a data folder, makes it if need be, and brings its database to the present schema. Starts the writer as a task of the
    /// tokio runtime that this is called in, whose timers must be enabled.
    ///
    /// # Errors
    /// [`StoreError`] names the file and what is wrong with it; [`StoreError::Locked`] the process that has the folder.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_as(folder, Opening::default()).await
    }

    /// As [`Store::open`], with what somebody said on purpose.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_as(folder: &Path, opening: Opening) -> Result<Self, StoreError> {
        let folder = Folder::take(folder)?;
        let path = folder.database();
        let token_key = folder.token_key(opening.new_token_key)?;
        folder.make_database()?;
        let prepared = async {
            let mut writer = connection::writer(&path).await?;
            schema::migrate(&mut writer, &path).await?;
            Ok(writer)
        };
        let mut writer = prepared.await.map_err(|cause: StoreError| cause.named(&path))?;
        let token_key = match token_key {
            Some(key) => key,
            None => {
                token::revoke_all(&mut writer).await.map_err(|cause| cause.named(&path))?;
                folder.make_key()?
            }
        };
        let heads = folder.heads().map(|path| Heads::open(path, token_key)).transpose()?;
        let beside = Beside::of(&folder, heads);
        tell_damage(&mut writer, &path).await;
        tell_changes(&mut writer, &path).await;
        tell_losses(&mut writer, &beside).await.map_err(|cause| cause.named(&path))?;
        let opened = Opened::of(path, &folder, token_key, beside.clone(), opening.accept_loss.clone());
        Ok(Self::start(opened, Writer::new(folder, writer, beside, opening.accept_loss)))
    }

    /// Opens a copy of the database of a data folder, brought to the present schema, as [`Store::open`] opens the folder. The folder stays
    /// byte for byte as it is, and what is written goes away with the copy, when the store is closed. The copy is made in the system's
    /// folder for temporary files.
    ///
    /// # Errors
    /// As [`Store::open`]; files are named as they are in the data folder.
    pub async fn open_copy(folder: &Path) -> Result<Self, StoreError> {
        let copy = Folder::copy_of(folder)?;
        let token_key = match stored_key(folder)? {
            Some(key) => key,
            // Nobody gets a link of a copy.
            None => copy.make_key()?,
        };
        let path = folder::database(folder);
        let prepared = async {
            let mut writer = connection::writer(&copy.database()).await?;
            schema::migrate_copy(&mut writer, &path).await?;
            Ok(writer)
        };
        let writer = prepared.await.map_err(|cause: StoreError| cause.named(&path))?;
        let beside = Beside::of(&copy, None);
        let opened = Opened::of(path, &copy, token_key, beside.clone(), BTreeSet::new());
        Ok(Self::start(opened, Writer::new(copy, writer, beside, BTreeSet::new())))
    }

    fn start((opened, waiting): (Opened, mpsc::Receiver<Job>), writer: Writer) -> Self {
        tokio::spawn(writer.work(waiting));
        Self { shared: Arc::new(opened) }
    }

    /// Why nothing can be written, where that is known. Waits for nothing.
    pub(crate) fn known_trouble(&self) -> Option<LogCause> {
        let beside = &self.shared.beside;
        if beside.is_gone() { Some(LogCause::FolderGone) } else { beside.disk().trouble() }
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
        let read = async { plan::directory(&mut *self.reader().await?).await };
        read.await.map_err(|cause| self.name(cause))
    }

    /// The organisation and the plan of a meeting, as they were at one moment.
    ///
    /// # Errors
    /// [`StoreError::NoMeeting`], or another if it cannot be read.
    pub async fn load(&self, meeting: &MeetingId) -> Result<(Directory, Plan), StoreError> {
        let read = async { plan::load(&mut *self.reader().await?, meeting).await };
        read.await.map_err(|cause| self.name(cause))?.ok_or_else(|| StoreError::NoMeeting(meeting.clone()))
    }

    /// All meetings, by planned start, those without one last.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    pub async fn meetings(&self) -> Result<Vec<MeetingRow>, StoreError> {
        let read = async { plan::list(&mut *self.reader().await?).await };
        read.await.map_err(|cause| self.name(cause))
    }

    /// Whether [`Store::replace`] would take this directory with a plan of this meeting. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another meeting names a venue or a person that would vanish.
    pub async fn fits(&self, directory: &Directory, meeting: &MeetingId) -> Result<(), StoreError> {
        let read = async { plan::check_others(&mut *self.reader().await?, directory, meeting).await };
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
        let read = async { run::of_meeting(&mut *self.reader().await?, meeting).await };
        read.await.map_err(|cause| self.name(cause))
    }

    /// The meeting of a run; none if there is no such run.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub async fn meeting_of(&self, run: &RunId) -> Result<Option<MeetingId>, StoreError> {
        let read = async { run::meeting(&mut *self.reader().await?, run).await };
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

    /// Notes when tokens were last used. No time goes back.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written.
    pub async fn note_used(&self, used: Vec<(TokenId, Wall)>) -> Result<(), StoreError> {
        self.change(Change::NoteUsed(used)).await
    }

    /// A token.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub async fn token(&self, id: &TokenId) -> Result<Option<TokenRow>, StoreError> {
        let read = async { token::find(&mut *self.reader().await?, id).await };
        read.await.map_err(|cause| self.name(cause))
    }

    /// Tokens of a meeting, by role, venue and id.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    pub async fn tokens(&self, meeting: &MeetingId) -> Result<Vec<TokenRow>, StoreError> {
        let read = async { token::of_meeting(&mut *self.reader().await?, meeting).await };
        read.await.map_err(|cause| self.name(cause))
    }

    /// Tokens of all meetings that are revoked.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    pub async fn revoked(&self) -> Result<Vec<TokenId>, StoreError> {
        let read = async { token::revoked(&mut *self.reader().await?).await };
        read.await.map_err(|cause| self.name(cause))
    }

    /// How far a run has come; none if there is no such run.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub async fn course(&self, run: &RunId) -> Result<Option<Course>, StoreError> {
        let read = async { event::courses(&mut *self.reader().await?, Some(run)).await };
        let courses = read.await.map_err(|cause| self.name(cause))?;
        Ok(courses.into_iter().next().map(|(_, course)| course))
    }

    /// Meetings whose held run has started and is not closed, by id, each once.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    pub async fn unclosed(&self) -> Result<Vec<MeetingId>, StoreError> {
        let read = async { event::courses(&mut *self.reader().await?, None).await };
        let courses = read.await.map_err(|cause| self.name(cause))?;
        let unclosed =
            courses.into_iter().filter(|(_, course)| matches!(course, Course::Started | Course::Ended));
        let mut meetings: Vec<MeetingId> = unclosed.map(|(meeting, _)| meeting).collect();
        meetings.dedup();
        Ok(meetings)
    }

    /// All events of a run under the epoch that it has.
    pub(crate) async fn whole_run(&self, id: &RunId) -> Result<Result<OpenedRun, LogError>, StoreError> {
        let read = async {
            let mut reader = self.reader().await?;
            let Some(epoch) = run::epoch(&mut reader, id).await? else { return Ok(None) };
            let events = event::read(&mut reader, id, Sequence(1), u32::MAX).await?;
            Ok(Some(OpenedRun::whole(epoch, events)))
        };
        let Some(opened) = read.await.map_err(|cause| self.name(cause))? else {
            return Ok(Err(LogError::NoRun(id.clone())));
        };
        match self.shared.beside.compare(id, &opened.events) {
            Compared::Lost(loss) if !self.shared.accept_loss.contains(id) => Ok(Err(LogError::Lost(loss))),
            Compared::Lost(_) | Compared::Unknown => {
                // Nothing follows in a log that is read only, so what is there is what counts from now on.
                let note = Note::of(id, &opened.events).into_iter().collect();
                self.shared.beside.committed(note).await.map(|()| Ok(opened))
            }
            Compared::Whole => Ok(Ok(opened)),
        }
    }

    /// Raises the epoch of a run and reads its log.
    pub(crate) async fn open_run(&self, run: RunId) -> Result<Result<OpenedRun, LogError>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.ask(Job::Open { run, reply }, answer).await
    }

    /// Appends events, answered after fsync.
    pub(crate) async fn append_events(
        &self,
        run: RunId,
        epoch: Epoch,
        events: Vec<StoredEvent>,
    ) -> Result<Result<(), LogError>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.ask(Job::Append(Append { run, epoch, events, reply }), answer).await
    }

    /// Events of a run from `from` on, at most `count_max` and never more than [`READ_MAX`]; none if there is no such run.
    pub(crate) async fn events(
        &self,
        id: &RunId,
        from: Sequence,
        count_max: u32,
    ) -> Result<Option<Vec<StoredEvent>>, StoreError> {
        let read = async {
            let mut reader = self.reader().await?;
            let there = run::epoch(&mut reader, id).await?.is_some();
            let events = event::read(&mut reader, id, from, count_max.min(READ_MAX)).await?;
            Ok(there.then_some(events))
        };
        read.await.map_err(|cause| self.name(cause))
    }

    async fn change(&self, change: Change) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.ask(Job::Change { change, reply }, answer).await?
    }

    /// Hands a job to the writer and waits for the answer.
    async fn ask<T>(&self, job: Job, answer: oneshot::Receiver<T>) -> Result<T, StoreError> {
        self.shared.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)
    }

    async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        match self.shared.readers.acquire().await {
            Err(sqlx::Error::PoolClosed) => Err(StoreError::Closed),
            other => other.tried("open a reader"),
        }
    }

    fn name(&self, cause: StoreError) -> StoreError {
        cause.named(&self.shared.path)
    }
}

/// Says whether the database is damaged, as far as its pages show. What can be read is served all the same: one meeting's trouble is no other's
/// (R18).
async fn tell_damage(connection: &mut SqliteConnection, path: &Path) {
    let bytes = std::fs::metadata(path).map_or(0, |there| there.len());
    if bytes > LOOKED_AT_BYTES_MAX {
        tracing::info!(bytes, "the database is not looked through at the start: it is large");
        return;
    }
    let found = connection::look_at_pages(connection).await;
    if !found.is_empty() {
        tracing::error!(database = %path.display(), ?found, "the database is damaged; what can be read is served. Put it aside and take a copy");
    }
}

/// Says that names or plans are others than this store wrote.
async fn tell_changes(connection: &mut SqliteConnection, path: &Path) {
    match seal::holds(connection).await {
        Ok(true) => {}
        Ok(false) => tracing::error!(database = %path.display(),
            "names or plans have changed on the disk, not by this server. Look through them and apply the meeting files again, or take a copy"),
        Err(cause) => {
            tracing::error!(
                error = &cause as &dyn std::error::Error,
                "whether names and plans have changed cannot be read"
            );
        }
    }
}

/// Says which logs have lost something, before anybody asks for them.
async fn tell_losses(connection: &mut SqliteConnection, beside: &Beside) -> Result<(), StoreError> {
    for (run, had) in beside.noted() {
        let has = event::last(connection, &run).await?;
        if has < had {
            let loss = Loss { run, had, has };
            tracing::error!("{loss}");
        }
    }
    Ok(())
}
