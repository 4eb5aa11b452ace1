//! The port to the page of closing acts: what took effect while the log could not be written (R17).

use std::future::Future;
use std::pin::Pin;

use base::{RunId, VenueId, Wall};
use meeting::{Act, By, across};
use serde::{Deserialize, Serialize};

/// What closes while the log cannot be written, as it is decided anew when it can.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// One microphone less.
    CloseFloor(VenueId),
    /// Every branch.
    MuteAll,
    /// The call-on.
    EndCallOn,
    /// Nothing is on air.
    Slate,
    /// The link of a venue was lost for longer than its lease lasts.
    LinkLost(VenueId),
    /// Every branch: the end was asked for, which happens when it is asked for again.
    AllBranches,
    /// The venues of the entry: the page had no room to say which acts closed them.
    Venues,
}

/// A closing act that took effect and is not in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// In which run.
    pub run: RunId,
    /// Who closed.
    pub by: By,
    /// What it was.
    pub closing: Closing,
    /// The venues whose microphones it shut.
    pub venues: Vec<VenueId>,
    /// When it took effect.
    pub at: Wall,
}

impl Closing {
    /// What an act closes, if it closes something. The end of a meeting shuts every branch, and the meeting ends when it is pressed again.
    #[must_use]
    pub fn of(act: &Act) -> Option<Self> {
        let Act::Across(act) = act else { return None };
        match act {
            across::Act::CloseFloor { venue } => Some(Self::CloseFloor(venue.clone())),
            across::Act::MuteAll => Some(Self::MuteAll),
            across::Act::End => Some(Self::AllBranches),
            across::Act::EndCallOn => Some(Self::EndCallOn),
            across::Act::Slate => Some(Self::Slate),
            across::Act::Start | across::Act::Take { .. } | across::Act::CallOn { .. } => None,
        }
    }

    /// The act by which it is brought into the log; none where the server closes by itself.
    #[must_use]
    pub fn act(&self) -> Option<Act> {
        Some(Act::Across(match self {
            Self::CloseFloor(venue) => across::Act::CloseFloor { venue: venue.clone() },
            Self::MuteAll => across::Act::MuteAll,
            Self::EndCallOn => across::Act::EndCallOn,
            Self::Slate => across::Act::Slate,
            Self::LinkLost(_) | Self::AllBranches | Self::Venues => return None,
        }))
    }
}

impl Entry {
    /// The entry that says of a run which microphones are shut, and not by which acts.
    #[must_use]
    pub fn of_venues(run: RunId, venues: Vec<VenueId>, at: Wall) -> Self {
        Self { run, by: By::Server, closing: Closing::Venues, venues, at }
    }

    /// The same act: of one key, or of the server about the same.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.run == other.run
            && match (self.by.key(), other.by.key()) {
                (None, None) => self.closing == other.closing,
                (here, there) => here == there,
            }
    }
}

/// The page does not take or give entries.
#[derive(Debug, thiserror::Error)]
#[error("the page of closing acts could not be {doing}")]
pub struct UnloggedError {
    /// What was tried: `read`, `written`.
    pub doing: &'static str,
    /// The cause.
    #[source]
    pub cause: Box<dyn std::error::Error + Send + Sync>,
}

/// An answer of the page.
pub type UnloggedFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, UnloggedError>> + Send + 'a>>;

/// The page of closing acts. It was written before anything could go wrong, so that it can be written when the log cannot. What it says it has stays
/// closed after a restart; where it lacks room, acts that close the same again may be one entry, and acts that shut single microphones one of
/// [`Closing::Venues`].
pub trait Unlogged: Send + Sync {
    /// Writes an entry. The same again changes nothing. Answered when it is on disk, where a restart finds it.
    fn put(&self, entry: Entry) -> UnloggedFuture<'_, ()>;
    /// The entries of a run, in the order in which they were put.
    fn all(&self, run: &RunId) -> UnloggedFuture<'_, Vec<Entry>>;
    /// Forgets the entries of a run: its log has all that they closed.
    fn clear(&self, run: &RunId) -> UnloggedFuture<'_, ()>;
}
