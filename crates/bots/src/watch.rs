//! A WHEP session: counts what each slot carries, and from whose clip it is.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use base::Mono;
use str0m::Event;
use str0m::format::Codec as Format;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid};
use str0m::rtp::{RtpPacket, Ssrc};
use wire::Codec;

use crate::bot::BotError;
use crate::clip::Coding;
use crate::delay::{self, Delays};
use crate::origin::{Origin, origin};
use crate::packet;
use crate::peer::Peer;

/// Lines of each kind that a hall screen offers: v0 to v2, a0 to a3.
pub const HALL: Lines = Lines { video: 3, audio: 4 };
/// Lines of a plain player.
pub const PLAIN: Lines = Lines { video: 1, audio: 1 };

/// A slot without a key frame asks for one this often, as a decoder does.
const ASK_AGAIN_US: u64 = 500_000;
/// Streams told apart in one session.
const STREAMS_MAX: usize = 256;

/// How many receiving lines of each kind are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    /// Of video.
    pub video: u8,
    /// Of audio.
    pub audio: u8,
}

/// Which slot: the index counts the lines of its kind, so `Video(0)` is v0, the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// v0, v1 …
    Video(u8),
    /// a0, a1 …
    Audio(u8),
}

/// What a slot has carried since its session opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlotCount {
    /// RTP packets with a payload, repaired ones included.
    pub packets: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// Frames whose last packet came.
    pub frames: u64,
    /// Key frames whose first packet came.
    pub key_frames: u64,
    /// Times that the sequence jumped.
    pub gaps: u64,
    /// Packets that are missing now: neither came nor were repaired.
    pub missing: u64,
    /// When the first packet came.
    pub first_at: Option<Mono>,
    /// When the first key frame came.
    pub first_key_at: Option<Mono>,
    /// When the last packet came.
    pub last_at: Option<Mono>,
    /// Whose clip the last known payload was from.
    pub last: Option<Origin>,
    /// Since when that venue and camera position.
    pub since: Option<Mono>,
    /// When the last packet of the first frame from there came.
    pub whole_at: Option<Mono>,
    /// From the sending of the bench's frames to the arrival of their last packet, where sender and watcher have one clock.
    pub delays: Delays,
    /// Packets by origin.
    pub origins: BTreeMap<Origin, u64>,
    /// Packets that are from no clip: silence, the slate, a browser.
    pub unknown: u64,
    first_sequence: u64,
    highest: Option<u64>,
    key_time: Option<u32>,
    asked_at: Option<Mono>,
}

/// A watching session.
#[derive(Debug)]
pub(crate) struct Watcher {
    pub(crate) peer: Peer,
    mids: Vec<(Mid, Slot)>,
    streams: BTreeMap<u32, Slot>,
    connected: bool,
    pub(crate) slots: BTreeMap<Slot, SlotCount>,
}

/// A slot carries another venue or camera position than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) slot: Slot,
    pub(crate) origin: Origin,
}

impl Watcher {
    /// The watcher and its offer.
    pub(crate) fn open(now: Mono, local: SocketAddr, lines: Lines) -> Result<(Self, String), BotError> {
        // Both codecs are offered: the meeting decides.
        let mut peer = Peer::new(now, local, &[Codec::Vp8, Codec::H264])?;
        let (offer, mids) = peer.offer(|api| {
            let mut line = |kind| api.add_media(kind, Direction::RecvOnly, None, None, None);
            let mut mids: Vec<(Mid, Slot)> =
                (0..lines.video).map(|i| (line(MediaKind::Video), Slot::Video(i))).collect();
            mids.extend((0..lines.audio).map(|i| (line(MediaKind::Audio), Slot::Audio(i))));
            mids
        })?;
        let slots = mids.iter().map(|(_, slot)| (*slot, SlotCount::default())).collect();
        Ok((Self { peer, mids, streams: BTreeMap::new(), connected: false, slots }, offer))
    }

    pub(crate) const fn connected(&self) -> bool {
        self.connected
    }

    /// After every input: counts what came. Says whether the peer closed.
    #[expect(clippy::wildcard_enum_match_arm, reason = "str0m's enum; a watcher needs no other event")]
    pub(crate) fn advance(&mut self, now: Mono, hear: &mut impl FnMut(Changed)) -> bool {
        let mut closed = false;
        while let Some(event) = self.peer.next_event() {
            match event {
                Event::Connected => self.connected = true,
                Event::RtpPacket(packet) => {
                    if let Some(changed) = self.count(now, &packet) {
                        hear(changed);
                    }
                }
                Event::Closed => closed = true,
                _ => {}
            }
        }
        closed
    }

    fn count(&mut self, now: Mono, packet: &RtpPacket) -> Option<Changed> {
        if packet.payload.is_empty() {
            return None;
        }
        let slot = self.slot(packet.header.ssrc)?;
        let coding = self.coding(packet)?;
        let count = self.slots.get_mut(&slot)?;
        count.sequence(*packet.seq_no);
        count.packets += 1;
        count.bytes += packet.payload.len() as u64;
        count.frames += u64::from(packet.header.marker);
        count.first_at.get_or_insert(now);
        count.last_at = Some(now);
        let key = match coding {
            Coding::Vp8 => packet::vp8_begins_key(&packet.payload),
            Coding::H264 => packet::h264_begins_key(&packet.payload),
            Coding::Opus => false,
        };
        // Parameter sets and picture of an H.264 key frame come in packets of one time.
        if key && count.key_time.replace(packet.header.timestamp) != Some(packet.header.timestamp) {
            count.key_frames += 1;
            count.first_key_at.get_or_insert(now);
        }
        let changed = count.origin(now, origin(coding, &packet.payload));
        if packet.header.marker && count.last.is_some() {
            count.whole_at.get_or_insert(now);
        }
        if let Some(sent) = delay::sent_at(&packet.payload).filter(|_| packet.header.marker) {
            count.delays.note(sent, now);
        }
        if matches!(slot, Slot::Video(_)) && count.wants_key_frame(now) {
            let ssrc = packet.header.ssrc;
            if let Some(stream) = self.peer.rtc.direct_api().stream_rx(&ssrc) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
        changed.map(|origin| Changed { slot, origin })
    }

    fn slot(&mut self, ssrc: Ssrc) -> Option<Slot> {
        if let Some(slot) = self.streams.get(&*ssrc) {
            return Some(*slot);
        }
        let mid = self.peer.rtc.direct_api().stream_rx(&ssrc)?.mid();
        let slot = self.mids.iter().find(|(m, _)| *m == mid)?.1;
        if self.streams.len() < STREAMS_MAX {
            self.streams.insert(*ssrc, slot);
        }
        Some(slot)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "str0m's enum; nothing else was offered")]
    fn coding(&self, packet: &RtpPacket) -> Option<Coding> {
        let pt = packet.header.payload_type;
        let params = self.peer.rtc.codec_config().params();
        match params.iter().find(|p| p.pt() == pt)?.spec().codec {
            Format::Vp8 => Some(Coding::Vp8),
            Format::H264 => Some(Coding::H264),
            Format::Opus => Some(Coding::Opus),
            _ => None,
        }
    }
}

impl SlotCount {
    fn sequence(&mut self, sequence: u64) {
        let highest = *self.highest.get_or_insert(sequence);
        if self.packets == 0 {
            self.first_sequence = sequence;
        }
        if sequence > highest {
            self.gaps += u64::from(sequence > highest + 1);
            self.missing += sequence - highest - 1;
            self.highest = Some(sequence);
        } else if sequence < highest && sequence > self.first_sequence {
            self.missing = self.missing.saturating_sub(1);
        }
    }

    fn origin(&mut self, now: Mono, origin: Option<Origin>) -> Option<Origin> {
        let Some(origin) = origin else {
            self.unknown += 1;
            return None;
        };
        *self.origins.entry(origin).or_insert(0) += 1;
        let place = |o: Origin| (o.number, o.camera);
        let changed = self.last.map(place) != Some(place(origin));
        self.last = Some(origin);
        if changed {
            self.since = Some(now);
            self.whole_at = None;
        }
        changed.then_some(origin)
    }

    fn wants_key_frame(&mut self, now: Mono) -> bool {
        let wants = self.key_frames == 0 && self.asked_at.is_none_or(|at| now.0 >= at.0 + ASK_AGAIN_US);
        if wants {
            self.asked_at = Some(now);
        }
        wants
    }
}
