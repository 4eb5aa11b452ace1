//! The ports of service, on top of the store.

use base::{Epoch, LogCause, MeetingId, RunId, Sequence, TokenId, Wall};
use directory::{Directory, Plan};
use service::port::directories::{Directories, DirectoriesError, DirectoriesFuture, MeetingRow};
use service::port::log::{Log, LogError, LogFuture, OpenedRun, StoredEvent};
use service::port::runs::{Course, RunKind, RunRow, Runs, RunsError, RunsFuture};
use service::port::tokens::{TokenRow, Tokens, TokensError, TokensFuture};

use crate::{Store, StoreError};

impl Log for Store {
    fn open(&self, run: &RunId) -> LogFuture<'_, OpenedRun> {
        let run = run.clone();
        Box::pin(async move {
            let opened = self.open_run(run).await.unwrap_or_else(|cause| Err(of_log("open a run", cause)));
            opened.map_err(|cause| self.known(cause))
        })
    }

    fn open_to_read(&self, run: &RunId) -> LogFuture<'_, OpenedRun> {
        let run = run.clone();
        Box::pin(async move {
            let opened = self.whole_run(&run).await.unwrap_or_else(|cause| Err(of_log("read a run", cause)));
            opened.map_err(|cause| self.known(cause))
        })
    }

    fn append(&self, run: &RunId, epoch: Epoch, events: Vec<StoredEvent>) -> LogFuture<'_, ()> {
        let run = run.clone();
        Box::pin(async move {
            let appended = self.append_events(run, epoch, events).await;
            appended.unwrap_or_else(|cause| Err(of_log("append", cause))).map_err(|cause| self.known(cause))
        })
    }

    fn trouble(&self) -> Option<LogCause> {
        self.known_trouble()
    }

    fn read(&self, run: &RunId, from: Sequence, count_max: u32) -> LogFuture<'_, Vec<StoredEvent>> {
        let run = run.clone();
        Box::pin(async move {
            let read = self.events(&run, from, count_max).await;
            read.map_err(|cause| of_log("read a log", cause))?.ok_or(LogError::NoRun(run))
        })
    }
}

impl Store {
    /// What is known of the disk says more than that something failed.
    fn known(&self, error: LogError) -> LogError {
        let LogError::Store { doing, why: LogCause::IoError, cause } = error else { return error };
        LogError::Store { doing, why: self.known_trouble().unwrap_or(LogCause::IoError), cause }
    }
}

impl Directories for Store {
    fn directory(&self) -> DirectoriesFuture<'_, Option<Directory>> {
        Box::pin(async move { self.directory().await.map_err(of_directories) })
    }

    fn load(&self, meeting: &MeetingId) -> DirectoriesFuture<'_, (Directory, Plan)> {
        let meeting = meeting.clone();
        Box::pin(async move { self.load(&meeting).await.map_err(of_directories) })
    }

    fn meetings(&self) -> DirectoriesFuture<'_, Vec<MeetingRow>> {
        Box::pin(async move { self.meetings().await.map_err(of_directories) })
    }

    fn fits(&self, directory: &Directory, meeting: &MeetingId) -> DirectoriesFuture<'_, ()> {
        let (directory, meeting) = (directory.clone(), meeting.clone());
        Box::pin(async move { self.fits(&directory, &meeting).await.map_err(of_directories) })
    }

    fn replace(&self, directory: Directory, plan: Plan) -> DirectoriesFuture<'_, ()> {
        Box::pin(async move { self.replace(directory, plan).await.map_err(of_directories) })
    }
}

impl Runs for Store {
    fn add_run(&self, id: RunId, meeting: MeetingId, kind: RunKind, created: Wall) -> RunsFuture<'_, ()> {
        Box::pin(async move { self.add_run(id, meeting, kind, created).await.map_err(of_runs) })
    }

    fn runs(&self, meeting: &MeetingId) -> RunsFuture<'_, Vec<RunRow>> {
        let meeting = meeting.clone();
        Box::pin(async move { self.runs(&meeting).await.map_err(of_runs) })
    }

    fn course(&self, run: &RunId) -> RunsFuture<'_, Option<Course>> {
        let run = run.clone();
        Box::pin(async move { self.course(&run).await.map_err(of_runs) })
    }

    fn unclosed(&self) -> RunsFuture<'_, Vec<MeetingId>> {
        Box::pin(async move { self.unclosed().await.map_err(of_runs) })
    }
}

impl Tokens for Store {
    fn add_token(&self, token: TokenRow) -> TokensFuture<'_, ()> {
        Box::pin(async move { self.add_token(token).await.map_err(of_tokens) })
    }

    fn revoke_token(&self, id: TokenId, at: Wall) -> TokensFuture<'_, ()> {
        Box::pin(async move { self.revoke_token(id, at).await.map_err(of_tokens) })
    }

    fn note_used(&self, used: Vec<(TokenId, Wall)>) -> TokensFuture<'_, ()> {
        Box::pin(async move { self.note_used(used).await.map_err(of_tokens) })
    }

    fn token(&self, id: &TokenId) -> TokensFuture<'_, Option<TokenRow>> {
        let id = id.clone();
        Box::pin(async move { self.token(&id).await.map_err(of_tokens) })
    }

    fn tokens(&self, meeting: &MeetingId) -> TokensFuture<'_, Vec<TokenRow>> {
        let meeting = meeting.clone();
        Box::pin(async move { self.tokens(&meeting).await.map_err(of_tokens) })
    }

    fn revoked(&self) -> TokensFuture<'_, Vec<TokenId>> {
        Box::pin(async move { self.revoked().await.map_err(of_tokens) })
    }
}

pub(crate) fn of_log(doing: &'static str, cause: StoreError) -> LogError {
    LogError::Store { doing, why: cause.log_cause(), cause: Box::new(cause) }
}

fn of_directories(cause: StoreError) -> DirectoriesError {
    if let StoreError::InUse { what, id, meeting } = cause {
        return DirectoriesError::InUse { what, id, meeting };
    }
    no_meeting(cause).map_or_else(DirectoriesError::Store, DirectoriesError::NoMeeting)
}

fn of_runs(cause: StoreError) -> RunsError {
    no_meeting(cause).map_or_else(RunsError::Store, RunsError::NoMeeting)
}

fn of_tokens(cause: StoreError) -> TokensError {
    no_meeting(cause).map_or_else(TokensError::Store, TokensError::NoMeeting)
}

/// The meeting that is not there, or what else failed.
fn no_meeting(cause: StoreError) -> Result<MeetingId, Box<dyn std::error::Error + Send + Sync>> {
    if let StoreError::NoMeeting(id) = cause { Ok(id) } else { Err(Box::new(cause)) }
}
