//! Frames of the control WebSocket: JSON text, told apart by `k`.

use base::{
    ActKind, CameraFault, ClientId, CommandKey, ErrorCode, MicrophoneReport, RefusalCode, Role, SourceId,
    VenueId, Wall,
};
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

use crate::act::Act;
use crate::section::Sections;

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "k", rename_all = "snake_case")]
pub enum ClientFrame {
    /// The first frame. A token is never in a query string.
    Hello {
        /// [`crate::VERSION`].
        v: u32,
        /// The token of the link.
        token: String,
        /// The name the server gave this page before, when it comes back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "string")]
        client: Option<ClientId>,
        /// What the page has already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        have: Option<Have>,
    },
    /// The page shows the snapshot: its media session may get video (R10).
    Ready {
        /// Revision shown.
        #[ts(type = "number")]
        rev: u64,
    },
    /// There was a gap; send a snapshot.
    Resync,
    /// A command.
    Cmd {
        /// Chosen by the client; a repeat gets the first answer.
        #[ts(type = "string")]
        key: CommandKey,
        /// The act.
        #[serde(deserialize_with = "crate::act::by_name")]
        r#do: Act,
        /// `n` of the last tick that the client had seen when its user acted: a command that is over 3 s old by that is not done (R16).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        seen: Option<u64>,
    },
    /// Facts of a page. Rate-limited, never logged.
    Report(Report),
    /// Sources for the free lines of this client's own wall, in line order. Never logged.
    View {
        /// Null leaves a line dark.
        #[ts(type = "Array<string | null>")]
        lines: Vec<Option<SourceId>>,
    },
}

/// What a returning page still has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Have {
    /// Life of the server process it was told by.
    pub boot: String,
    /// Revision.
    #[ts(type = "number")]
    pub rev: u64,
}

/// Facts of a page that only the page knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Report {
    /// Level of the microphone before the gate, in dBov, 0 loudest to -127.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub level: Option<i8>,
    /// What the page does with its microphone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[ts(type = "MicrophoneReport")]
    pub microphone: Option<MicrophoneReport>,
    /// Whether the browser plays sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sound: Option<SoundReport>,
    /// The page is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hidden: Option<bool>,
    /// What the camera gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub camera: Option<CameraReport>,
    /// Why there is no camera; null: nothing is wrong with it.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "CameraFault | null")]
    pub camera_fault: Option<Option<CameraFault>>,
}

/// A field that is there, be it null.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Whether a page plays sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SoundReport {
    /// Plays.
    On,
    /// The browser refused `play()` until somebody touches the page.
    Blocked,
}

/// What a camera gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub struct CameraReport {
    /// Pixels; 0 when the camera is missing.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames per second.
    pub fps: u32,
}

/// Who the client is, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct You {
    /// Role of the token.
    #[ts(type = "Role")]
    pub role: Role,
    /// Venue of the token, of a venue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub venue: Option<VenueId>,
    /// The acts that are allowed.
    #[ts(type = "Array<ActKind>")]
    pub may: Vec<ActKind>,
}

/// What the server sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "k", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The whole state, as this role sees it.
    Snapshot {
        /// Life of the server process.
        boot: String,
        /// Revision of what this process has published.
        #[ts(type = "number")]
        rev: u64,
        /// The client's name, to be said again on return and in `Onehall-Client`.
        #[ts(type = "string")]
        client: ClientId,
        /// Server time.
        #[ts(type = "number")]
        at: Wall,
        /// All sections.
        state: Box<Sections>,
        /// Who the client is.
        you: You,
    },
    /// The sections that changed, whole.
    Delta {
        /// Life of the server process.
        boot: String,
        /// Revision this follows on.
        #[ts(type = "number")]
        from: u64,
        /// Revision afterwards.
        #[ts(type = "number")]
        to: u64,
        /// The sections.
        set: Box<Sections>,
    },
    /// Each second: the link lives, and what time it is.
    Tick {
        /// Server time.
        #[ts(type = "number")]
        at: Wall,
        /// Milliseconds since the server process began, by the clock of which commands say with `seen` how old they are.
        #[ts(type = "number")]
        n: u64,
    },
    /// The act is in the log.
    Ack {
        /// Of the command.
        #[ts(type = "string")]
        key: CommandKey,
        /// Sequence of its last event.
        #[ts(type = "number")]
        seq: u64,
        /// When it took effect.
        #[ts(type = "number")]
        at: Wall,
    },
    /// The act closed something at once, and is not in the log yet, since that cannot be written now (R17). Its repeat gets the same meanwhile, and
    /// `ack` afterwards.
    ClosedUnlogged {
        /// Of the command.
        #[ts(type = "string")]
        key: CommandKey,
        /// When it took effect.
        #[ts(type = "number")]
        at: Wall,
        /// It is kept beside the log, so that a restart opens nothing again.
        kept: bool,
        /// Of `end`: false, since every branch is closed and the meeting has not ended; it must be asked for again when the log is back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        ended: Option<bool>,
    },
    /// The act was refused; nothing changed, but after `unconfirmed`, where that is not known.
    Refused {
        /// Of the command.
        #[ts(type = "string")]
        key: CommandKey,
        /// Why.
        #[ts(type = "RefusalCode")]
        code: RefusalCode,
        /// What stands in the way: a venue, a source or a request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        holder: Option<String>,
        /// Which roles may.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(type = "Array<Role>")]
        may: Vec<Role>,
    },
    /// Another page publishes this source now; do not come back by yourself.
    Replaced {
        /// Which.
        #[ts(type = "string")]
        source: SourceId,
    },
    /// A frame could not be taken; after all codes but `busy`, and but `bad_frame` after a hello, the server closes.
    Error {
        /// What was wrong.
        #[ts(type = "ErrorCode")]
        code: ErrorCode,
        /// What was wrong, for a log.
        detail: String,
    },
}
