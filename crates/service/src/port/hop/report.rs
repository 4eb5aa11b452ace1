//! What the hop reports.

use base::{ClientId, Epoch, MeetingId, Mono, Sequence, SessionId, SourceId, VenueId};
use meeting::Scene;
use tokio::sync::mpsc;

use super::{CloseReason, SessionKind};

/// A report of the hop.
#[derive(Debug, Clone, PartialEq)]
pub enum HopReport {
    /// Of one meeting.
    Of {
        /// Which.
        meeting: MeetingId,
        /// What there is to say of it.
        what: What,
    },
    /// Of the whole node, once a second. It may be dropped.
    Node(Traffic),
}

/// Where the hop's reports arrive. One receiver per hop.
pub type HopReports = mpsc::Receiver<HopReport>;

/// What is said of a meeting. A fact arrives, however slow its reader is; a measure may be dropped, for the next one takes its place.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Something is so from now on.
    Fact(Fact),
    /// Something was measured.
    Measure(Measure),
}

impl From<Fact> for What {
    fn from(fact: Fact) -> Self {
        Self::Fact(fact)
    }
}

impl From<Measure> for What {
    fn from(measure: Measure) -> Self {
        Self::Measure(measure)
    }
}

/// Something that is so from now on. Of facts [about](Fact::about) the same the latest counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A gate changed at the hop.
    Gate {
        /// Whose.
        venue: VenueId,
        /// It forwards.
        open: bool,
        /// By which target.
        epoch: Epoch,
        /// By which target.
        sequence: Sequence,
    },
    /// What the programme shows has changed.
    Shown {
        /// What is on air now.
        scene: Scene,
        /// When its first packet went out.
        at: Mono,
    },
    /// A take waits for a key frame of this source for over a second.
    Waiting {
        /// Of which source.
        source: SourceId,
    },
    /// A source came, changed or went.
    Source {
        /// Which.
        source: SourceId,
        /// What is known of it now.
        state: SourceState,
    },
    /// A session came or went.
    Session {
        /// Which.
        session: SessionId,
        /// Of which page.
        client: Option<ClientId>,
        /// What for.
        kind: SessionKind,
        /// What happened.
        change: SessionChange,
    },
    /// Audio dropped for want of a lease, once a second when the count rose.
    Dropped {
        /// Whose.
        venue: VenueId,
        /// Packets since the hop knows the venue.
        packets: u64,
    },
    /// Packets dropped because they were too large to be forwarded, once a second when the count rose.
    TooLarge {
        /// Of which source.
        source: SourceId,
        /// Packets since the hop knows the source.
        packets: u64,
    },
}

/// What a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The gate of a venue.
    Gate(VenueId),
    /// The programme.
    Shown,
    /// The take that waits.
    Waiting,
    /// A source.
    Source(SourceId),
    /// A session; its end is the last that is said of it.
    Session(SessionId),
    /// The sound of a venue that has no lease.
    Dropped(VenueId),
    /// The packets of a source that are too large.
    TooLarge(SourceId),
}

impl Fact {
    /// What it is about.
    #[must_use]
    pub fn about(&self) -> About {
        match self {
            Self::Gate { venue, .. } => About::Gate(venue.clone()),
            Self::Shown { .. } => About::Shown,
            Self::Waiting { .. } => About::Waiting,
            Self::Source { source, .. } => About::Source(source.clone()),
            Self::Session { session, .. } => About::Session(*session),
            Self::Dropped { venue, .. } => About::Dropped(venue.clone()),
            Self::TooLarge { source, .. } => About::TooLarge(source.clone()),
        }
    }
}

/// Something that was measured, and will be again.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// Loudness of the open gates, five times a second.
    Levels {
        /// -dBov of each venue that sends sound through an open gate: 0 loudest, 127 silence.
        levels: Vec<(VenueId, u8)>,
        /// Venues that send sound through an open gate which says no level (RFC 6464), as that of some encoders.
        unmeasured: Vec<VenueId>,
    },
    /// Quality of a publish session, once a second.
    Quality {
        /// Of which source.
        source: SourceId,
        /// Packets lost per mille in the last second, as the hop counts gaps.
        loss_permille: u16,
        /// Kilobits per second that arrive.
        kbps: u32,
    },
}

/// Traffic of the node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Kilobits per second that come in.
    pub in_kbps: u32,
    /// Kilobits per second that go out.
    pub out_kbps: u32,
    /// Datagrams of the last second that were given up, since the network card took no more.
    pub given_up: u32,
    /// Sessions that are connected.
    pub sessions: u32,
}

/// What the hop knows of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceState {
    /// Authenticated packets arrive (the last is younger than 1.5 s).
    pub live: bool,
    /// Heights in pixels of the layers that arrive, the lowest first; empty until a key frame told.
    pub layers: Vec<u16>,
    /// A picture of it can be decoded now: a key frame is in the ring and packets flow.
    pub decodable: bool,
}

/// What happened to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionChange {
    /// ICE and DTLS are done.
    Connected,
    /// It is gone.
    Closed(CloseReason),
}
