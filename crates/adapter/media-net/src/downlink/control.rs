//! A subscriber's str0m instance: its ICE, its DTLS, and where nobody else seals, its packets.

use std::time::Duration;

use base::Mono;
use service::port::hop::VideoCodec;
use str0m::media::{Mid, Pt};
use str0m::net::Transmit;
use str0m::rtp::{ExtensionValues, RtpWrite, SeqNo};
use str0m::{Input, Output, Rtc, RtcError};

use super::own::Own;
use super::{Line, Way};
use crate::conductor::addresses::ADDRESS_KEPT;
use crate::dtls::Tap;
use crate::ring::Packet;
use crate::sdp::Kind;
use crate::transport::{Clock, DatagramError, Path, Transport, payload_type, receive, validated};

/// One str0m instance that sends.
pub(super) struct Control {
    clock: Clock,
    rtc: Rtc,
    deadline: Mono,
    tap: Option<Tap>,
    /// Between which addresses the peer is sent to, and when it was last heard from there.
    path: Option<Path>,
    heard: Mono,
    /// What is being answered, and whether it asks to be sent to where it came from.
    reads: Option<(Path, bool)>,
    connected: bool,
}

impl Control {
    pub(super) fn new(clock: Clock, now: Mono, transport: Transport) -> Self {
        let Transport { rtc, tap } = transport;
        Self { clock, rtc, deadline: now, tap, path: None, heard: now, reads: None, connected: false }
    }

    /// SSRC and payload type of a line that sends the meeting's codec.
    pub(super) fn stream(&mut self, mid: Mid, kind: Kind, codec: VideoCodec) -> Option<(u32, Pt)> {
        let pt = payload_type(&self.rtc, mid, kind, codec)?;
        let ssrc = self.rtc.direct_api().stream_tx_by_mid(mid, None)?.ssrc();
        Some((*ssrc, pt))
    }

    /// Where the peer wants to be sent to, once it has said so.
    pub(super) fn path(&self) -> Option<Path> {
        self.path
    }

    pub(super) fn deadline(&self) -> Mono {
        self.deadline
    }

    /// Feeds a datagram. True if it was SRTP or SRTCP and opened with the peer's key.
    pub(super) fn receive(&mut self, now: Mono, path: Path, bytes: &[u8]) -> Result<bool, DatagramError> {
        self.reads = Some((path, media::datagram::nominates(bytes)));
        receive(&mut self.rtc, self.clock.instant(now), path, bytes)
    }

    pub(super) fn validated(&self, now: Mono, path: Path) -> bool {
        validated(&self.rtc, self.clock.instant(now), path)
    }

    /// Time passes.
    pub(super) fn timeout(&mut self, now: Mono) {
        if let Err(e) = self.rtc.handle_input(Input::Timeout(self.clock.instant(now))) {
            tracing::debug!(error = %e, "subscriber's transport failed on a timer");
        }
    }

    /// What comes of what was fed, until a time.
    pub(super) fn poll(&mut self, now: Mono) -> Result<Output, RtcError> {
        let output = self.rtc.poll_output()?;
        match &output {
            Output::Timeout(at) => self.deadline = self.clock.mono(*at),
            Output::Transmit(transmit) => self.follow(now, transmit),
            Output::Event(_) => {}
        }
        Ok(output)
    }

    /// It failed, and is not polled again before it is closed.
    pub(super) fn rest(&mut self, now: Mono) {
        self.deadline = now + Duration::from_secs(3_600);
    }

    /// DTLS goes where the handshake is. Afterwards a request to be sent to elsewhere, which str0m found to be the peer's and answers, is obeyed
    /// where the peer is heard no more from where it was; anybody may have sent one again that he saw.
    fn follow(&mut self, now: Mono, transmit: &Transmit) {
        let to = Path { local: transmit.source, remote: transmit.destination };
        if !self.connected && media::datagram::is_dtls(&transmit.contents) {
            (self.path, self.heard) = (Some(to), now);
        } else if media::datagram::is_stun_success(&transmit.contents)
            && let Some((path, nominates)) = self.reads.take_if(|(path, _)| path.remote == to.remote)
        {
            if self.path == Some(path) {
                self.heard = now;
            } else if nominates && now.since(self.heard) >= ADDRESS_KEPT {
                (self.path, self.heard) = (Some(path), now);
            }
        }
    }

    /// What nobody else can have sent came from there, and it is the newest: there the peer is, if ICE has validated that it is.
    pub(super) fn opened(&mut self, now: Mono, path: Path) {
        if self.path == Some(path) || self.validated(now, path) {
            (self.path, self.heard) = (Some(path), now);
        }
    }

    /// Who seals, now that the handshake is over; none if nobody can.
    pub(super) fn way(&mut self, now: Mono, lines: &[Line]) -> Option<Way> {
        self.connected = true;
        let Some(tap) = self.tap.take() else { return Some(Way::Str) };
        Some(match tap.keys()? {
            Some(keys) => {
                tracing::debug!(profile = ?keys, "sealed by us");
                Way::Own(Box::new(Own::new(now, keys, &mut self.rtc, lines)?))
            }
            None => {
                tracing::debug!("sealed by str0m");
                Way::Str
            }
        })
    }

    /// Gives packets of a line to str0m. True if there was one.
    pub(super) fn write<'a>(&mut self, line: &mut Line, packets: impl Iterator<Item = &'a Packet>) -> bool {
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx(&line.ssrc.into()) else { return false };
        for packet in packets {
            // str0m keeps count of its numbers itself; it is given each once.
            let Some((out, _)) = line.number(packet) else { continue };
            let at = self.clock.instant(out.at);
            let mut write = RtpWrite::new(line.pt, SeqNo::from(out.seq), out.ts, at, packet.payload.clone())
                .marker(packet.marker)
                .nackable(!line.slot.is_sound());
            if let Some((level, voice)) = packet.level {
                write = write.ext_vals(ExtensionValues {
                    audio_level: Some(level),
                    voice_activity: Some(voice),
                    ..ExtensionValues::default()
                });
            }
            if let Some(vp8) = &packet.vp8
                && (out.picture_id != packet.numbers.picture_id || out.tl0 != packet.numbers.tl0)
                && let Ok(patch) = vp8.patch().picture_id(out.picture_id).tl0_pic_idx(out.tl0).build()
            {
                write = write.vp8_patch(patch);
            }
            stream.write_rtp(write);
        }
        true
    }

    /// Begins to say goodbye. False if that is not possible any more.
    pub(super) fn close(&mut self) -> bool {
        self.rtc.close().is_ok()
    }
}
