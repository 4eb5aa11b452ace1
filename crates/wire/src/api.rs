//! Bodies of the HTTP interface that are no frames.

use std::collections::BTreeMap;

use base::{
    ChangeKind, Epoch, ErrorCode, LogCause, MeetingId, PersonId, Role, RunId, Sequence, TokenId, VenueId,
    Wall,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::text::Text;

/// What every refused request is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorAnswer {
    /// What was wrong, as a code (`docs/protocol.md`, errors).
    pub error: ErrorCode,
    /// The same in words, for a log.
    pub detail: String,
    /// The known name that comes nearest to the unknown one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<String>,
}

/// `GET /api/v1/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Every meeting that is loaded can be written down, and none could not be opened. The status is 200 in any case: whoever restarts a server because its disk is full ends its
    /// meetings.
    pub ok: bool,
    /// Meetings whose log cannot be written, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shut: BTreeMap<MeetingId, LogCause>,
    /// Meetings that could not be opened when that was tried last, and why, in words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<MeetingId, String>,
    /// Life of the server process.
    pub boot: String,
    /// Version of the program.
    pub version: String,
    /// Version of the control protocol.
    pub protocol: u32,
    /// Server time.
    pub at: Wall,
    /// Meetings that are loaded.
    pub meetings: u32,
    /// Clients on the control connection.
    pub clients: u32,
    /// Media sessions that are open.
    pub sessions: u32,
}

/// `GET …/log`: events in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogAnswer {
    /// The run that is open.
    pub run: RunId,
    /// The events.
    pub events: Vec<LogEntry>,
    /// Where to go on; none at the end.
    pub next: Option<Sequence>,
}

/// An event of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Place in the run, from 1.
    pub seq: Sequence,
    /// Epoch of the server that wrote it.
    pub epoch: Epoch,
    /// When.
    pub at: Wall,
    /// Kind.
    pub kind: String,
    /// Version of that kind.
    pub ver: u16,
    /// Algorithm of the hashes.
    pub alg: String,
    /// The JSON text as it was written and hashed, as a string, so that no reader changes a byte of it.
    pub body: String,
    /// Hash of the event before, in hexadecimal.
    pub prev: String,
    /// Hash of this event, in hexadecimal.
    pub hash: String,
}

/// One of the list `GET …/venues/{venue}/people`: who may speak there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonEntry {
    /// Id.
    #[ts(type = "string")]
    pub id: PersonId,
    /// Name.
    pub name: Text,
}

/// `POST /api/v1/apply`: what a meeting file changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeAnswer {
    /// The meeting of the file.
    pub meeting: MeetingId,
    /// It was done; false after a dry run.
    pub applied: bool,
    /// What changes, in the order of the file.
    pub changes: Vec<ChangeEntry>,
    /// A link per role and venue; none after a dry run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkEntry>,
}

/// `POST /api/v1/links`, of the administrator: what is asked of the links that were given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LinksAsk {
    /// Those of a meeting.
    List {
        /// Which.
        meeting: MeetingId,
    },
    /// One ends.
    Revoke {
        /// Which.
        id: TokenId,
    },
    /// One ends, and another is made for the same role or venue.
    Renew {
        /// Which.
        id: TokenId,
    },
}

/// Answer to [`LinksAsk`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinksAnswer {
    /// Those of the meeting, the one that ended, or the new one.
    pub links: Vec<GivenLink>,
    /// The new one, shown this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkEntry>,
}

/// A link that was given out, without what lets one in. Times in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenLink {
    /// Id of its token.
    pub id: TokenId,
    /// The meeting.
    pub meeting: MeetingId,
    /// For which role.
    pub role: Role,
    /// For which venue, of the role `venue`.
    pub venue: Option<VenueId>,
    /// When it was made; unknown of one that an earlier version made.
    pub made: Option<Wall>,
    /// Until when it is good.
    pub expires: Wall,
    /// When somebody last came with it.
    pub used: Option<Wall>,
    /// When it was revoked.
    pub revoked: Option<Wall>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeEntry {
    /// What happens to it.
    pub change: ChangeKind,
    /// Kind of thing: `unit`, `venue`, `person`, `meeting`, `item`.
    pub what: String,
    /// Its id.
    pub id: String,
    /// Its name where it comes or goes, else the field that changes, from what to what, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// A link to hand out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkEntry {
    /// For whom: a role, or a venue's id.
    pub who: String,
    /// Address, token in the fragment.
    pub address: String,
}
