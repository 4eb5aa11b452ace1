//! The one writer: takes whatever waits, writes it in one transaction, and answers after its fsync.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base::{Epoch, LogCause, RunId, TokenId, Wall};
use directory::{Directory, Plan};
use service::port::log::{LogError, OpenedRun, StoredEvent};
use service::port::runs::RunRow;
use service::port::tokens::TokenRow;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval};

use crate::StoreError;
use crate::beside::{Beside, Note};
use crate::connection::{self, begin, commit, roll_back};
use crate::folder::Folder;
use crate::heads::Compared;
use crate::port::of_log;
use crate::seal;
use crate::table::{event, plan, run, token};

/// Jobs that wait at one time; who comes then waits to hand its job over.
pub(crate) const JOBS_MAX: usize = 1024;
/// How often the writer looks whether its files are still there.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A batch of events to append.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) run: RunId,
    pub(crate) epoch: Epoch,
    pub(crate) events: Vec<StoredEvent>,
    pub(crate) reply: oneshot::Sender<Result<(), LogError>>,
}

/// A change of anything but a log.
#[derive(Debug)]
pub(crate) enum Change {
    /// The directory and the plan of one meeting.
    Replace(Box<(Directory, Plan)>),
    /// A run that may be there already.
    AddRun(RunRow),
    /// A token that may be there already.
    AddToken(TokenRow),
    /// A token is not good any more.
    RevokeToken(TokenId, Wall),
    /// When tokens were last used.
    NoteUsed(Vec<(TokenId, Wall)>),
}

/// What the writer is asked to do.
#[derive(Debug)]
pub(crate) enum Job {
    Append(Append),
    Open { run: RunId, reply: oneshot::Sender<Result<OpenedRun, LogError>> },
    Change { change: Change, reply: oneshot::Sender<Result<(), StoreError>> },
    Close(oneshot::Sender<()>),
}

/// The writer's own state. It owns the data folder, so the lock outlives the last write.
#[derive(Debug)]
pub(crate) struct Writer {
    path: PathBuf,
    _folder: Folder,
    /// None after a failed commit, until it is needed again.
    connection: Option<SqliteConnection>,
    /// Runs opened since the last failed commit, with the epoch of their writer.
    opened: BTreeMap<RunId, Epoch>,
    beside: Beside,
    /// Runs that are opened whatever they have lost.
    accept_loss: BTreeSet<RunId>,
    /// A file that was deleted or replaced: nothing is written any more.
    gone: Option<PathBuf>,
    /// The WAL may hold names that were erased.
    erased: bool,
}

impl Writer {
    pub(crate) fn new(
        folder: Folder,
        connection: SqliteConnection,
        beside: Beside,
        accept_loss: BTreeSet<RunId>,
    ) -> Self {
        Self {
            path: folder.database(),
            _folder: folder,
            connection: Some(connection),
            opened: BTreeMap::new(),
            beside,
            accept_loss,
            gone: None,
            erased: false,
        }
    }

    /// Works until it is told to close or nobody is left to ask.
    pub(crate) async fn work(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut waiting = VecDeque::new();
        let mut closed = None;
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while closed.is_none() {
            tokio::select! {
                job = jobs.recv() => match job {
                    Some(first) => waiting.push_back(first),
                    None => break,
                },
                _ = look.tick() => self.look().await,
            }
            while waiting.len() < JOBS_MAX
                && let Ok(job) = jobs.try_recv()
            {
                waiting.push_back(job);
            }
            while let Some(job) = waiting.pop_front() {
                if let Some(reply) = self.take(job, &mut waiting).await {
                    jobs.close();
                    closed = Some(reply);
                }
            }
        }
        if let Some(connection) = self.connection.take()
            && let Err(cause) = connection.close().await
        {
            tracing::warn!(error = &cause as &dyn std::error::Error, "the database did not close cleanly");
        }
        drop(self);
        if let Some(reply) = closed {
            let _ = reply.send(());
        }
    }

    /// Does a job; gives who is to be told that the store is closed, if that was the job.
    async fn take(&mut self, job: Job, waiting: &mut VecDeque<Job>) -> Option<oneshot::Sender<()>> {
        match job {
            Job::Append(append) => self.append(append, waiting).await,
            Job::Open { run, reply } => {
                let opened = self.open(&run).await;
                self.ended(opened.as_ref().map(Result::is_ok));
                let answer = match opened {
                    Ok(opened) => opened,
                    Err(cause) => Err(of_log("open a run", cause)),
                };
                // Who asked may be gone; then nobody has the epoch, and the next `open` raises it again.
                let _ = reply.send(answer);
            }
            Job::Change { change, reply } => {
                self.beside.disk().begins();
                let answer = self.change(change).await;
                // One that changed nothing has written nothing.
                self.ended(answer.as_ref().map(|()| false));
                let _ = reply.send(answer);
            }
            Job::Close(reply) => return Some(reply),
        }
        None
    }

    /// Looks whether the files are still there, and clears the WAL of names if that is owed.
    async fn look(&mut self) {
        if self.gone.is_none()
            && let Err(cause) = self.beside.check().await
        {
            self.fail(cause).await;
        }
        if self.erased && self.gone.is_none() {
            self.clear_wal().await;
        }
        if self.gone.is_none() && self.beside.disk().is_doubtful().await {
            self.try_a_write().await;
        }
    }

    /// Nobody may act for long: whether the disk takes anything is to be known all the same, and that it does so again.
    async fn try_a_write(&mut self) {
        self.beside.disk().begins();
        let written = self.write_again().await;
        let failed = self.ended(written.as_ref().map(|()| true));
        let Err(cause) = written else { return };
        let cause = self.let_go(cause).await;
        if let Some(why) = failed {
            tracing::error!(
                error = &cause as &dyn std::error::Error,
                ?why,
                "nothing can be written, though nobody has asked for it"
            );
        }
    }

    async fn write_again(&mut self) -> Result<(), StoreError> {
        let connection = self.connect().await?;
        begin(connection).await?;
        seal::write_again(connection).await?;
        commit(connection).await
    }

    /// A transaction came to its end, and has written something or nothing.
    fn ended(&self, written: Result<bool, &StoreError>) -> Option<LogCause> {
        self.beside.disk().ended(written)
    }

    /// What was erased is in the WAL until that is written anew. A reader that holds it up is not waited for: it is tried again.
    async fn clear_wal(&mut self) {
        let Ok(connection) = self.connect().await else { return };
        match connection::clear_wal(connection).await {
            Ok(cleared) => self.erased = !cleared,
            Err(cause) => {
                tracing::warn!(
                    error = &cause as &dyn std::error::Error,
                    "erased names may still be in the WAL"
                );
            }
        }
    }

    /// Commits this append and those that wait right behind it.
    async fn append(&mut self, first: Append, waiting: &mut VecDeque<Job>) {
        let mut batch = vec![first];
        loop {
            match waiting.pop_front() {
                Some(Job::Append(append)) => batch.push(append),
                Some(other) => {
                    waiting.push_front(other);
                    break;
                }
                None => break,
            }
        }
        self.beside.disk().begins();
        let answers = self.commit_appends(&batch).await;
        self.ended(answers.as_ref().map(|answers| answers.iter().any(Result::is_ok)));
        match answers {
            Ok(answers) => {
                for (append, answer) in batch.into_iter().zip(answers) {
                    let _ = append.reply.send(answer);
                }
            }
            Err(cause) => {
                let (why, cause) = (cause.log_cause(), Arc::new(cause));
                for append in batch {
                    let cause = Box::new(StoreError::Shared(Arc::clone(&cause)));
                    let _ = append.reply.send(Err(LogError::Store { doing: "append", why, cause }));
                }
            }
        }
    }

    /// The answers of a committed transaction, one for each append, or why nothing of it is there.
    async fn commit_appends(&mut self, batch: &[Append]) -> Result<Vec<Result<(), LogError>>, StoreError> {
        let opened = std::mem::take(&mut self.opened);
        let connection = self.connect().await?;
        let written = async {
            begin(connection).await?;
            let mut answers = Vec::with_capacity(batch.len());
            for Append { run, epoch, events, .. } in batch {
                let allowed =
                    event::may_append(connection, run, *epoch, events, opened.get(run).copied()).await?;
                if allowed.is_ok() {
                    event::insert(connection, run, events).await?;
                }
                answers.push(allowed);
            }
            commit(connection).await?;
            Ok(answers)
        }
        .await;
        let notes = batch.iter().filter_map(|append| Note::of(&append.run, &append.events));
        let noted = match written {
            Ok(answers) => {
                let stored = answers.iter().zip(notes).filter(|(answer, _)| answer.is_ok());
                let stored = stored.map(|(_, note)| note).collect();
                self.beside.committed(stored).await.map(|()| answers)
            }
            Err(cause) => Err(cause),
        };
        match noted {
            Ok(answers) => {
                self.opened = opened;
                Ok(answers)
            }
            Err(cause) => Err(self.fail(cause).await),
        }
    }

    /// Raises the epoch and reads the log, in one transaction, unless the log has lost something.
    async fn open(&mut self, run: &RunId) -> Result<Result<OpenedRun, LogError>, StoreError> {
        let accepts = self.accept_loss.contains(run);
        let beside = self.beside.clone();
        let connection = self.connect().await?;
        let opened = async {
            begin(connection).await?;
            let Some(mut opened) = event::open(connection, run).await? else {
                roll_back(connection).await?;
                return Ok(Err(LogError::NoRun(run.clone())));
            };
            let compared = beside.compare(run, &opened.events);
            if let Compared::Lost(loss) = &compared {
                if !accepts {
                    roll_back(connection).await?;
                    return Ok(Err(LogError::Lost(loss.clone())));
                }
                opened.lost = Some(loss.clone());
            }
            commit(connection).await?;
            Ok(Ok((opened, compared)))
        }
        .await;
        let noted = match opened {
            Ok(Ok((opened, compared))) => {
                self.note_opened(run, &opened, &compared).await.map(|()| Ok(opened))
            }
            Ok(Err(why)) => Ok(Err(why)),
            Err(cause) => Err(cause),
        };
        match noted {
            Ok(answer) => {
                if let Ok(opened) = &answer {
                    self.opened.insert(run.clone(), opened.epoch);
                }
                Ok(answer)
            }
            Err(cause) => Err(self.fail(cause).await),
        }
    }

    async fn note_opened(
        &self,
        run: &RunId,
        opened: &OpenedRun,
        compared: &Compared,
    ) -> Result<(), StoreError> {
        let notes = match compared {
            // What was lost is noted for as long as the log does not say that it was accepted.
            Compared::Whole | Compared::Lost(_) => None,
            Compared::Unknown => {
                tracing::info!(%run, events = opened.events.len(),
                    "nothing is noted of how far this log had come, as after an upgrade or where a backup was laid back; it is taken as it is");
                Note::of(run, &opened.events)
            }
        };
        self.beside.committed(notes.into_iter().collect()).await
    }

    async fn change(&mut self, change: Change) -> Result<(), StoreError> {
        let erases = matches!(change, Change::Replace(_));
        let connection = self.connect().await?;
        begin(connection).await?;
        let written = match change {
            Change::Replace(both) => match plan::replace(connection, &both.0, &both.1).await {
                Ok(()) => seal::write(connection).await,
                Err(cause) => Err(cause),
            },
            Change::AddRun(row) => run::add(connection, &row).await,
            Change::AddToken(row) => token::add(connection, &row).await,
            Change::RevokeToken(id, at) => token::revoke(connection, &id, at).await,
            Change::NoteUsed(used) => token::note_used(connection, &used).await,
        };
        let ended = match &written {
            Ok(()) => commit(connection).await,
            Err(_) => roll_back(connection).await,
        };
        match (written, ended) {
            (Ok(()), Ok(())) => {
                if let Err(cause) = self.beside.committed(Vec::new()).await {
                    return Err(self.fail(cause).await);
                }
                if erases {
                    self.erased = true;
                    self.clear_wal().await;
                }
                Ok(())
            }
            (Err(cause), Ok(())) => Err(cause.named(&self.path)),
            (Ok(()), Err(cause)) | (Err(cause), Err(_)) => Err(self.fail(cause).await),
        }
    }

    async fn connect(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if let Some(path) = &self.gone {
            return Err(StoreError::Gone { path: path.clone() });
        }
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                // Nothing was opened since, so a file that is gone is not made anew.
                self.beside.check().await?;
                connection::writer(&self.path).await?
            }
        };
        Ok(self.connection.insert(connection))
    }

    /// After a failure nothing is known of what the file holds: let go of it, and have every run opened again.
    async fn fail(&mut self, cause: StoreError) -> StoreError {
        let cause = self.let_go(cause).await;
        tracing::error!(
            error = &cause as &dyn std::error::Error,
            "a transaction failed; runs must be opened again"
        );
        cause
    }

    async fn let_go(&mut self, cause: StoreError) -> StoreError {
        let cause = cause.named(&self.path);
        if let StoreError::Gone { path } = &cause {
            self.gone = Some(path.clone());
            self.beside.note_gone();
        }
        self.opened.clear();
        if let Some(connection) = self.connection.take() {
            let there = self.beside.check().await;
            // Closing gives the transaction up. It may fail as the transaction did, and then says nothing new.
            let _ = connection.close_hard().await;
            if there.is_ok() {
                // SQLite takes the WAL away with the last connection, if it can: it is not gone then.
                self.beside.disconnected();
            }
        }
        cause
    }
}
