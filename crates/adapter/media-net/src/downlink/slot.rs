//! What one slot of a subscriber reads: which ring, from where on, and under which numbers it goes out.

use std::ops::Range;
use std::time::Duration;

use base::Mono;
use media::anchor::{Numbers, Splice};
use media::given::{Given, Index};
use media::mix::SOUND_SLOTS;
use media::slots::Slot;

use crate::keys::RingKey;
use crate::ring::{KEPT_MAX, Packet, Rings, View};

/// RTP clocks.
const VIDEO_RATE: u32 = 90_000;
const AUDIO_RATE: u32 = 48_000;
/// Least steps of a timestamp at a join: 10 ms of picture, 20 ms of sound.
const VIDEO_STEP_MIN: u32 = 900;
const AUDIO_STEP_MIN: u32 = 960;
/// A slot that shows a picture goes over to a key frame of this age at most; one that shows none yet may begin with all that a ring keeps.
const FRESH_MAX: Duration = Duration::from_millis(300);
/// Packets with which a slot may begin; on a thin line.
const START_PACKETS_MAX: u64 = 512;
const START_PACKETS_THIN_MAX: u64 = 64;
/// How often a slot that waits for a key frame says so.
pub(super) const ASK_EVERY: Duration = Duration::from_millis(100);

/// Rings that sound slots read, and the index of the next packet of each.
pub(super) type Places = [Option<(RingKey, u64)>; SOUND_SLOTS];

/// How a slot goes on with another ring.
#[derive(Debug, Clone, Copy)]
enum Join {
    /// Where the other one is now.
    Present,
    /// With pictures that came before, up to this one; and the present as that one's capture would tell it.
    Past(Numbers, Mono),
}

/// A slot, and how far it is.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) slot: Slot,
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
}

impl Reader {
    /// A slot that reads nothing yet, and sends under that SSRC.
    pub(super) fn new(slot: Slot, ssrc: u32, seed: u32) -> Self {
        let (rate, step) = match slot {
            Slot::Sound(_) => (AUDIO_RATE, AUDIO_STEP_MIN),
            Slot::Video(_) => (VIDEO_RATE, VIDEO_STEP_MIN),
        };
        Self {
            slot,
            splice: Splice::new(rate, step, seed as u16 & 0x3fff, seed),
            given: Given::new(ssrc),
            wanted: None,
            reads: None,
            joins: None,
            start: None,
            asked: Mono(0),
        }
    }

    /// What it is to carry. A picture goes over at the ring's last key frame or its next one; sound at its next packet.
    pub(super) fn set(&mut self, ring: Option<RingKey>) {
        self.wanted = ring;
    }

    pub(super) fn is_sound(&self) -> bool {
        matches!(self.slot, Slot::Sound(_))
    }

    /// The ring that it reads, and the index of the next packet that comes to it.
    pub(super) fn reads(&self) -> Option<(RingKey, u64)> {
        self.reads
    }

    /// Goes over to what is wanted, if it can; a ring of which a key frame is to be asked for, and when it asks again if it waits for one.
    /// `heard` says how far which voice was heard in another slot.
    pub(super) fn go_over(
        &mut self,
        now: Mono,
        rings: &Rings,
        heard: &Places,
        thin: bool,
    ) -> (Option<RingKey>, Option<Mono>) {
        if !self.waits(now, rings, heard, thin) {
            return (None, None);
        }
        let asks = now.since(self.asked) >= ASK_EVERY;
        if asks {
            self.asked = now;
        }
        (self.wanted.filter(|_| asks), Some(self.asked + ASK_EVERY))
    }

    /// Goes over to what is wanted, if it can. True when it waits for a key frame.
    fn waits(&mut self, now: Mono, rings: &Rings, heard: &Places, thin: bool) -> bool {
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
                let Some(key) = self.key(now, ring, thin) else { return true };
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
    fn key(&self, now: Mono, ring: View<'_>, thin: bool) -> Option<u64> {
        let age_max = if self.reads.is_some() { FRESH_MAX } else { KEPT_MAX };
        ring.key(now, age_max, if thin { START_PACKETS_THIN_MAX } else { START_PACKETS_MAX })
    }

    fn join(&self, now: Mono, ring: View<'_>) -> Join {
        let begins = self.reads.is_none() && !self.is_sound();
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

    /// What goes out now, in its order, of which there is no more than `room`; none if that is nothing.
    #[inline]
    pub(super) fn turn<'a>(
        &mut self,
        rings: &'a Rings,
        room: &mut usize,
    ) -> Option<impl Iterator<Item = &'a Packet> + use<'a>> {
        let (id, index) = self.reads?;
        let ring = rings.of(id);
        let start = self.starts_with(room);
        // What comes follows on what it begins with.
        let index = index.max(ring.first());
        let waiting = if self.start.is_none() { ring.head() - index } else { 0 };
        let count = usize::try_from(waiting).unwrap_or(usize::MAX).min(*room);
        if start.is_none() && count == 0 {
            return None;
        }
        *room -= count;
        self.reads = Some((id, index + count as u64));
        let first = start.into_iter().flatten().filter_map(move |seq| ring.at(seq));
        Some(first.chain(ring.since(index).take(count)))
    }

    /// There is more in its ring than went out.
    pub(super) fn has_more(&self, rings: &Rings) -> bool {
        self.start.is_some() || self.reads.is_some_and(|(id, index)| rings.of(id).head() > index)
    }

    /// Numbers of those with which it begins that go out in this turn.
    fn starts_with(&mut self, room: &mut usize) -> Option<Range<u64>> {
        let Range { start, end } = self.start.take()?;
        let to = end.min(start + *room as u64);
        *room -= (to - start) as usize;
        self.start = (to < end).then_some(to..end);
        Some(start..to)
    }

    /// Numbers with which a packet of its turn goes out, and the one that it is sealed under; none if it is not to go out.
    #[inline]
    pub(super) fn number(&mut self, packet: &Packet) -> Option<(Numbers, Index)> {
        match self.joins.take() {
            None => {}
            Some(Join::Present) => self.splice.join(&packet.numbers),
            Some(Join::Past(newest, present)) => self.splice.join_past(&packet.numbers, &newest, present),
        }
        let out = self.splice.map(&packet.numbers)?;
        let index = self.given.give(out.seq)?;
        Some((out, index))
    }

    /// The packet that went out under a number that ends in these bits, and its numbers then; none if it is gone, is not of this ring, or is
    /// sound, which is never sent again.
    pub(super) fn sent<'a>(&mut self, low: u16, rings: &'a Rings) -> Option<(&'a Packet, Numbers)> {
        let (id, _) = self.reads.filter(|_| !self.is_sound() && self.joins.is_none())?;
        let number = self.given.find(low)?;
        let packet = rings.of(id).at(self.splice.source_of(number)?)?;
        let out = self.splice.map(&packet.numbers)?;
        (out.seq == number).then_some((packet, out))
    }

    /// The last numbers that went out.
    pub(super) fn last(&self) -> Option<&Numbers> {
        self.splice.last()
    }

    /// RTP timestamp of that moment, as the last packet and its time of capture have it; none before the first.
    pub(super) fn timestamp(&self, now: Mono) -> Option<u32> {
        let last = self.last()?;
        let rate = if self.is_sound() { AUDIO_RATE } else { VIDEO_RATE };
        let ticks = |micros: u64| (u128::from(micros) * u128::from(rate) / 1_000_000) as u32;
        Some(
            last.ts
                .wrapping_add(ticks(now.0.saturating_sub(last.at.0)))
                .wrapping_sub(ticks(last.at.0.saturating_sub(now.0))),
        )
    }
}
