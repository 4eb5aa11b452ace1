//! Who asks for what, and why it may be refused.

use base::{CommandKey, TokenId, VenueId};
use directory::policy::{ActKind, Role};
use serde::{Deserialize, Serialize};

use crate::act::Act;

/// Who acts: the claims of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Role.
    pub role: Role,
    /// Venue, of a venue's token.
    pub venue: Option<VenueId>,
    /// The token.
    pub token: TokenId,
}

/// A command: an act, an actor, and the key by which a repeat is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Chosen by the client.
    pub key: CommandKey,
    /// Who.
    pub actor: Actor,
    /// What.
    pub act: Act,
}

/// Who is behind an event, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The server itself: a fact of the hop, or a change of the roster.
    Server,
    /// A command.
    Actor {
        /// Role of the actor.
        role: Role,
        /// Venue of the actor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        venue: Option<VenueId>,
        /// Token of the actor.
        token: TokenId,
        /// For whom the actor acts, where it is not in the actor's own right.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acting_for: Option<Role>,
        /// Key of the command.
        key: CommandKey,
        /// Kind of the act.
        act: ActKind,
    },
}

/// Why a command changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: RefusalCode,
    /// What stands in the way: a venue, a source, a request.
    pub holder: Option<String>,
    /// Which roles may.
    pub may: Vec<Role>,
}

impl Refusal {
    pub(crate) fn new(code: RefusalCode) -> Self {
        Self { code, holder: None, may: Vec::new() }
    }

    pub(crate) fn held(code: RefusalCode, holder: impl ToString, may: Vec<Role>) -> Self {
        Self { code, holder: Some(holder.to_string()), may }
    }
}

/// Why a command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusalCode {
    /// The role may not.
    NoRight,
    /// The meeting has not started.
    NotStarted,
    /// It was started before.
    AlreadyStarted,
    /// It has ended.
    Ended,
    /// No such source in this meeting, or not of that venue.
    UnknownSource,
    /// No such venue in this meeting.
    UnknownVenue,
    /// No such person.
    UnknownPerson,
    /// No such request.
    UnknownRequest,
    /// No such item.
    UnknownItem,
    /// The preview is no longer what the director saw; the holder is what it is.
    PreviewChanged,
    /// Nothing is in preview.
    PreviewEmpty,
    /// A call-on runs; the holder is its venue.
    FloorHeld,
    /// As many microphones as may be are open.
    FloorFull,
    /// No call-on runs.
    NoCallOn,
    /// That venue has a request already.
    AlreadyWaiting,
    /// That venue has no request.
    NotWaiting,
    /// The time limit is zero or too long.
    BadLimit,
    /// The key was used for another kind of act.
    KeyReused,
}
