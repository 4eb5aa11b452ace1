//! What goes to one subscriber, behind a trait: the pure str0m implementation here stays the oracle of faster ones.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use base::Mono;
use media::anchor::{Given, Numbers, Splice};
use media::mix::SOUND_SLOTS;
use media::slots::Slot;
use service::port::hop::{CloseReason, VideoCodec};
use str0m::media::{Mid, Pt};
use str0m::rtp::{ExtensionValues, RtpWrite, SeqNo, Ssrc};
use str0m::{Event, Input, Output, Rtc};

use crate::egress::batch::{Batch, Sound};
use crate::keys::RingKey;
use crate::ring::{KEPT_MAX, Packet, Rings, View};
use crate::sdp::{Kind, Line};
use crate::transport::{Clock, DatagramError, Path, payload_type, receive, validated};

/// What a downlink tells.
pub(crate) enum Told {
    /// A key frame of that ring is wanted: a slot waits for it, or its receiver lost packets.
    KeyFrameWanted(RingKey),
    /// Loss that the receiver reports, in per mille, about once a second.
    Estimate(u16),
    /// ICE and DTLS are done.
    Connected,
    /// The transport is gone.
    Closed(CloseReason),
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyFrameWanted(ring) => write!(f, "KeyFrameWanted({ring:?})"),
            Self::Estimate(loss) => write!(f, "Estimate({loss})"),
            Self::Connected => f.write_str("Connected"),
            Self::Closed(why) => write!(f, "Closed({why:?})"),
        }
    }
}

/// One subscriber.
pub(crate) trait Downlink: Send {
    /// What a slot carries from now on. A picture goes over at the ring's last key frame or its next one; sound at its next packet.
    fn set(&mut self, slot: Slot, ring: Option<RingKey>);
    /// Its line is thin: loss has lowered what it is given.
    fn thin(&mut self, yes: bool);
    /// A datagram under its address. True if only its peer can have sent it; an error never closes it. What answers it is written into `out`.
    fn on_datagram(
        &mut self,
        now: Mono,
        path: Path,
        bytes: &[u8],
        out: &mut Batch,
    ) -> Result<bool, DatagramError>;
    /// More than STUN may be taken from that address.
    fn validated(&self, now: Mono, path: Path) -> bool;
    /// Time passes, and packets that came to the rings go out.
    fn tick(&mut self, now: Mono, rings: &Rings, out: &mut Batch);
    /// What there is to tell, until none.
    fn poll(&mut self) -> Option<Told>;
    /// When [`tick`](Self::tick) is wanted at the latest.
    fn deadline(&self) -> Mono;
    /// Says goodbye to the other side.
    fn close(&mut self, now: Mono, out: &mut Batch);
}

/// RTP clocks.
const VIDEO_RATE: u32 = 90_000;
const AUDIO_RATE: u32 = 48_000;
/// Least steps of a timestamp at a join: 10 ms of picture, 20 ms of sound.
const VIDEO_STEP_MIN: u32 = 900;
const AUDIO_STEP_MIN: u32 = 960;

/// Rings that sound slots read, and the index of the next packet of each.
type Places = [Option<(RingKey, u64)>; SOUND_SLOTS];

/// How a slot goes on with another ring.
#[derive(Debug, Clone, Copy)]
enum Join {
    /// Where the other one is now.
    Present,
    /// With pictures that came before, up to this one; and the present as that one's capture would tell it.
    Past(Numbers, Mono),
}

struct SlotLine {
    slot: Slot,
    mid: Mid,
    ssrc: Ssrc,
    pt: Pt,
    splice: Splice,
    given: Given,
    wanted: Option<RingKey>,
    /// Ring and index of the next packet that comes to it.
    reads: Option<(RingKey, u64)>,
    /// The next packet is the first of its ring.
    joins: Option<Join>,
    /// What the ring has already goes out in parts: numbers that are still to go before those that come.
    start: Option<Range<u64>>,
    /// When it last asked for a key frame.
    asked: Mono,
    /// Packets that had been sent when loss was reported last.
    counted: u64,
    /// What a sound slot sends.
    sound: Option<Sound>,
}

/// The pure str0m downlink: it encrypts, repairs and reports by itself.
pub(crate) struct StrDownlink {
    clock: Clock,
    rtc: Rtc,
    lines: Vec<SlotLine>,
    told: VecDeque<Told>,
    deadline: Mono,
    thin: bool,
    /// Loss of the lines that reported since the last estimate, and when it was told.
    loss: Option<(u16, Mono)>,
}

/// Packets of a second below which one that is lost says nothing.
const LOSS_PACKETS_MIN: u64 = 20;
/// A slot that shows a picture goes over to a key frame of this age at most; one that shows none yet may begin with all that a ring keeps.
const FRESH_MAX: Duration = Duration::from_millis(300);
/// Packets with which a slot may begin; on a thin line.
const START_PACKETS_MAX: u64 = 512;
const START_PACKETS_THIN_MAX: u64 = 64;
/// Those of one tick, and the time between two.
const START_PACKETS_PER_TICK_MAX: u64 = 16;
const START_TICK: Duration = Duration::from_millis(1);
/// How often a slot that waits for a key frame says so.
const ASK_EVERY: Duration = Duration::from_millis(100);

impl StrDownlink {
    pub(crate) fn new(
        clock: Clock,
        now: Mono,
        mut rtc: Rtc,
        offered: &[Line],
        codec: VideoCodec,
        seed: u32,
    ) -> Self {
        let mut lines = Vec::new();
        let (mut audio, mut video) = (0, 0);
        for line in offered.iter().filter(|l| l.used) {
            let slot = match line.kind {
                Kind::Audio => {
                    audio += 1;
                    Slot::Sound(audio - 1)
                }
                Kind::Video => {
                    video += 1;
                    Slot::Video(video - 1)
                }
                Kind::Other => continue,
            };
            let mid = Mid::from(line.mid.as_str());
            let Some(pt) = payload_type(&rtc, mid, line.kind, codec) else { continue };
            let Some(ssrc) = rtc.direct_api().stream_tx_by_mid(mid, None).map(|s| s.ssrc()) else { continue };
            let (rate, step) = match slot {
                Slot::Sound(_) => (AUDIO_RATE, AUDIO_STEP_MIN),
                Slot::Video(_) => (VIDEO_RATE, VIDEO_STEP_MIN),
            };
            let seed = seed.wrapping_mul(0x9e37_79b9).wrapping_add(u32::from(audio + 16 * video));
            lines.push(SlotLine {
                slot,
                mid,
                ssrc,
                pt,
                splice: Splice::new(rate, step, seed as u16 & 0x3fff, seed),
                given: Given::default(),
                wanted: None,
                reads: None,
                joins: None,
                start: None,
                asked: Mono(0),
                counted: 0,
                sound: None,
            });
        }
        Self { clock, rtc, lines, told: VecDeque::new(), deadline: now, thin: false, loss: None }
    }

    /// How far the voices in its slots have gone out.
    fn heard(&self) -> Places {
        let mut places = self.lines.iter().filter(|line| matches!(line.slot, Slot::Sound(_)));
        std::array::from_fn(|_| places.next().and_then(|line| line.reads))
    }

    /// The sound that a datagram of ours carries.
    fn sound_in(&self, datagram: &[u8]) -> Option<Sound> {
        let ssrc = media::datagram::rtp_ssrc(datagram)?;
        let line = self.lines.iter().find(|line| *line.ssrc == ssrc)?;
        line.sound
    }

    fn drain(&mut self, now: Mono, out: &mut Batch) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.deadline = self.clock.mono(at);
                    break;
                }
                Ok(Output::Transmit(t)) => {
                    let path = Path { local: t.source, remote: t.destination };
                    out.push(path, &t.contents, self.sound_in(&t.contents));
                }
                Ok(Output::Event(event)) => self.on_event(now, event),
                Err(e) => {
                    tracing::debug!(error = %e, "subscriber's transport failed");
                    self.told.push_back(Told::Closed(CloseReason::Failed));
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
            Event::Connected => self.told.push_back(Told::Connected),
            Event::Closed => self.told.push_back(Told::Closed(CloseReason::Left)),
            Event::KeyframeRequest(request) => {
                let line = self.lines.iter().find(|l| l.mid == request.mid);
                if let Some((ring, _)) = line.and_then(|l| l.reads) {
                    self.told.push_back(Told::KeyFrameWanted(ring));
                }
            }
            Event::MediaEgressStats(stats) => {
                let Some(line) = self.lines.iter_mut().find(|l| l.mid == stats.mid) else { return };
                let sent = stats.packets.saturating_sub(line.counted);
                line.counted = stats.packets;
                let Some(loss) = stats.loss.filter(|_| sent >= LOSS_PACKETS_MIN) else { return };
                let loss = (loss.clamp(0.0, 1.0) * 1_000.0) as u16;
                let (worst, at) = self.loss.get_or_insert((0, now));
                *worst = (*worst).max(loss);
                if now.since(*at) >= Duration::from_millis(900) {
                    let worst = *worst;
                    self.loss = None;
                    self.told.push_back(Told::Estimate(worst));
                }
            }
            _ => {}
        }
    }
}

impl SlotLine {
    /// Goes over to what is wanted, if it can. True when it waits for a key frame. `heard` says how far which voice was heard in another slot.
    fn go_over(&mut self, now: Mono, rings: &Rings, heard: &Places, thin: bool) -> bool {
        let Some(wanted) = self.wanted else {
            (self.reads, self.start) = (None, None);
            return false;
        };
        let ring = rings.of(wanted);
        let reads = self.reads.filter(|(of, _)| *of == wanted);
        if reads.is_some() && !self.is_outrun(ring) {
            return false;
        }
        let index = match self.slot {
            Slot::Sound(_) => {
                let elsewhere = heard.iter().flatten().find(|(of, _)| *of == wanted);
                elsewhere.map_or(ring.fresh(), |(_, index)| *index)
            }
            Slot::Video(_) => {
                let Some(key) = self.begins(now, ring, thin) else { return true };
                self.start = Some(key..ring.next());
                ring.head()
            }
        };
        self.joins = Some(self.join(now, ring));
        self.reads = Some((wanted, index));
        false
    }

    /// A newer key frame came while it was catching up: what is before that is not worth sending any more, and may be gone.
    fn is_outrun(&self, ring: View<'_>) -> bool {
        let start = self.start.as_ref();
        start.is_some_and(|start| ring.last_key().is_some_and(|key| key > start.start))
    }

    /// Number of the key frame with which a picture begins.
    fn begins(&self, now: Mono, ring: View<'_>, thin: bool) -> Option<u64> {
        let age_max = if self.reads.is_some() { FRESH_MAX } else { KEPT_MAX };
        ring.key(now, age_max, if thin { START_PACKETS_THIN_MAX } else { START_PACKETS_MAX })
    }

    fn join(&self, now: Mono, ring: View<'_>) -> Join {
        let begins = self.reads.is_none() && matches!(self.slot, Slot::Video(_));
        match ring.newest().filter(|_| begins) {
            // It took some time from its capture to here, as the next one will.
            Some(newest) => {
                let present =
                    Mono(newest.numbers.at.0.saturating_add(now.since(newest.arrived).as_micros() as u64));
                Join::Past(newest.numbers, present)
            }
            None => Join::Present,
        }
    }

    /// Numbers of those with which it begins that go out in this tick.
    fn starts_with(&mut self) -> Option<Range<u64>> {
        let Range { start, end } = self.start.take()?;
        let to = end.min(start + START_PACKETS_PER_TICK_MAX);
        self.start = (to < end).then_some(to..end);
        Some(start..to)
    }

    #[inline]
    fn write(&mut self, packet: &Packet, clock: Clock) -> Option<RtpWrite> {
        match self.joins.take() {
            None => {}
            Some(Join::Present) => self.splice.join(&packet.numbers),
            Some(Join::Past(newest, present)) => self.splice.join_past(&packet.numbers, &newest, present),
        }
        let out = self.splice.map(&packet.numbers).filter(|out| self.given.give(out.seq))?;
        let mut write = RtpWrite::new(
            self.pt,
            SeqNo::from(out.seq),
            out.ts,
            clock.instant(out.at),
            packet.payload.clone(),
        )
        .marker(packet.marker)
        .nackable(matches!(self.slot, Slot::Video(_)));
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
        Some(write)
    }
}

impl Downlink for StrDownlink {
    fn set(&mut self, slot: Slot, ring: Option<RingKey>) {
        if let Some(line) = self.lines.iter_mut().find(|l| l.slot == slot) {
            line.wanted = ring;
        }
    }

    fn thin(&mut self, yes: bool) {
        self.thin = yes;
    }

    fn on_datagram(
        &mut self,
        now: Mono,
        path: Path,
        bytes: &[u8],
        out: &mut Batch,
    ) -> Result<bool, DatagramError> {
        let result = receive(&mut self.rtc, self.clock.instant(now), path, bytes);
        self.drain(now, out);
        result
    }

    fn validated(&self, now: Mono, path: Path) -> bool {
        validated(&self.rtc, self.clock.instant(now), path)
    }

    fn tick(&mut self, now: Mono, rings: &Rings, out: &mut Batch) {
        let mut work = now >= self.deadline;
        let (heard, thin) = (self.heard(), self.thin);
        let mut asks_at = None;
        for line in &mut self.lines {
            if line.go_over(now, rings, &heard, thin) {
                if now.since(line.asked) >= ASK_EVERY {
                    line.asked = now;
                    if let Some(ring) = line.wanted {
                        self.told.push_back(Told::KeyFrameWanted(ring));
                    }
                }
                let again = line.asked + ASK_EVERY;
                asks_at = Some(asks_at.map_or(again, |at: Mono| at.min(again)));
            }
            let Some((id, index)) = line.reads else { continue };
            let ring = rings.of(id);
            let sound = matches!(line.slot, Slot::Sound(_));
            line.sound = sound.then(|| Sound { ring: id, generation: ring.generation() });
            let start = line.starts_with();
            if start.is_none() && ring.head() == index {
                continue;
            }
            let mut direct = self.rtc.direct_api();
            let Some(stream) = direct.stream_tx(&line.ssrc) else { continue };
            let first = start.into_iter().flatten().filter_map(|seq| ring.at(seq));
            // What comes follows on what it begins with.
            let then = line.start.is_none().then(|| ring.since(index));
            for packet in first.chain(then.into_iter().flatten()) {
                if let Some(write) = line.write(packet, self.clock) {
                    stream.write_rtp(write);
                }
            }
            if line.start.is_none() {
                line.reads = Some((id, ring.head()));
            }
            work = true;
        }
        if work {
            if let Err(e) = self.rtc.handle_input(Input::Timeout(self.clock.instant(now))) {
                tracing::debug!(error = %e, "subscriber's transport failed on a timer");
            }
            self.drain(now, out);
        }
        if self.lines.iter().any(|line| line.start.is_some()) {
            self.deadline = self.deadline.min(now + START_TICK);
        }
        if let Some(at) = asks_at {
            self.deadline = self.deadline.min(at);
        }
    }

    fn poll(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    fn deadline(&self) -> Mono {
        self.deadline
    }

    fn close(&mut self, now: Mono, out: &mut Batch) {
        if self.rtc.close().is_ok() {
            self.drain(now, out);
        }
    }
}
