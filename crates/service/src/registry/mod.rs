//! The registry of meetings: a meeting is loaded when somebody asks for it, held while somebody needs it, and unloaded when nobody does.
//!
//! Whoever asks has shown a token before: [`Registry::is_revoked`] belongs to that check. A [`Hold`] is given back when it is dropped.
//! A meeting that runs stays; so does one that is held. All that waits here waits for one meeting, and the trouble of one is no other's (R18).

mod shelf;
mod upkeep;

pub(crate) use upkeep::chain;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use base::{MeetingId, TokenId, Wall};
use directory::{Directory, Plan};
use meeting::Phase;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout, timeout_at};

use crate::control::{Inbox, Meeting};
use crate::office::{OfficeError, apply as office};
use crate::port::clock::Clock;
use crate::port::hop::HopReport;

pub use shelf::{Asked, Ended, IDLE_MAX, MayRun, Shelf, UNHELD_MAX};

/// How long whoever asks for a meeting waits until it is loaded.
pub const LOAD_WITHIN: Duration = Duration::from_secs(5);
/// How often whoever waits for room looks again.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Why a meeting cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoaderError {
    /// There is no such meeting.
    #[error("there is no meeting {0}")]
    Unknown(MeetingId),
    /// Its log, its directory or its plan cannot be read.
    #[error("meeting {id} cannot be loaded")]
    Failed {
        /// Which.
        id: MeetingId,
        /// Why, in words for everybody: no path is in them.
        why: String,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why whoever asks for a meeting does not get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotHeld {
    /// There is no such meeting.
    #[error("there is no such meeting on this server")]
    Unknown,
    /// As many meetings are loaded as may be, and each of them is in use.
    #[error("as many meetings are open as this server opens at one time")]
    Full,
    /// It is being loaded, which takes longer than an asker waits.
    #[error("the meeting is still being opened")]
    Slow,
    /// It cannot be loaded; the log of the server says why.
    #[error("the meeting cannot be opened now")]
    Failed,
}

/// A meeting that was loaded.
pub struct Started {
    /// The handle.
    pub meeting: Meeting,
    /// Done when its task has ended, and with it all that it had in hand.
    pub ended: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl fmt::Debug for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Started").field("meeting", &self.meeting).finish_non_exhaustive()
    }
}

/// An answer of the loader.
pub type LoaderFuture<T> = Pin<Box<dyn Future<Output = Result<T, LoaderError>> + Send>>;

/// Loads meetings. [`crate::task::Ground`] does; a test of what stands on the registry brings its own.
pub trait Loader: Send + Sync {
    /// Loads a meeting and starts its task.
    fn load(&self, id: &MeetingId) -> LoaderFuture<Started>;
    /// Organisation and plan of a meeting as they are now.
    fn prepared(&self, id: &MeetingId) -> LoaderFuture<(Arc<Directory>, Arc<Plan>)>;
    /// Whether there is such a meeting, loaded or not.
    fn knows(&self, id: &MeetingId) -> LoaderFuture<bool>;
    /// Ends the media of a token.
    fn let_go(&self, token: &TokenId);
}

/// The meetings of a server. Clones are the same registry.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

struct Shared {
    loader: Arc<dyn Loader>,
    clock: Arc<dyn Clock>,
    inside: Mutex<Inside>,
    revoked: RwLock<BTreeSet<TokenId>>,
    /// Tokens that were used, each of them given out by this store.
    used: Mutex<BTreeMap<TokenId, Wall>>,
    /// A deadline of the shelf may have moved.
    changed: Arc<Notify>,
    /// There may be room for another meeting.
    room: Notify,
    /// Whoever finds no room waits for this turn, and in it for room: the first who came is the first served.
    turn: tokio::sync::Mutex<()>,
    /// Plans are read and told one at a time, so that the newest is told last.
    plans: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Inside {
    shelf: Shelf<Loaded>,
    /// Those who wait for a meeting.
    waiting: BTreeMap<MeetingId, watch::Sender<Option<Outcome>>>,
    /// Meetings whose organisation or plan changed while they were being loaded.
    stale: BTreeSet<MeetingId>,
    /// Meetings that could not be loaded when that was tried last, and why.
    refused: BTreeMap<MeetingId, String>,
    /// The server ends: nothing is loaded any more.
    closed: bool,
}

type Outcome = Result<Meeting, NotHeld>;

struct Loaded {
    meeting: Meeting,
    /// Its sender is gone when the meeting is unloaded.
    gone: watch::Receiver<()>,
}

impl MayRun for Loaded {
    fn runs(&self) -> bool {
        match self.meeting.moment.borrow().state.phase() {
            Phase::Live { .. } | Phase::Ended { closed: false, .. } => true,
            Phase::Waiting | Phase::Ended { closed: true, .. } => false,
        }
    }
}

impl Loaded {
    /// Lets the task end. What comes back changes when it has.
    fn unload(self) -> watch::Receiver<()> {
        tracing::info!(meeting = %self.meeting.id, "this meeting is unloaded");
        self.meeting.inbox.close();
        self.gone
    }
}

/// A meeting in use: while this lives, the meeting stays loaded.
#[derive(Debug)]
pub struct Hold {
    /// The meeting.
    pub meeting: Meeting,
    _count: Count,
}

/// One who holds a place.
struct Count {
    shared: Arc<Shared>,
    id: MeetingId,
    number: u64,
}

impl fmt::Debug for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Count({})", self.number)
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        let now = self.shared.clock.mono();
        self.shared.inside().shelf.give_back(now, &self.id, self.number);
        self.shared.moved();
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let loaded: Vec<_> = self.all().into_iter().map(|meeting| meeting.id).collect();
        f.debug_struct("Registry").field("loaded", &loaded).finish_non_exhaustive()
    }
}

impl Registry {
    /// A registry in which nothing is loaded. `revoked` are the tokens that the store lists as revoked. It unloads by itself, in a task
    /// of the runtime in which this is called.
    #[must_use]
    pub fn new(
        loader: Arc<dyn Loader>,
        clock: Arc<dyn Clock>,
        revoked: impl IntoIterator<Item = TokenId>,
    ) -> Self {
        let shared = Arc::new(Shared {
            loader,
            clock,
            inside: Mutex::default(),
            revoked: RwLock::new(revoked.into_iter().collect()),
            used: Mutex::default(),
            changed: Arc::default(),
            room: Notify::new(),
            turn: tokio::sync::Mutex::default(),
            plans: tokio::sync::Mutex::default(),
        });
        tokio::spawn(upkeep::unload(Arc::downgrade(&shared)));
        Self { shared }
    }

    /// A meeting, loaded if need be: one load for all who ask. If as many meetings are loaded as may be, waits for one that nobody holds.
    ///
    /// # Errors
    /// [`NotHeld`] says why it is not there within [`LOAD_WITHIN`].
    pub async fn hold(&self, id: &MeetingId) -> Result<Hold, NotHeld> {
        let until = Instant::now() + LOAD_WITHIN;
        let answer = timeout_at(until, self.ask_until_room(id)).await.unwrap_or(Err(NotHeld::Full))?;
        timeout_at(until, answer.hold()).await.unwrap_or(Err(NotHeld::Slow))
    }

    /// As [`Self::hold`], however long the load takes, and at once refused where there is no room: for a server that starts.
    ///
    /// # Errors
    /// [`NotHeld`] says why it is not there.
    pub async fn hold_patiently(&self, id: &MeetingId) -> Result<Hold, NotHeld> {
        self.ask(id)?.hold().await
    }

    async fn ask_until_room(&self, id: &MeetingId) -> Result<Answer, NotHeld> {
        match self.ask(id) {
            Err(NotHeld::Full) => {}
            answer => return answer,
        }
        let _turn = self.shared.turn.lock().await;
        loop {
            match self.ask(id) {
                // A word that came since is kept for whoever has the turn. That a meeting started, and so left its place, nobody tells.
                Err(NotHeld::Full) => drop(timeout(LOOK_EVERY, self.shared.room.notified()).await),
                answer => return answer,
            }
        }
    }

    fn ask(&self, id: &MeetingId) -> Result<Answer, NotHeld> {
        let shared = &self.shared;
        let mut inside = shared.inside();
        if inside.closed {
            return Err(NotHeld::Failed);
        }
        let count = |number| Count { shared: Arc::clone(shared), id: id.clone(), number };
        let number = match inside.shelf.ask(shared.clock.mono(), id) {
            Asked::Full => return Err(NotHeld::Full),
            Asked::Ready(number) => {
                let loaded = inside.shelf.get(id).expect("a meeting that is ready is on the shelf");
                return Ok(Answer::Held(Hold { meeting: loaded.meeting.clone(), _count: count(number) }));
            }
            Asked::Wait(number, room) => {
                room.map(Loaded::unload);
                number
            }
            Asked::Load(number, room) => {
                let room = room.map(Loaded::unload);
                tokio::spawn(upkeep::load(Arc::clone(shared), id.clone(), number, room));
                number
            }
        };
        let outcome =
            inside.waiting.entry(id.clone()).or_insert_with(|| watch::Sender::new(None)).subscribe();
        Ok(Answer::Waits(count(number), outcome))
    }

    /// A meeting that is loaded, for who holds it already or has something to tell it.
    #[must_use]
    pub fn loaded(&self, id: &MeetingId) -> Option<Meeting> {
        self.shared.inside().shelf.get(id).map(|loaded| loaded.meeting.clone())
    }

    /// All meetings that are loaded.
    #[must_use]
    pub fn all(&self) -> Vec<Meeting> {
        self.shared.inside().shelf.all().map(|loaded| loaded.meeting.clone()).collect()
    }

    /// Meetings that could not be loaded when that was tried last, and why, in words for everybody.
    #[must_use]
    pub fn refused(&self) -> BTreeMap<MeetingId, String> {
        self.shared.inside().refused.clone()
    }

    /// Whether there is such a meeting, loaded or not.
    ///
    /// # Errors
    /// [`LoaderError`] if that cannot be read.
    pub async fn knows(&self, id: &MeetingId) -> Result<bool, LoaderError> {
        self.shared.loader.knows(id).await
    }

    /// Brings a report of the hop to the meeting that it is about; what is about the node goes to all.
    pub fn deliver(&self, report: HopReport) {
        match report {
            HopReport::Of { meeting, what } => {
                if let Some(meeting) = self.loaded(&meeting) {
                    meeting.inbox.post(Inbox::Hop(what));
                }
            }
            HopReport::Node(traffic) => {
                for meeting in self.all() {
                    meeting.inbox.post(Inbox::Node(traffic));
                }
            }
        }
    }

    /// Organisation or plans have changed: the meetings that are loaded are told. Others read them when they are loaded.
    ///
    /// # Errors
    /// [`LoaderError`] of the first meeting whose plan cannot be read; the others are told all the same.
    pub async fn plans_changed(&self) -> Result<(), LoaderError> {
        let loaded: Vec<MeetingId> = {
            let mut inside = self.shared.inside();
            let loading: Vec<MeetingId> = inside.shelf.loading().cloned().collect();
            inside.stale.extend(loading);
            inside.shelf.all().map(|loaded| loaded.meeting.id.clone()).collect()
        };
        let mut failed = Ok(());
        for id in loaded {
            let told = upkeep::tell_plan(&self.shared, &id).await;
            failed = failed.and(told);
        }
        failed
    }

    /// Unloads all meetings, held or not, for a server that ends: done when what they had in hand is stored and answered. Nothing is loaded
    /// afterwards.
    pub async fn close(&self) {
        loop {
            let (leaving, loading): (Vec<_>, Vec<_>) = {
                let mut inside = self.shared.inside();
                inside.closed = true;
                let leaving = inside.shelf.end_all().into_iter().map(Loaded::unload).collect();
                (leaving, inside.waiting.values().map(watch::Sender::subscribe).collect())
            };
            if leaving.is_empty() && loading.is_empty() {
                return;
            }
            // A sender that is gone says that the meeting is, which is what is waited for; one that is being loaded is unloaded then.
            for mut gone in leaving {
                let _ = gone.changed().await;
            }
            for mut outcome in loading {
                let _ = outcome.wait_for(Option::is_some).await;
            }
        }
    }

    /// Revokes a token: it is taken no more, and media that it opened ends. Whoever stands on the registry lets control connections go, by
    /// [`Self::is_revoked`].
    pub fn revoke(&self, token: TokenId) {
        self.shared.revoked.write().unwrap_or_else(PoisonError::into_inner).insert(token.clone());
        self.shared.loader.let_go(&token);
    }

    /// Somebody came with that token, which is noted for the list of links.
    pub fn note_used(&self, token: &TokenId) {
        let mut used = self.shared.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(token.clone(), self.shared.clock.wall());
    }

    /// When tokens were last used, of those that were since this was asked last.
    #[must_use]
    pub fn take_used(&self) -> Vec<(TokenId, Wall)> {
        let mut used = self.shared.used.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *used).into_iter().collect()
    }

    /// That token was revoked.
    #[must_use]
    pub fn is_revoked(&self, token: &TokenId) -> bool {
        self.shared.revoked.read().unwrap_or_else(PoisonError::into_inner).contains(token)
    }
}

impl office::Loaded for Registry {
    fn changed(&self, _: &MeetingId) -> office::LoadedFuture<'_> {
        // One that is not loaded reads its plan when it is.
        Box::pin(async { self.plans_changed().await.map_err(|cause| OfficeError::Busy(cause.to_string())) })
    }

    fn revoked(&self, token: &TokenId) {
        self.revoke(token.clone());
    }
}

enum Answer {
    Held(Hold),
    Waits(Count, watch::Receiver<Option<Outcome>>),
}

impl Answer {
    async fn hold(self) -> Result<Hold, NotHeld> {
        let (count, mut outcome) = match self {
            Self::Held(hold) => return Ok(hold),
            Self::Waits(count, outcome) => (count, outcome),
        };
        // A sender that is gone without a word broke with its load.
        let told = outcome.wait_for(Option::is_some).await.map_err(|_| NotHeld::Failed)?;
        match &*told {
            Some(Ok(meeting)) => Ok(Hold { meeting: meeting.clone(), _count: count }),
            Some(Err(why)) => Err(*why),
            None => Err(NotHeld::Failed),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Whoever waits for a change ends with the registry.
        self.changed.notify_one();
    }
}

impl Shared {
    // A holder of this lock does nothing that can panic, so a poisoned lock still guards a whole shelf.
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is on the shelf, or who holds it, is no longer the same.
    fn moved(&self) {
        self.changed.notify_one();
        self.room.notify_one();
    }
}
