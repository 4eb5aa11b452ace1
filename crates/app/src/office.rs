//! The office: meeting files, applied to the store and to the meetings that are loaded.

use std::sync::Arc;

use base::Wall;
use directory::{Directory, Plan};
use meeting_file::Prepared;
use service::office::{Applied, ChangeLine, Link, Office, OfficeError, OfficeFuture};
use service::port::clock::Clock as _;
use store_sqlite::{Store, StoreError};

use crate::links::Links;
use crate::serve::Server;

/// What applying a meeting file would change, in words.
///
/// # Errors
/// If the store cannot be read.
pub async fn changes(store: &Store, prepared: &Prepared) -> Result<Vec<ChangeLine>, StoreError> {
    let plan = match store.load(&prepared.plan.id).await {
        Ok((_, plan)) => Some(plan),
        Err(StoreError::NoMeeting(_)) => None,
        Err(cause) => return Err(cause),
    };
    let directory = store.directory().await?;
    Ok(changes_from(directory.as_ref(), plan.as_ref(), prepared))
}

/// What applying a meeting file would change of what is there before.
#[must_use]
pub fn changes_from(
    directory: Option<&Directory>,
    plan: Option<&Plan>,
    prepared: &Prepared,
) -> Vec<ChangeLine> {
    let changes = directory::change::changes(directory, plan, &prepared.directory, &prepared.plan);
    meeting_file::lines(&changes, &prepared.zone)
}

/// The links to hand out: one per role, one per venue.
///
/// # Errors
/// If the store cannot be read or written.
pub async fn links(store: &Store, plan: &Plan, base_url: &str, now: Wall) -> Result<Vec<Link>, StoreError> {
    let (directory, plan) = store.load(&plan.id).await?;
    let ready = Links::of(store, &plan, now).await?.ready_line(base_url, &directory, &plan, String::new());
    let chair = ready.tokens.as_ref().map(|tokens| tokens.chair.clone()).unwrap_or_default();
    let roles = [
        ("director", ready.desk.clone()),
        ("chair", ready.desk.as_ref().map(|desk| with_token(desk, &chair))),
        ("watcher", ready.watch.clone()),
    ];
    let roles = roles.into_iter().filter_map(|(who, address)| Some((who.to_owned(), address?)));
    let venues = ready.venues.into_iter().map(|venue| (venue.id.to_string(), venue.page));
    Ok(roles.chain(venues).map(|(who, address)| Link { who, address }).collect())
}

/// The same page with another token.
fn with_token(address: &str, token: &str) -> String {
    let page = address.split_once("#t=").map_or(address, |(page, _)| page);
    format!("{page}#t={token}")
}

/// The office of a running server.
#[derive(Debug)]
pub struct StoreOffice {
    server: Arc<Server>,
    base_url: String,
    /// One file at a time, so that what a file is compared with is what it replaces.
    turn: tokio::sync::Mutex<()>,
}

impl StoreOffice {
    /// The office of this server; links begin with `base_url`.
    #[must_use]
    pub fn new(server: Arc<Server>, base_url: String) -> Self {
        Self { server, base_url, turn: tokio::sync::Mutex::new(()) }
    }

    async fn take(&self, text: &str, dry_run: bool) -> Result<Applied, OfficeError> {
        let _turn = self.turn.lock().await;
        let prepared = meeting_file::parse(text).map_err(|faults| {
            OfficeError::Bad(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?;
        let store = &self.server.store;
        let meeting = prepared.plan.id.clone();
        let changes = changes(store, &prepared).await.map_err(stored)?;
        if dry_run {
            return Ok(Applied { meeting, changes, links: Vec::new() });
        }
        let plan = prepared.plan.clone();
        store.replace(prepared.directory, prepared.plan).await.map_err(stored)?;
        let loaded = self.server.meetings.all().into_iter().map(|loaded| loaded.id);
        for id in loaded.chain([meeting.clone()]).collect::<std::collections::BTreeSet<_>>() {
            self.server.load(&id).await.map_err(|cause| OfficeError::Busy(format!("{cause:#}")))?;
        }
        let links = links(store, &plan, &self.base_url, self.server.clock.wall()).await.map_err(stored)?;
        Ok(Applied { meeting, changes, links })
    }
}

/// A conflict is the file's fault; anything else is the store's.
fn stored(cause: StoreError) -> OfficeError {
    if matches!(cause, StoreError::InUse { .. }) {
        OfficeError::Bad(cause.to_string())
    } else {
        OfficeError::Store(Box::new(cause))
    }
}

impl Office for StoreOffice {
    fn apply(&self, text: String, dry_run: bool) -> OfficeFuture<'_> {
        Box::pin(async move { self.take(&text, dry_run).await })
    }
}
