//! The one writer: takes whatever waits, writes it in one transaction, and answers after its fsync.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use base::{Epoch, RunId, TokenId, Wall};
use directory::{Directory, Plan};
use service::port::log::{LogError, OpenedRun, StoredEvent};
use service::port::runs::RunRow;
use service::port::tokens::TokenRow;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;
use crate::connection::{self, begin, commit, roll_back};
use crate::folder::Folder;
use crate::table::{event, plan, run, token};

/// Jobs that wait at one time; who comes then waits to hand its job over.
pub(crate) const JOBS_MAX: usize = 1024;

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
}

impl Writer {
    pub(crate) fn new(folder: Folder, connection: SqliteConnection) -> Self {
        Self {
            path: folder.database(),
            _folder: folder,
            connection: Some(connection),
            opened: BTreeMap::new(),
        }
    }

    /// Works until it is told to close or nobody is left to ask.
    pub(crate) async fn work(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut waiting = VecDeque::new();
        let mut closed = None;
        while closed.is_none()
            && let Some(first) = jobs.recv().await
        {
            waiting.push_back(first);
            while waiting.len() < JOBS_MAX
                && let Ok(job) = jobs.try_recv()
            {
                waiting.push_back(job);
            }
            while let Some(job) = waiting.pop_front() {
                match job {
                    Job::Append(append) => self.append(append, &mut waiting).await,
                    Job::Open { run, reply } => {
                        let answer = match self.open(&run).await {
                            Ok(opened) => opened.ok_or(LogError::NoRun(run)),
                            Err(cause) => Err(LogError::Store {
                                doing: "open a run",
                                why: cause.log_cause(),
                                cause: Box::new(cause),
                            }),
                        };
                        // Who asked may be gone; then nobody has the epoch, and the next `open` raises it again.
                        let _ = reply.send(answer);
                    }
                    Job::Change { change, reply } => {
                        let answer = self.change(change).await;
                        let _ = reply.send(answer);
                    }
                    Job::Close(reply) => {
                        jobs.close();
                        closed = Some(reply);
                    }
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
        let answers = self.commit_appends(&batch).await;
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
        match written {
            Ok(answers) => {
                self.opened = opened;
                Ok(answers)
            }
            Err(cause) => Err(self.fail(cause).await),
        }
    }

    /// Raises the epoch and reads the log, in one transaction.
    async fn open(&mut self, run: &RunId) -> Result<Option<OpenedRun>, StoreError> {
        let connection = self.connect().await?;
        let opened = async {
            begin(connection).await?;
            let opened = event::open(connection, run).await?;
            commit(connection).await?;
            Ok(opened)
        }
        .await;
        match opened {
            Ok(Some(opened)) => {
                self.opened.insert(run.clone(), opened.epoch);
                Ok(Some(opened))
            }
            Ok(None) => Ok(None),
            Err(cause) => Err(self.fail(cause).await),
        }
    }

    async fn change(&mut self, change: Change) -> Result<(), StoreError> {
        let connection = self.connect().await?;
        begin(connection).await?;
        let written = match change {
            Change::Replace(both) => plan::replace(connection, &both.0, &both.1).await,
            Change::AddRun(row) => run::add(connection, &row).await,
            Change::AddToken(row) => token::add(connection, &row).await,
            Change::RevokeToken(id, at) => token::revoke(connection, &id, at).await,
        };
        let ended = match &written {
            Ok(()) => commit(connection).await,
            Err(_) => roll_back(connection).await,
        };
        match (written, ended) {
            (Ok(()), Ok(())) => Ok(()),
            (Err(cause), Ok(())) => Err(cause.named(&self.path)),
            (Ok(()), Err(cause)) | (Err(cause), Err(_)) => Err(self.fail(cause).await),
        }
    }

    async fn connect(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connection::writer(&self.path).await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// After a failure nothing is known of what the file holds: let go of it, and have every run opened again.
    async fn fail(&mut self, cause: StoreError) -> StoreError {
        let cause = cause.named(&self.path);
        tracing::error!(
            error = &cause as &dyn std::error::Error,
            "a transaction failed; runs must be opened again"
        );
        self.opened.clear();
        if let Some(connection) = self.connection.take() {
            // Closing gives the transaction up. It may fail as the transaction did, and then says nothing new.
            let _ = connection.close_hard().await;
        }
        cause
    }
}
