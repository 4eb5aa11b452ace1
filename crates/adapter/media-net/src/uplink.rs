//! What comes from one publisher: str0m in RTP mode, its streams told apart by mid and rid.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base::Mono;
use media::clock::{SenderClock, StreamClock};
use media::datagram::rtp_ssrc;
use media::layers::LAYERS_MAX;
use service::port::hop::CloseReason;
use str0m::media::{KeyframeRequestKind, Mid, Rid};
use str0m::net::Transmit;
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Event, Input, Output, Rtc};

use crate::sdp::{Kind, Line};
use crate::streams::SentLines;
use crate::transport::{Clock, DatagramError, Path, receive, validated};

/// A stream of a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Sound,
    /// A layer of the picture, the lowest first.
    Picture(u8),
}

/// A packet that came, decrypted.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) stream: Stream,
    pub(crate) ssrc: u32,
    /// Extended.
    pub(crate) seq: u64,
    pub(crate) ts: u32,
    /// When it was captured, on the node's clock.
    pub(crate) at: Mono,
    pub(crate) marker: bool,
    pub(crate) payload: Arc<[u8]>,
    /// -dBov and voice activity.
    pub(crate) level: Option<(i8, bool)>,
}

/// What a publisher's transport tells.
pub(crate) enum Heard {
    Transmit(Transmit),
    Packet(Arrived),
    Connected,
    Closed(CloseReason),
}

struct Known {
    ssrc: Ssrc,
    mid: Mid,
    rid: Option<Rid>,
    stream: Stream,
    clock: StreamClock,
}

/// Streams that one publisher may have: a microphone, layers, and as many that it has left behind.
const STREAMS_MAX: usize = 16;

/// SSRC of packets by which browsers measure their line; they belong to no stream.
const PROBE: u32 = 0;

/// One publisher.
pub(crate) struct Uplink {
    clock: Clock,
    rtc: Rtc,
    audio: Option<Mid>,
    video: Option<Mid>,
    /// Rids from the lowest layer to the highest; empty without simulcast.
    rids: Vec<Rid>,
    lines: SentLines,
    /// Keys are there.
    connected: bool,
    known: Vec<Known>,
    sender: SenderClock,
    told: VecDeque<Heard>,
    deadline: Mono,
}

/// Names that say which layer a rid is; others stand in the order of the offer.
fn rank(rid: &str) -> Option<u8> {
    match rid {
        "q" | "l" | "lo" | "low" | "0" | "r0" => Some(0),
        "h" | "m" | "mid" | "med" | "medium" | "1" | "r1" => Some(1),
        "f" | "hi" | "high" | "2" | "r2" => Some(2),
        _ => None,
    }
}

impl Uplink {
    pub(crate) fn new(clock: Clock, now: Mono, rtc: Rtc, offered: &[Line]) -> Self {
        let line = |kind| offered.iter().find(|l| l.used && l.kind == kind);
        let mut names: Vec<&String> = line(Kind::Video).map(|l| l.rids.iter().collect()).unwrap_or_default();
        if names.iter().all(|r| rank(r).is_some()) {
            names.sort_by_key(|r| rank(r));
        }
        let sent = |kind, rids| Some((Mid::from(line(kind)?.mid.as_str()), rids));
        let all = names.iter().map(|r| Rid::from(r.as_str())).collect();
        let sent = [sent(Kind::Audio, Vec::new()), sent(Kind::Video, all)];
        let lines = SentLines::new(&rtc, sent.into_iter().flatten());
        names.truncate(LAYERS_MAX);
        Self {
            clock,
            rtc,
            audio: line(Kind::Audio).map(|l| Mid::from(l.mid.as_str())),
            video: line(Kind::Video).map(|l| Mid::from(l.mid.as_str())),
            rids: names.into_iter().map(|r| Rid::from(r.as_str())).collect(),
            lines,
            connected: false,
            known: Vec::new(),
            sender: SenderClock::default(),
            told: VecDeque::new(),
            deadline: now,
        }
    }

    /// A datagram under its address. True if only its peer can have sent it; an error never closes it.
    pub(crate) fn on_datagram(&mut self, now: Mono, path: Path, bytes: &[u8]) -> Result<bool, DatagramError> {
        let result = match rtp_ssrc(bytes).map(Ssrc::from) {
            Some(ssrc) if *ssrc != PROBE && (!self.connected || !self.lines.knows(&mut self.rtc, ssrc)) => {
                self.on_stranger(now, path, ssrc, bytes)
            }
            Some(_) | None => receive(&mut self.rtc, self.clock.instant(now), path, bytes),
        };
        self.drain(now);
        result
    }

    /// RTP of an unknown SSRC: it is taken if it says which stream it is of, and if it opens.
    fn on_stranger(
        &mut self,
        now: Mono,
        path: Path,
        ssrc: Ssrc,
        bytes: &[u8],
    ) -> Result<bool, DatagramError> {
        if !self.connected {
            return Ok(false);
        }
        let Some(trial) = self.lines.try_out(now, &mut self.rtc, ssrc, bytes) else { return Ok(false) };
        let result = receive(&mut self.rtc, self.clock.instant(now), path, bytes);
        self.lines.settle(now, &mut self.rtc, &trial, matches!(result, Ok(true)));
        result
    }

    /// More than STUN may be taken from that address.
    pub(crate) fn validated(&self, now: Mono, path: Path) -> bool {
        validated(&self.rtc, self.clock.instant(now), path)
    }

    /// Time passes.
    pub(crate) fn tick(&mut self, now: Mono) {
        if now < self.deadline {
            return;
        }
        if let Err(e) = self.rtc.handle_input(Input::Timeout(self.clock.instant(now))) {
            tracing::debug!(error = %e, "publisher's transport failed on a timer");
        }
        self.drain(now);
    }

    pub(crate) fn poll(&mut self) -> Option<Heard> {
        self.told.pop_front()
    }

    pub(crate) fn deadline(&self) -> Mono {
        self.deadline
    }

    /// Asks for a key frame of a layer.
    pub(crate) fn ask_key_frame(&mut self, now: Mono, layer: u8) {
        let Some(video) = self.video else { return };
        let rid = self.rids.get(usize::from(layer)).copied();
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(video, rid) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
            self.deadline = now;
            self.tick(now);
        }
    }

    /// Two layers stand the wrong way round: their pictures say so.
    pub(crate) fn swap_layers(&mut self, a: u8, b: u8) {
        let (i, j) = (usize::from(a), usize::from(b));
        if i < self.rids.len() && j < self.rids.len() {
            self.rids.swap(i, j);
        }
        for known in &mut self.known {
            known.stream = match known.stream {
                Stream::Picture(l) if l == a => Stream::Picture(b),
                Stream::Picture(l) if l == b => Stream::Picture(a),
                Stream::Picture(_) | Stream::Sound => known.stream,
            };
        }
    }

    /// Says goodbye; what is polled afterwards carries it.
    pub(crate) fn close(&mut self, now: Mono) {
        if self.rtc.close().is_ok() {
            self.drain(now);
        }
    }

    fn drain(&mut self, now: Mono) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.deadline = self.clock.mono(at);
                    break;
                }
                Ok(Output::Transmit(t)) => self.told.push_back(Heard::Transmit(t)),
                Ok(Output::Event(event)) => self.on_event(now, event),
                Err(e) => {
                    tracing::debug!(error = %e, "publisher's transport failed");
                    self.told.push_back(Heard::Closed(CloseReason::Failed));
                    self.deadline = now + Duration::from_secs(3600);
                    break;
                }
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "str0m's events are open-ended; those not named say nothing here"
    )]
    fn on_event(&mut self, now: Mono, event: Event) {
        match event {
            Event::RtpPacket(packet) => self.on_packet(now, packet),
            Event::Connected => {
                self.connected = true;
                self.told.push_back(Heard::Connected);
            }
            Event::Closed => self.told.push_back(Heard::Closed(CloseReason::Left)),
            Event::SenderFeedback(report) => {
                let us = micros(report.sender_info.ntp_time);
                self.sender.report(now, us);
                let ts = report.sender_info.rtp_time.numer() as u32;
                if let Some(known) =
                    self.known.iter_mut().rev().find(|k| k.mid == report.mid && k.rid == report.rid)
                {
                    known.clock.report(ts, us);
                }
            }
            _ => {}
        }
    }

    fn on_packet(&mut self, now: Mono, packet: RtpPacket) {
        let ssrc = packet.header.ssrc;
        let at = match self.known.iter().position(|k| k.ssrc == ssrc) {
            Some(at) => at,
            None => match self.learn(ssrc) {
                Some(at) => at,
                None => return,
            },
        };
        let known = &self.known[at];
        let ext = &packet.header.ext_vals;
        self.told.push_back(Heard::Packet(Arrived {
            stream: known.stream,
            ssrc: *ssrc,
            seq: *packet.seq_no,
            ts: packet.header.timestamp,
            at: known.clock.captured(&self.sender, packet.header.timestamp, now),
            marker: packet.header.marker,
            level: ext.audio_level.map(|level| (level, ext.voice_activity.unwrap_or(false))),
            payload: packet.payload,
        }));
    }

    fn learn(&mut self, ssrc: Ssrc) -> Option<usize> {
        let (mid, rid) = {
            let mut direct = self.rtc.direct_api();
            let stream = direct.stream_rx(&ssrc)?;
            (stream.mid(), stream.rid())
        };
        let (stream, rate) = if Some(mid) == self.audio {
            (Stream::Sound, 48_000)
        } else if Some(mid) == self.video {
            let layer = match rid {
                Some(rid) => self.rids.iter().position(|r| *r == rid)?,
                None => 0,
            };
            (Stream::Picture(layer as u8), 90_000)
        } else {
            return None;
        };
        if self.known.len() == STREAMS_MAX {
            self.known.remove(0);
        }
        self.known.push(Known { ssrc, mid, rid, stream, clock: StreamClock::new(rate) });
        Some(self.known.len() - 1)
    }
}

fn micros(at: SystemTime) -> i64 {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX / 2),
        Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX / 2),
    }
}
