//! What a client may ask for.

use base::{ItemId, PersonId, RequestId, RequestKind, SourceId, VenueId};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// An act, as in `do` of a command: `{"take":{"expect_preview":"v017.1"}}`. Acts without fields are written `{"start":{}}`.
/// Where a source is meant, a venue's id names its first source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Opens the chair's standing lease.
    Start {},
    /// Closes every gate and ends the run.
    End {},
    /// Sets the preview; touching a held source makes it next.
    Preview {
        /// The source, or null to empty the preview.
        #[ts(type = "string | null")]
        source: Option<SourceId>,
    },
    /// Preview to programme; the former programme is in preview, held.
    Take {
        /// Refuses the take if the preview is another source by now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "string")]
        expect_preview: Option<SourceId>,
    },
    /// Programme to slate; the floor stays.
    Slate {},
    /// Programme, exclusive floor, banner and timer in one.
    CallOn {
        /// The venue called.
        #[ts(type = "string")]
        venue: VenueId,
        /// Its source; the first if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "string")]
        source: Option<SourceId>,
        /// Who speaks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "string")]
        person: Option<PersonId>,
        /// Seconds until the timer says that time is up; it does nothing else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        limit_s: Option<u32>,
        /// The request this gives the floor to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "string")]
        request: Option<RequestId>,
    },
    /// Closes the called venue's gate; the picture stays.
    EndCallOn {},
    /// One more microphone, without a picture.
    OpenFloor {
        /// Whose.
        #[ts(type = "string")]
        venue: VenueId,
    },
    /// One microphone less.
    CloseFloor {
        /// Whose.
        #[ts(type = "string")]
        venue: VenueId,
    },
    /// Closes every branch and ends a call-on; never the chair's venue.
    MuteAll {},
    /// Request to speak.
    Raise {
        /// Who would speak.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "string")]
        person: Option<PersonId>,
        /// What for; a speech if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "RequestKind")]
        kind: Option<RequestKind>,
    },
    /// Takes one's own request back.
    Withdraw {},
    /// Removes a request.
    Drop {
        /// Which.
        #[ts(type = "string")]
        request: RequestId,
    },
    /// Makes that item the current one.
    Item {
        /// Which.
        #[ts(type = "string")]
        item: ItemId,
    },
    /// Says that an alarm is seen to. Kept with the alarm until it clears, and not logged.
    Acknowledge {
        /// Which.
        alarm: String,
    },
}

/// An act within a frame. A frame is buffered to find its kind, and serde would take buffered fields by their place in a list, too.
pub(crate) fn by_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Act, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    serde_json::from_value(value).map_err(D::Error::custom)
}
