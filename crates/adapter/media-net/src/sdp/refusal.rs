//! Why an offer is not taken: one sentence each, as `docs/sdp.md` has them. None repeats more of the offer than a tag or a number.

use base::limits::{SDP_BYTES_MAX, SDP_MEDIA_MAX};
use service::port::hop::HopError;

/// Why an offer is not taken. What is said goes to whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is longer than [`SDP_BYTES_MAX`].
    #[error("it has {0} bytes, at most {SDP_BYTES_MAX} are taken")]
    TooLarge(usize),
    /// It has more `m=` lines than [`SDP_MEDIA_MAX`].
    #[error("it has {0} m= lines, at most {SDP_MEDIA_MAX} are taken")]
    TooManyLines(usize),
    /// Not SDP, or of another version.
    #[error("it does not begin with v=0")]
    NoVersion,
    /// No `m=` line.
    #[error("it has no m= line")]
    NoMedia,
    /// A line is too long.
    #[error("its line {line} has over {max} bytes")]
    LongLine {
        /// Which, counted from 1.
        line: usize,
        /// The limit.
        max: usize,
    },
    /// A line holds NUL or another control character.
    #[error("its line {0} has a control character")]
    Control(usize),
    /// A line is not SDP.
    #[error("its line {0} is not a small letter, = and a value")]
    NoType(usize),
    /// A line has a type that no SDP has.
    #[error("its line {line} begins with {letter}=, which SDP does not know")]
    UnknownType {
        /// Which, counted from 1.
        line: usize,
        /// Its type.
        letter: char,
    },
    /// An `m=` line that cannot be read.
    #[error("its m= line {0} is not kind, port from 0 to 65535, protocol and formats")]
    BadMedia(usize),
    /// A line says its direction twice.
    #[error("its m= line {0} has two directions")]
    TwoDirections(usize),
    /// A tag that cannot be one.
    #[error("its m= line {0} has an a=mid that is not 1 to 16 letters, digits or marks")]
    BadMid(usize),
    /// A line of use has no tag.
    #[error("its m= line {0} has no a=mid")]
    NoMid(usize),
    /// Two lines have one tag.
    #[error("its a=mid:{0} is on two lines")]
    TwoMids(String),
    /// The group names what is not there.
    #[error("its a=group:BUNDLE names a mid that no line has")]
    NoSuchMid,
    /// A line that would need a transport of its own.
    #[error("its line with mid {0} is not in a=group:BUNDLE, and all lines go over one transport")]
    NotBundled(String),
    /// RTCP would need a port of its own.
    #[error("its line with mid {0} has no a=rtcp-mux, and RTCP goes over the same port")]
    NoMux(String),
    /// No user name, or one that cannot be.
    #[error("its a=ice-ufrag is not 4 to 256 letters, digits, + or /")]
    IceUfrag,
    /// No password, or one that cannot be.
    #[error("its a=ice-pwd is not 22 to 256 letters, digits, + or /")]
    IcePwd,
    /// Two ICE-lite ends: neither checks.
    #[error("it says a=ice-lite as this server does, and one end has to check")]
    IceLite,
    /// No SHA-256 fingerprint, or one of another length.
    #[error("it has no a=fingerprint of sha-256 with 32 bytes")]
    Fingerprint,
    /// No role in DTLS, or `holdconn`.
    #[error("it has no a=setup of actpass, active or passive")]
    Setup,
    /// Nothing that it sends, at an address for publishing.
    #[error("this address is to publish, and none of its lines of sound or picture is sendonly or sendrecv")]
    SendsNothing,
    /// Nothing that it receives, at an address for watching.
    #[error("this address is to watch, and none of its lines of sound or picture is recvonly or sendrecv")]
    ReceivesNothing,
    /// Neither sound nor picture.
    #[error("it has no line for sound or picture that is of use here")]
    NoUse,
    /// The codec is not among the formats of a line.
    #[error("its line with mid {mid} lacks {codec}")]
    Lacks {
        /// The line's tag.
        mid: String,
        /// What is missing, with the rest of the sentence that mends it.
        codec: &'static str,
    },
    /// H.264 in profiles that not every browser decodes.
    #[error(
        "its line with mid {mid} has H.264 with profile_idc {profile} alone, and 66 is taken: set the encoder to baseline (ffmpeg: -profile:v baseline; OBS: profile baseline; GStreamer: video/x-h264,profile=constrained-baseline)"
    )]
    Profile {
        /// The line's tag.
        mid: String,
        /// The first of the profiles that it has.
        profile: u8,
    },
    /// A receiver of H.264 that takes no fragments.
    #[error("its line with mid {0} lacks H.264 with packetization-mode=1, and pictures come in fragments")]
    Mode(String),
    /// One codec has different numbers on two lines.
    #[error("its line with mid {0} has another payload type for the same codec than a line before it")]
    PayloadTypes(String),
    /// One number has different meanings on two lines.
    #[error("its line with mid {0} has a payload type that means another codec on a line before it")]
    PayloadTypeTwice(String),
}

impl From<Refusal> for HopError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all but the two limits are told by their sentence alone"
    )]
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooLarge(bytes) => Self::TooLarge { bytes, max: SDP_BYTES_MAX },
            Refusal::TooManyLines(lines) => Self::TooManyLines { lines, max: SDP_MEDIA_MAX },
            other => Self::BadOffer(other.to_string()),
        }
    }
}
