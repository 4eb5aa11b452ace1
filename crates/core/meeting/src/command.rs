//! Who asks for what, and why it may be refused.

pub use base::RefusalCode;
use base::{CommandKey, TokenId, VenueId, Wall};
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
        /// When it took effect, where that was before the event could be stored: the log could not be written then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effective: Option<Wall>,
        /// Tells apart acts of that kind by their fields ([`Act::fields`]). Not in events of before it was written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fields: Option<u32>,
    },
}

impl By {
    /// The token and key of the command behind it, if one is.
    #[must_use]
    pub fn key(&self) -> Option<(&TokenId, &CommandKey)> {
        match self {
            Self::Actor { token, key, .. } => Some((token, key)),
            Self::Server => None,
        }
    }

    /// The same, of what took effect before it could be stored.
    #[must_use]
    pub fn effective_at(&self, at: Wall) -> Self {
        let mut by = self.clone();
        if let Self::Actor { effective, .. } = &mut by {
            *effective = Some(at);
        }
        by
    }
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
