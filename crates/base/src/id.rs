//! Ids: short text with a checked alphabet, and counters.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Longest id in bytes. Ids stand in addresses, file names and log lines, so they stay short.
pub const ID_BYTES_MAX: usize = 64;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing was given.
    #[error("an id must not be empty")]
    Empty,
    /// Longer than [`ID_BYTES_MAX`].
    #[error("an id has at most {ID_BYTES_MAX} bytes, this one has {0}")]
    TooLong(usize),
    /// A character outside `A-Z a-z 0-9 . _ -`.
    #[error("an id is made of A-Z a-z 0-9 . _ -, not {0:?}")]
    BadCharacter(char),
}

fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_BYTES_MAX {
        return Err(IdError::TooLong(text.len()));
    }
    match text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))) {
        Some(c) => Err(IdError::BadCharacter(c)),
        None => Ok(()),
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// [`IdError`] names what is wrong with it.
            pub fn new(text: &str) -> Result<Self, IdError> {
                check(text)?;
                Ok(Self(text.into()))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// The one after this.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text_id!(
    /// A meeting.
    MeetingId
);
text_id!(
    /// One run of a meeting: a joint test, a run-through, the meeting as held. Each has its own log.
    RunId
);
text_id!(
    /// A unit of the organisation.
    UnitId
);
text_id!(
    /// A venue: a room that takes part.
    VenueId
);
text_id!(
    /// A source: a venue's camera position. Written `venue.position`, as in `main.2`.
    SourceId
);
text_id!(
    /// A person. Events name people by this alone, so that erasing the person leaves the chain whole.
    PersonId
);
text_id!(
    /// A request to speak.
    RequestId
);
text_id!(
    /// An item of the rundown.
    ItemId
);
text_id!(
    /// The key a client chose for a command; a repeat with the same key gets the first answer.
    CommandKey
);
text_id!(
    /// One page, script or bot, as it calls itself in `hello`; it keeps the name over reconnects.
    ClientId
);
text_id!(
    /// A token, by which it is revoked.
    TokenId
);

counter!(
    /// Rises whenever a server opens a run; what an older epoch says is ignored.
    Epoch
);
counter!(
    /// Place of an event in the log of a run, from 1.
    Sequence
);
counter!(
    /// A media session at the hop, unique for the life of the process.
    SessionId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_is_wrong_with_it() {
        assert_eq!(VenueId::new(""), Err(IdError::Empty));
        assert_eq!(VenueId::new("a b"), Err(IdError::BadCharacter(' ')));
        assert_eq!(VenueId::new(&"x".repeat(65)), Err(IdError::TooLong(65)));
        assert_eq!(VenueId::new("宁波"), Err(IdError::BadCharacter('宁')));
        assert!(SourceId::new("main.2").is_ok());
    }
}
