//! The port to media: the only way from control to the hop.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use base::{ClientId, Epoch, MeetingId, Role, Sequence, SessionId, SourceId, TokenId, VenueId};
use media::slots::Wishes;
use meeting::Scene;

mod report;

pub use report::{About, Fact, HopReport, HopReports, Measure, SessionChange, SourceState, Traffic, What};

/// An SDP text, opaque outside media-net.
#[derive(Clone, PartialEq, Eq)]
pub struct Sdp(pub String);

impl fmt::Debug for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sdp({} bytes)", self.0.len())
    }
}

/// A video codec. One per meeting: the SFU never transcodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoCodec {
    /// RFC 7741.
    Vp8,
    /// RFC 6184, constrained baseline, packetization mode 1.
    H264,
}

/// What a session is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionKind {
    /// WHIP. The microphone of a venue comes with its first source.
    Publish {
        /// What it publishes.
        source: SourceId,
        /// Whose it is.
        venue: VenueId,
    },
    /// WHEP.
    Watch {
        /// The venue of whoever watches, whose own voice it does not hear.
        venue: Option<VenueId>,
        /// What its slots are to carry.
        wishes: Wishes,
    },
}

/// A session to open.
#[derive(Debug, Clone)]
pub struct SessionSpec {
    /// Of which meeting.
    pub meeting: MeetingId,
    /// In which role it is asked for: each limit keeps places by role.
    pub role: Role,
    /// What for.
    pub kind: SessionKind,
    /// The page that opens it; none for a plain player or an encoder.
    pub client: Option<ClientId>,
    /// Video flows from the start (R10 exempts plain players, and pages that are ready already).
    pub admitted: bool,
    /// The meeting's codec.
    pub codec: VideoCodec,
    /// The token that it was opened with, by which [`Hop::close_token`] ends it.
    pub token: TokenId,
    /// How long that token is good: the session ends when it is over.
    pub good_for: Duration,
}

/// Why a session could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum HopError {
    /// The offer is larger than the limit.
    #[error("the offer has {bytes} bytes, at most {max} are taken")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The offer has too many `m=` lines.
    #[error("the offer has {lines} m= lines, at most {max} are taken")]
    TooManyLines {
        /// How many.
        lines: usize,
        /// The limit.
        max: usize,
    },
    /// The offer cannot be used.
    #[error("the offer cannot be used: {0}")]
    BadOffer(String),
    /// The node has no place for a further session in that role.
    #[error("this node has as many media sessions of the role {0} as it may")]
    Full(Role),
    /// The node has no place for a further meeting.
    #[error("this node has media for {0} meetings, its limit")]
    MeetingsFull(usize),
    /// The media thread is gone.
    #[error("the media plane has stopped")]
    Stopped,
}

/// Why a session was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client said `DELETE`, or closed its transport.
    Left,
    /// A newer session of the same source took its place.
    Replaced,
    /// Nothing authenticated came for too long.
    TimedOut,
    /// The DTLS handshake did not end in time, and the peer had refused it, as one does that has an RSA certificate alone (RFC 8827 §6.5 asks
    /// for ECDSA P-256).
    NoHandshake {
        /// The description of its alert (RFC 5246 §7.2). It came in the clear, so it may be another's.
        alert: u8,
    },
    /// Its token was revoked, or is over.
    LinkEnded,
    /// The meeting ended or its server stops.
    Ended,
    /// Its own processing failed; others are untouched.
    Failed,
}

/// All that the hop is to do for a meeting. Applying it twice changes nothing; the latest wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaTarget {
    /// The chair's venue: its gate alone outlives a sequencer that falls silent.
    pub chair: Option<VenueId>,
    /// Venues with a lease.
    pub gates: BTreeSet<VenueId>,
    /// The programme.
    pub programme: Scene,
    /// The preview; it flows so that it can be taken at once.
    pub preview: Option<SourceId>,
    /// Return picture of the venues where it is not `return_default` (R6).
    pub returns: BTreeMap<VenueId, Scene>,
    /// Return picture of all others.
    pub return_default: Scene,
    /// Venues that may see their return picture now: on air, or next.
    pub warm: BTreeSet<VenueId>,
    /// Every source of the meeting and its venue, in rank order, the chair's first.
    pub sources: Vec<(SourceId, VenueId)>,
}

/// A session that was opened, and the answer for its client.
pub type OpenFuture<'a> = Pin<Box<dyn Future<Output = Result<(SessionId, Sdp), HopError>> + Send + 'a>>;

/// The hop. Implemented by media-net, and by the simulator's fake.
pub trait Hop: Send + Sync {
    /// Opens a session: the answer to its offer. The newest session of a source wins.
    fn open(&self, spec: SessionSpec, offer: Sdp) -> OpenFuture<'_>;
    /// Video may flow from now on (R10). Unknown sessions are ignored.
    fn admit(&self, session: SessionId);
    /// Closes a session. Unknown sessions are ignored.
    fn close(&self, session: SessionId, why: CloseReason);
    /// Closes all sessions that were opened with that token. Never lost. One that is being opened meanwhile may be left: whoever opens it looks
    /// again whether its token is good.
    fn close_token(&self, token: &TokenId);
    /// Shuts gates at once; they stay shut until an [`apply`](Self::apply) at or after `until`, or of a later epoch. Never lost.
    fn close_gates(&self, meeting: &MeetingId, epoch: Epoch, until: Sequence, venues: &[VenueId]);
    /// Gives back what the hop holds for a meeting, and ends its sessions, unless a target of a later epoch has been applied. What was asked
    /// for before under that epoch is not done any more: the epoch of a forgotten meeting is kept until the process ends, and whatever bears
    /// it or an earlier one changes nothing.
    fn forget(&self, meeting: &MeetingId, epoch: Epoch);
    /// Sources that a client chooses for the lines of its sessions, the first for v0; none of them when it is gone. The latest choice counts, for as
    /// long as the hop knows the meeting: it is in no target and in no log.
    fn views(&self, meeting: &MeetingId, client: &ClientId, lines: Vec<Option<SourceId>>);
    /// What the hop is to do from now on. An older epoch or sequence is ignored; the same sequence again renews the leases (R3).
    fn apply(&self, meeting: &MeetingId, epoch: Epoch, sequence: Sequence, target: MediaTarget);
}
