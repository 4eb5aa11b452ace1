//! One str0m instance: how it is configured, fed and drained. Nothing else builds one.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base::Mono;
use service::port::hop::VideoCodec;
use str0m::change::SdpOffer;
use str0m::config::{DtlsCert, DtlsVersion};
use str0m::error::NetError;
use str0m::format::Codec;
use str0m::media::{Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, ExtensionMap};
use str0m::{Candidate, Input, Rtc, RtcConfig, RtcError};

use crate::dtls::{self, Tap};
use crate::sdp::{Given, Kind, Lines, Offer};
use crate::srtp::noting;

/// Packets that a picture's stream keeps for repair.
const REPAIR_PACKETS_MAX: usize = 256;

const SECOND: Duration = Duration::from_secs(1);

/// The node's clock: [`Mono`] counts from here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(pub(crate) Instant);

impl Clock {
    pub(crate) fn instant(self, at: Mono) -> Instant {
        self.0 + Duration::from_micros(at.0)
    }

    pub(crate) fn mono(self, at: Instant) -> Mono {
        Mono(u64::try_from(at.saturating_duration_since(self.0).as_micros()).unwrap_or(u64::MAX / 2))
    }
}

/// A datagram's two ends, as this node sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
}

/// Why a datagram was not understood.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatagramError {
    /// Nothing that a session is sent.
    #[error("it is neither STUN, DTLS nor SRTP")]
    Foreign(#[source] NetError),
    /// A handshake that cannot go on, as a rule.
    #[error("its transport does not take it")]
    Refused(#[source] RtcError),
}

/// Certificate of the node: ECDSA P-256.
pub(crate) fn certificate() -> Option<DtlsCert> {
    dtls::provider().dtls_provider.generate_certificate()
}

/// An instance, and where its keys come, if not to it.
pub(crate) struct Transport {
    pub(crate) rtc: Rtc,
    pub(crate) tap: Option<Tap>,
}

/// What came of an offer.
pub(crate) struct Accepted {
    pub(crate) transport: Transport,
    /// Our half of the user name of its STUN requests.
    pub(crate) ufrag: String,
    pub(crate) answer: String,
}

/// Who seals and opens what a session sends and is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seals {
    /// str0m does.
    Str,
    /// We do, where the peer and we agree on AES-GCM; else str0m.
    Own,
}

/// An instance that accepts `offer`, and the answer; none if str0m takes less than what was read, which would be a fault of ours.
pub(crate) fn accept(
    now: Instant,
    cert: Option<&DtlsCert>,
    codec: VideoCodec,
    seals: Seals,
    offer: &Offer,
    addresses: &[SocketAddr],
) -> Option<Accepted> {
    let tap = (seals == Seals::Own).then(Tap::default);
    let mut rtc = dtls::tapped(tap.clone(), || config(cert, codec, offer.want).build(now));
    for address in addresses {
        rtc.add_local_candidate(Candidate::host(*address, "udp").map_err(|e| unforeseen(&e)).ok()?);
    }
    let text = offer.canonical();
    let parsed = SdpOffer::from_sdp_string(&text).map_err(|e| unforeseen(&e)).ok()?;
    let answer = rtc.sdp_api().accept_offer(parsed).map_err(|e| unforeseen(&e)).ok()?.to_sdp_string();
    for line in offer.lines.iter().filter(|line| line.used) {
        let agreed = payload_type(&rtc, Mid::from(line.mid.as_str()), line.kind, codec)?;
        if Some(*agreed) != line.payload_type() {
            return None;
        }
    }
    let ufrag = answer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:"))?.to_owned();
    let answer = offer.answer(&Given::read(&answer).map_err(|e| unforeseen(&e)).ok()?);
    Some(Accepted { transport: Transport { rtc, tap }, ufrag, answer })
}

/// What is read here is to be taken by str0m too; where it is not, the words are for the log.
fn unforeseen(error: &dyn std::fmt::Display) {
    tracing::warn!(%error, "an offer that was read is not taken");
}

/// Payload type of the meeting's codec on a line, if both sides have it.
pub(crate) fn payload_type(rtc: &Rtc, mid: Mid, kind: Kind, codec: VideoCodec) -> Option<Pt> {
    let wanted = match (kind, codec) {
        (Kind::Audio | Kind::Other, _) => Codec::Opus,
        (Kind::Video, VideoCodec::Vp8) => Codec::Vp8,
        (Kind::Video, VideoCodec::H264) => Codec::H264,
    };
    let pts = rtc.media(mid)?.remote_pts();
    Some(rtc.codec_config().find(|p| p.spec().codec == wanted && pts.contains(&p.pt()))?.pt())
}

fn config(cert: Option<&DtlsCert>, codec: VideoCodec, want: Lines) -> RtcConfig {
    let mut extensions = ExtensionMap::empty();
    extensions.set(1, Extension::AudioLevel);
    extensions.set(4, Extension::RtpMid);
    if want == Lines::Publish {
        extensions.set(2, Extension::AbsoluteSendTime);
        extensions.set(3, Extension::TransportSequenceNumber);
        extensions.set(10, Extension::RtpStreamId);
        extensions.set(11, Extension::RepairedRtpStreamId);
    }
    let mut config = Rtc::builder()
        .set_rtp_mode(true)
        .set_ice_lite(true)
        .set_crypto_provider(dtls::provider())
        // In 1.2 our side picks the cipher, and picks GCM; in 1.3 the client's order decides, and browsers put the slower one first.
        .set_dtls_version(DtlsVersion::Dtls12)
        .clear_codecs()
        .enable_opus(true, false)
        .set_extension_map(extensions)
        .set_send_buffer_video(REPAIR_PACKETS_MAX);
    match codec {
        VideoCodec::Vp8 => config = config.enable_vp8(true),
        VideoCodec::H264 => config.codec_config().add_h264(108.into(), Some(109.into()), true, 0x0042_e01f),
    }
    if want != Lines::Publish {
        // What is late is played behind the silence in its place: the next report tells players how late.
        config = config.set_stats_interval(Some(SECOND)).set_rtcp_report_interval_audio(SECOND);
    }
    match cert {
        Some(cert) => config.set_dtls_cert(cert.clone()),
        None => config,
    }
}

/// Feeds one datagram. True if it was SRTP or SRTCP and opened with the peer's key.
///
/// # Errors
/// [`DatagramError`]; it never closes the session.
pub(crate) fn receive(rtc: &mut Rtc, now: Instant, path: Path, bytes: &[u8]) -> Result<bool, DatagramError> {
    noting::take_opened();
    let receive =
        Receive::new(Protocol::Udp, path.remote, path.local, bytes).map_err(DatagramError::Foreign)?;
    rtc.handle_input(Input::Receive(now, receive)).map_err(DatagramError::Refused)?;
    Ok(noting::take_opened())
}

/// ICE has validated the remote address, so more than STUN may be taken from it.
pub(crate) fn validated(rtc: &Rtc, now: Instant, path: Path) -> bool {
    // Any datagram that is not STUN: str0m then answers for its address alone.
    const DTLS: [u8; 14] = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0];
    Receive::new(Protocol::Udp, path.remote, path.local, &DTLS)
        .is_ok_and(|receive| rtc.accepts(&Input::Receive(now, receive)))
}
