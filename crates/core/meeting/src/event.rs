//! What happened. Events are stored for ever: a change of one is a new version with a golden file of the old.

pub use base::LeaseKind;
use base::{ItemId, PersonId, RequestId, Sequence, SourceId, VenueId, Wall};
use serde::{Deserialize, Serialize};

use crate::command::By;
use crate::roster::Roster;
use crate::scene::Scene;

/// An event with its place, time and author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Place in the run, from 1.
    pub seq: Sequence,
    /// When.
    pub at: Wall,
    /// Who.
    pub by: By,
    /// What.
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A server loaded the meeting for the first time. Holds all that replay needs.
    Opened(Roster),
    /// The roster changed.
    RosterChanged(Roster),
    /// The meeting began.
    Started,
    /// The meeting ended. What the server still owes the log may follow, then [`Event::Closed`].
    Ended,
    /// `ended` as its first version meant it: nothing is owed, and the run is closed where it stops. Read from old logs, never decided.
    #[serde(rename(serialize = "ended"), skip_deserializing)]
    EndedAndClosed,
    /// The last event of a run: nothing follows.
    Closed,
    /// A venue published for the first time in this run.
    VenueJoined {
        /// Which.
        venue: VenueId,
    },
    /// The preview changed.
    PreviewSet {
        /// To what.
        source: Option<SourceId>,
        /// It came there by a take, and is untold.
        held: bool,
    },
    /// The programme changed.
    ProgrammeSet {
        /// To what.
        scene: Scene,
    },
    /// A venue has the floor.
    FloorOpened {
        /// Which.
        venue: VenueId,
        /// Why.
        kind: LeaseKind,
    },
    /// A venue has the floor no more.
    FloorClosed {
        /// Which.
        venue: VenueId,
        /// Why.
        why: FloorClosedWhy,
    },
    /// A call-on began.
    CallOnBegan {
        /// The venue called.
        venue: VenueId,
        /// Its source.
        source: SourceId,
        /// Who speaks.
        person: Option<PersonId>,
        /// The request that it answers.
        request: Option<RequestId>,
        /// Seconds until the timer says that time is up.
        limit_s: Option<u32>,
    },
    /// The call-on ended.
    CallOnEnded {
        /// Of which venue.
        venue: VenueId,
    },
    /// A venue asks to speak.
    RequestRaised {
        /// The request.
        request: RequestId,
        /// Whose.
        venue: VenueId,
        /// Who would speak.
        person: Option<PersonId>,
    },
    /// A request has the floor.
    RequestSpeaking {
        /// Which.
        request: RequestId,
    },
    /// A request waits again, at its old place.
    RequestWaits {
        /// Which.
        request: RequestId,
    },
    /// A request is gone.
    RequestRemoved {
        /// Which.
        request: RequestId,
        /// Why.
        why: RemovedWhy,
    },
    /// An item became the current one.
    ItemBegan {
        /// Which.
        item: ItemId,
    },
    /// A keyed command changed nothing; its repeat is answered alike.
    Unchanged,
}

/// Why a lease ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FloorClosedWhy {
    /// The chair closed it.
    Closed,
    /// A call-on gave the floor to another venue alone.
    Exclusive,
    /// Its call-on ended.
    CallOnEnded,
    /// All branches were closed.
    MutedAll,
    /// Its link was lost for too long.
    LinkLost,
    /// The meeting ended.
    MeetingEnded,
    /// The venue is no longer on the roster.
    LeftRoster,
}

/// Why a request is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovedWhy {
    /// The venue took it back.
    Withdrawn,
    /// The chair removed it.
    Dropped,
    /// It has spoken.
    Spoken,
    /// The venue is no longer on the roster.
    LeftRoster,
}

/// The state variables that must never be mixed, as far as they are in the log, and what is beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variable {
    /// Which venues are in. Written by admission.
    Membership,
    /// Who may be heard. Written by the chair.
    Floor,
    /// What everybody is shown. Written by the director.
    Programme,
    /// What comes next. Written by the director.
    Preview,
    /// Who wants to speak. Written by venues and the chair.
    Queue,
    /// Where the meeting is. Written by the director.
    Course,
    /// Nothing.
    None,
}

impl Event {
    /// Its name, as it is stored.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::RosterChanged(_) => "roster_changed",
            Self::Started => "started",
            Self::Ended | Self::EndedAndClosed => "ended",
            Self::Closed => "closed",
            Self::VenueJoined { .. } => "venue_joined",
            Self::PreviewSet { .. } => "preview_set",
            Self::ProgrammeSet { .. } => "programme_set",
            Self::FloorOpened { .. } => "floor_opened",
            Self::FloorClosed { .. } => "floor_closed",
            Self::CallOnBegan { .. } => "call_on_began",
            Self::CallOnEnded { .. } => "call_on_ended",
            Self::RequestRaised { .. } => "request_raised",
            Self::RequestSpeaking { .. } => "request_speaking",
            Self::RequestWaits { .. } => "request_waits",
            Self::RequestRemoved { .. } => "request_removed",
            Self::ItemBegan { .. } => "item_began",
            Self::Unchanged => "unchanged",
        }
    }

    /// Version of its form, as it is written.
    #[must_use]
    pub fn version(&self) -> u16 {
        match self {
            Self::Opened(_) | Self::RosterChanged(_) | Self::Ended => 2,
            Self::EndedAndClosed
            | Self::Closed
            | Self::Started
            | Self::VenueJoined { .. }
            | Self::PreviewSet { .. }
            | Self::ProgrammeSet { .. }
            | Self::FloorOpened { .. }
            | Self::FloorClosed { .. }
            | Self::CallOnBegan { .. }
            | Self::CallOnEnded { .. }
            | Self::RequestRaised { .. }
            | Self::RequestSpeaking { .. }
            | Self::RequestWaits { .. }
            | Self::RequestRemoved { .. }
            | Self::ItemBegan { .. }
            | Self::Unchanged => 1,
        }
    }

    /// The event that an older version of its form meant; none if it never had that version.
    ///
    /// A run must be known as closed or not by what its log says, for a crash may part `ended` from `closed`, and a server of the first release
    /// wrote no `closed` at all: it wrote version 1 of `ended`, and a roster may even follow there. Whoever writes version 2 owes `closed`, also
    /// in a run that the first release began. The bytes of both versions are the same.
    #[must_use]
    pub fn of_version(self, version: u16) -> Option<Self> {
        match (self, version) {
            (Self::Ended, 1) => Some(Self::EndedAndClosed),
            // Version 1 of a roster held people beside all else; they are not read.
            (event @ (Self::Opened(_) | Self::RosterChanged(_)), 1) => Some(event),
            (event, version) => (version == event.version()).then_some(event),
        }
    }

    /// The one variable it writes (R1).
    #[must_use]
    pub fn variable(&self) -> Variable {
        match self {
            Self::Opened(_) | Self::RosterChanged(_) | Self::VenueJoined { .. } => Variable::Membership,
            Self::FloorOpened { .. }
            | Self::FloorClosed { .. }
            | Self::CallOnBegan { .. }
            | Self::CallOnEnded { .. } => Variable::Floor,
            Self::ProgrammeSet { .. } => Variable::Programme,
            Self::PreviewSet { .. } => Variable::Preview,
            Self::RequestRaised { .. }
            | Self::RequestSpeaking { .. }
            | Self::RequestWaits { .. }
            | Self::RequestRemoved { .. } => Variable::Queue,
            Self::Started | Self::Ended | Self::EndedAndClosed | Self::Closed | Self::ItemBegan { .. } => {
                Variable::Course
            }
            Self::Unchanged => Variable::None,
        }
    }
}
