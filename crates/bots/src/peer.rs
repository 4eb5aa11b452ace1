//! One peer connection over str0m: datagrams in and out, everything in [`Mono`].

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use base::Mono;
use base::limits::SDP_BYTES_MAX;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Rtc, RtcConfig};
use wire::Codec;

use crate::bot::BotError;

/// Longest pause between two timeouts, so that a peer that never wakes by itself is still looked at.
const WAKE_US_MAX: u64 = 1_000_000;

/// A datagram to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// From which local address.
    pub source: SocketAddr,
    /// To which address.
    pub destination: SocketAddr,
    /// The bytes.
    pub contents: Vec<u8>,
}

/// A peer connection that makes offers.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    datagrams: VecDeque<Datagram>,
    events: VecDeque<Event>,
    wake: Mono,
    heard: Mono,
}

impl Peer {
    pub(crate) fn new(now: Mono, local: SocketAddr, codecs: &[Codec]) -> Result<Self, BotError> {
        let mut rtc = config(codecs).build(instant(now));
        let candidate = Candidate::host(local, "udp").map_err(|_| BotError::BadAddress(local))?;
        rtc.add_local_candidate(candidate).ok_or(BotError::BadAddress(local))?;
        let (datagrams, events) = (VecDeque::new(), VecDeque::new());
        Ok(Self { rtc, pending: None, datagrams, events, wake: now, heard: now })
    }

    /// The offer of the lines that `add` adds.
    pub(crate) fn offer<T>(
        &mut self,
        add: impl FnOnce(&mut str0m::change::SdpApi<'_>) -> T,
    ) -> Result<(String, T), BotError> {
        let mut api = self.rtc.sdp_api();
        let added = add(&mut api);
        let (offer, pending) = api.apply().ok_or(BotError::NothingToOffer)?;
        self.pending = Some(pending);
        Ok((offer.to_sdp_string(), added))
    }

    pub(crate) fn answer(&mut self, now: Mono, text: &str) -> Result<(), BotError> {
        if text.len() > SDP_BYTES_MAX {
            return Err(BotError::AnswerTooLarge { bytes: text.len(), max: SDP_BYTES_MAX });
        }
        let answer = SdpAnswer::from_sdp_string(text).map_err(|e| BotError::BadAnswer(e.to_string()))?;
        let pending = self.pending.take().ok_or(BotError::NoOffer)?;
        self.rtc.sdp_api().accept_answer(pending, answer).map_err(|e| BotError::BadAnswer(e.to_string()))?;
        self.heard = now;
        self.timeout(now);
        Ok(())
    }

    /// Takes a datagram. What cannot be read is dropped: anybody can send to a socket.
    pub(crate) fn datagram(&mut self, now: Mono, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) {
        let Ok(contents) = bytes.try_into() else { return };
        let receive = Receive { proto: Protocol::Udp, source, destination, contents };
        self.input(Input::Receive(instant(now), receive));
        self.heard = now;
    }

    pub(crate) fn timeout(&mut self, now: Mono) {
        self.input(Input::Timeout(instant(now)));
    }

    fn input(&mut self, input: Input<'_>) {
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "a bot's peer refused an input");
        }
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(str0m::Output::Transmit(t)) => self.datagrams.push_back(Datagram {
                    source: t.source,
                    destination: t.destination,
                    contents: t.contents.into(),
                }),
                Ok(str0m::Output::Event(event)) => self.events.push_back(event),
                Ok(str0m::Output::Timeout(at)) => {
                    self.wake = mono(at);
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, "a bot's peer failed");
                    self.rtc.disconnect();
                    self.events.push_back(Event::Closed);
                    return;
                }
            }
        }
    }

    pub(crate) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(crate) fn next_datagram(&mut self) -> Option<Datagram> {
        self.datagrams.pop_front()
    }

    /// When str0m wants its timeout, seen from `now`.
    pub(crate) fn wake(&self, now: Mono) -> Mono {
        self.wake.min(Mono(now.0 + WAKE_US_MAX))
    }

    /// When the last readable datagram came, or the answer before the first.
    pub(crate) const fn heard(&self) -> Mono {
        self.heard
    }

    /// Whether an answer was taken.
    pub(crate) const fn answered(&self) -> bool {
        self.pending.is_none()
    }
}

fn config(codecs: &[Codec]) -> RtcConfig {
    // RTP mode: the bots packetise by themselves, so that a payload can be told by its bytes.
    let mut config = RtcConfig::new().clear_codecs().enable_opus(true, false).set_rtp_mode(true);
    for codec in codecs {
        match codec {
            Codec::Vp8 => config = config.enable_vp8(true),
            Codec::H264 => config.codec_config().add_h264(108.into(), Some(109.into()), true, 0x42_e0_1f),
        }
    }
    config
}

/// str0m counts in `Instant`; which one stands for zero does not matter, as long as it is one.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

pub(crate) fn instant(now: Mono) -> Instant {
    *ORIGIN + Duration::from_micros(now.0)
}

fn mono(at: Instant) -> Mono {
    let micros = at.saturating_duration_since(*ORIGIN).as_micros();
    Mono(u64::try_from(micros).unwrap_or(u64::MAX))
}
