//! Makes an organisation and a plan what they are to be, and says what changed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use base::{MeetingId, TokenId};
use directory::change::{Change, changes};
use directory::{Directory, Plan};
use tokio::sync::Mutex;

use super::OfficeError;
use super::links::{Issuer, Link};
use crate::port::directories::{Directories, DirectoriesError};

/// An answer of those who were told of a change.
pub type LoadedFuture<'a> = Pin<Box<dyn Future<Output = Result<(), OfficeError>> + Send + 'a>>;

/// The meetings that are loaded: they are told when organisation or plan become another.
pub trait Loaded: Send + Sync {
    /// The organisation and the plan of this meeting are other ones now. [`OfficeError::Busy`] if a meeting could not be told.
    fn changed(&self, meeting: &MeetingId) -> LoadedFuture<'_>;
    /// That token is revoked: whoever came with it is to be let go.
    fn revoked(&self, token: &TokenId);
}

/// What was applied, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The meeting.
    pub meeting: MeetingId,
    /// All that changes; none if all is as it was.
    pub changes: Vec<Change>,
    /// A link per role and venue; none after a dry run.
    pub links: Vec<Link>,
}

/// The office: one for a store, so that two files never cross.
pub struct Office {
    pub(super) directories: Arc<dyn Directories>,
    pub(super) issuer: Issuer,
    pub(super) loaded: Option<Arc<dyn Loaded>>,
    /// One at a time, so that what is compared with is what is replaced.
    pub(super) turn: Mutex<()>,
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Office").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Office {
    /// The office of this store. `loaded` is there where a server holds meetings.
    #[must_use]
    pub fn new(directories: Arc<dyn Directories>, issuer: Issuer, loaded: Option<Arc<dyn Loaded>>) -> Self {
        Self { directories, issuer, loaded, turn: Mutex::new(()) }
    }

    /// Makes `directory` the organisation and `plan` the plan of its meeting; a dry run only says what would change.
    ///
    /// # Errors
    /// [`OfficeError`] says why not, and whether anything changed.
    pub async fn apply(
        &self,
        directory: Directory,
        plan: Plan,
        dry_run: bool,
    ) -> Result<Applied, OfficeError> {
        let _turn = self.turn.lock().await;
        let meeting = plan.id.clone();
        let changes = self.changes(&directory, &plan).await?;
        if dry_run {
            self.directories.fits(&directory, &meeting).await?;
            return Ok(Applied { meeting, changes, links: Vec::new() });
        }
        let venues = plan.venues.clone();
        self.directories.replace(directory, plan).await?;
        if let Some(loaded) = &self.loaded {
            loaded.changed(&meeting).await?;
        }
        self.end_those_who_left(&meeting).await?;
        let links = self.issuer.links(&meeting, &venues).await?.all();
        Ok(Applied { meeting, changes, links })
    }

    async fn changes(&self, directory: &Directory, plan: &Plan) -> Result<Vec<Change>, DirectoriesError> {
        let (old_directory, old_plan) = match self.directories.load(&plan.id).await {
            Ok((directory, plan)) => (Some(directory), Some(plan)),
            Err(DirectoriesError::NoMeeting(_)) => (self.directories.directory().await?, None),
            Err(cause @ (DirectoriesError::InUse { .. } | DirectoriesError::Store(_))) => return Err(cause),
        };
        Ok(changes(old_directory.as_ref(), old_plan.as_ref(), directory, plan))
    }
}
