//! Rings of plaintext packets: one for each layer of a track and for each voice, shared by all its subscribers.
//!
//! A ring is addressed by sequence number, so that a repair is found and who joins begins with the key frame's first packet whatever order
//! the network made of it. Beside that it knows in which order packets came: who follows it sends them on in that. Its slots point into
//! one slab, and none is kept twice.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use base::Mono;
use media::anchor::Numbers;
use media::switcher::Feed;
use slotmap::SlotMap;
use str0m::rtp::Vp8Descriptor;

use crate::egress::batch::Sound;
use crate::keys::{MeetingKey, PacketKey, RingKey, TrackKey};

/// Sequence numbers that a ring spans at most.
pub(crate) const SPAN_MAX: u64 = 1_024;
/// Those that it has room for at first; it grows by doubling.
const SPAN_MIN: usize = 64;
/// Numbers that jump by more than this are those of a source that begins anew.
const JUMP_MAX: u64 = 512;
/// How long packets are kept.
pub(crate) const KEPT_MAX: Duration = Duration::from_secs(2);
/// Packets may be out of order by so many, as they come.
const NEWEST_AMONG: usize = 16;

/// A packet as it is forwarded: the payload is shared, the numbers are the ring's own.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) payload: Arc<[u8]>,
    pub(crate) numbers: Numbers,
    /// A key frame begins here; every packet of sound is one.
    pub(crate) key: bool,
    pub(crate) marker: bool,
    /// -dBov and voice activity, for sound.
    pub(crate) level: Option<(i8, bool)>,
    /// Where the picture numbers stand in a VP8 payload.
    pub(crate) vp8: Option<Vp8Descriptor>,
    /// When it came.
    pub(crate) arrived: Mono,
}

/// Whose ring it is: who is asked for a key frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A source's layer.
    Source(Feed<TrackKey>),
    /// A layer of the programme of that meeting.
    Programme(MeetingKey, u8),
    /// Sound.
    Sound,
}

/// Packets of the last two seconds. An index counts all packets that ever came, in the order in which they did.
#[derive(Debug)]
struct Ring {
    owner: Owner,
    /// Where the packet of each number lies, by the number's lowest bits.
    slots: Vec<Option<PacketKey>>,
    /// The numbers that are kept, in the order in which they came.
    arrivals: VecDeque<u64>,
    /// Index of the first of them.
    base: u64,
    /// One above the highest number.
    next: u64,
    /// Number of the first packet of the last key frame.
    key: Option<u64>,
    /// What sound came before this index has been offered to all subscribers in a round.
    offered: u64,
    /// Something came since the last round.
    news: bool,
    /// How often its packets were taken away.
    generation: u32,
}

type Slab = SlotMap<PacketKey, Packet>;

impl Ring {
    fn new(owner: Owner) -> Self {
        Self {
            owner,
            slots: Vec::new(),
            arrivals: VecDeque::new(),
            base: 0,
            next: 0,
            key: None,
            offered: 0,
            news: false,
            generation: 0,
        }
    }

    /// Takes a packet; one that is there already, or is older than what a ring spans, is dropped.
    fn push(&mut self, slab: &mut Slab, packet: Packet) {
        let (seq, now) = (packet.numbers.seq, packet.arrived);
        if seq >= self.next + JUMP_MAX {
            self.clear(slab);
        } else if seq + SPAN_MAX < self.next || self.at(slab, seq).is_some() {
            return;
        }
        while let Some(first) = self.oldest(slab)
            && now.since(slab[first].arrived) > KEPT_MAX
        {
            self.drop_oldest(slab);
        }
        self.make_room(slab, seq);
        if packet.key && self.key.is_none_or(|key| key < seq) {
            self.key = Some(seq);
        }
        let slot = self.slot(seq);
        self.slots[slot] = Some(slab.insert(packet));
        self.arrivals.push_back(seq);
        self.next = self.next.max(seq + 1);
    }

    fn slot(&self, seq: u64) -> usize {
        seq as usize & (self.slots.len() - 1)
    }

    /// Frees the slot of a number, by growing while that is allowed.
    fn make_room(&mut self, slab: &mut Slab, seq: u64) {
        if self.slots.is_empty() {
            self.slots.resize(SPAN_MIN, None);
        }
        while self.slots[self.slot(seq)].is_some() {
            if (self.slots.len() as u64) < SPAN_MAX {
                self.grow(slab);
            } else {
                self.drop_oldest(slab);
            }
        }
    }

    fn grow(&mut self, slab: &Slab) {
        let slots = vec![None; self.slots.len() * 2];
        for packet in std::mem::replace(&mut self.slots, slots).into_iter().flatten() {
            let slot = self.slot(slab[packet].numbers.seq);
            self.slots[slot] = Some(packet);
        }
    }

    fn oldest(&self, slab: &Slab) -> Option<PacketKey> {
        self.find(slab, *self.arrivals.front()?)
    }

    fn drop_oldest(&mut self, slab: &mut Slab) {
        let Some(seq) = self.arrivals.pop_front() else { return };
        self.base += 1;
        let slot = self.slot(seq);
        if let Some(packet) = self.slots[slot].take() {
            slab.remove(packet);
        }
    }

    fn find(&self, slab: &Slab, seq: u64) -> Option<PacketKey> {
        let packet = (*self.slots.get(seq as usize & self.slots.len().wrapping_sub(1))?)?;
        (slab[packet].numbers.seq == seq).then_some(packet)
    }

    fn at<'a>(&self, slab: &'a Slab, seq: u64) -> Option<&'a Packet> {
        self.find(slab, seq).map(|packet| &slab[packet])
    }

    /// Index of the next packet to come.
    fn head(&self) -> u64 {
        self.base + self.arrivals.len() as u64
    }

    fn clear(&mut self, slab: &mut Slab) {
        while !self.arrivals.is_empty() {
            self.drop_oldest(slab);
        }
        self.key = None;
    }
}

/// A ring, to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    ring: &'a Ring,
    slab: &'a Slab,
}

impl<'a> View<'a> {
    pub(crate) fn owner(self) -> Owner {
        self.ring.owner
    }

    /// How often its packets were taken away.
    pub(crate) fn generation(self) -> u32 {
        self.ring.generation
    }

    /// Index of the next packet to come.
    #[inline]
    pub(crate) fn head(self) -> u64 {
        self.ring.head()
    }

    /// Index of the first packet that is kept.
    pub(crate) fn first(self) -> u64 {
        self.ring.base
    }

    /// One above the highest number.
    pub(crate) fn next(self) -> u64 {
        self.ring.next
    }

    /// Number with which the last key frame begins, however old.
    #[inline]
    pub(crate) fn last_key(self) -> Option<u64> {
        self.ring.key
    }

    /// Number with which the last key frame begins, if that is no older than `age_max` and no more than `packets_max` come from there on.
    pub(crate) fn key(self, now: Mono, age_max: Duration, packets_max: u64) -> Option<u64> {
        let key = self.ring.key?;
        let packet = self.at(key)?;
        (now.since(packet.arrived) <= age_max && self.ring.next - key <= packets_max).then_some(key)
    }

    /// The packet of the newest picture that came last.
    pub(crate) fn newest(self) -> Option<&'a Packet> {
        let last = self.ring.arrivals.iter().rev().take(NEWEST_AMONG).filter_map(|seq| self.at(*seq));
        last.reduce(|newest, packet| {
            let later = packet.numbers.ts.wrapping_sub(newest.numbers.ts);
            if (1..1 << 31).contains(&later) { packet } else { newest }
        })
    }

    /// Index from which a subscriber begins that has not heard this sound: what came since the last round over all.
    pub(crate) fn fresh(self) -> u64 {
        self.ring.offered.max(self.ring.base)
    }

    /// The packet of that number.
    #[inline]
    pub(crate) fn at(self, seq: u64) -> Option<&'a Packet> {
        self.ring.at(self.slab, seq)
    }

    /// Packets from that number on, in the order of their numbers, without those that did not come.
    pub(crate) fn from(self, seq: u64) -> impl Iterator<Item = &'a Packet> {
        (seq.max(self.ring.next.saturating_sub(SPAN_MAX))..self.ring.next).filter_map(move |seq| self.at(seq))
    }

    /// Packets from that index on, in the order in which they came; of what is gone, from the oldest that is kept.
    #[inline]
    pub(crate) fn since(self, index: u64) -> impl Iterator<Item = &'a Packet> {
        let skip = usize::try_from(index.saturating_sub(self.ring.base)).unwrap_or(usize::MAX);
        let arrivals = self.ring.arrivals.range(skip.min(self.ring.arrivals.len())..);
        arrivals.filter_map(move |seq| self.at(*seq))
    }
}

/// All rings of the node.
#[derive(Debug, Default)]
pub(crate) struct Rings {
    rings: SlotMap<RingKey, Ring>,
    slab: Slab,
    /// Rings of sound that something came to since the last round, and those of pictures.
    sound: Vec<RingKey>,
    pictures: Vec<RingKey>,
}

impl Rings {
    pub(crate) fn add(&mut self, owner: Owner) -> RingKey {
        self.rings.insert(Ring::new(owner))
    }

    /// Gives a ring back. Nobody reads it any more.
    pub(crate) fn remove(&mut self, ring: RingKey) {
        self.clear(ring);
        self.rings.remove(ring);
    }

    /// Puts a packet into a ring.
    pub(crate) fn push(&mut self, id: RingKey, packet: Packet) {
        let ring = &mut self.rings[id];
        ring.push(&mut self.slab, packet);
        if !std::mem::replace(&mut ring.news, true) {
            match ring.owner {
                Owner::Sound => self.sound.push(id),
                Owner::Source(_) | Owner::Programme(..) => self.pictures.push(id),
            }
        }
    }

    /// Takes all packets out of a ring, if it is there still.
    pub(crate) fn clear(&mut self, ring: RingKey) {
        if let Some(ring) = self.rings.get_mut(ring) {
            ring.clear(&mut self.slab);
            ring.generation = ring.generation.wrapping_add(1);
        }
    }

    /// Sound that left its ring before that was cleared, or given back.
    pub(crate) fn is_past(&self, sound: Sound) -> bool {
        self.rings.get(sound.ring).is_none_or(|ring| ring.generation != sound.generation)
    }

    /// Something came since the last round.
    pub(crate) fn has_news(&self) -> bool {
        !self.sound.is_empty() || !self.pictures.is_empty()
    }

    /// Rings of sound that something came to since the last round; it is offered to all once that is [said](Self::offered).
    pub(crate) fn sound(&self) -> &[RingKey] {
        &self.sound
    }

    /// All sound has been offered to all subscribers.
    pub(crate) fn offered(&mut self) {
        for ring in self.sound.drain(..) {
            if let Some(ring) = self.rings.get_mut(ring) {
                ring.offered = ring.head();
                ring.news = false;
            }
        }
    }

    /// Rings of pictures that something came to since this was asked last.
    pub(crate) fn take_pictures(&mut self) -> impl Iterator<Item = RingKey> {
        let rings = &mut self.rings;
        self.pictures.drain(..).inspect(|ring| {
            if let Some(ring) = rings.get_mut(*ring) {
                ring.news = false;
            }
        })
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.rings.len()
    }

    #[inline]
    pub(crate) fn of(&self, id: RingKey) -> View<'_> {
        View { ring: &self.rings[id], slab: &self.slab }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring, and what comes to it.
    struct Tried {
        rings: Rings,
        ring: RingKey,
    }

    impl Tried {
        fn new() -> Self {
            let mut rings = Rings::default();
            let ring = rings.add(Owner::Sound);
            Self { rings, ring }
        }

        fn push(&mut self, seq: u64, ms: u64, key: bool) {
            self.rings.push(self.ring, packet(seq, ms, key, 4));
        }

        fn view(&self) -> View<'_> {
            self.rings.of(self.ring)
        }

        fn from(&self, seq: u64) -> Vec<u64> {
            self.view().from(seq).map(|packet| packet.numbers.seq).collect()
        }

        fn since(&self, index: u64) -> Vec<u64> {
            self.view().since(index).map(|packet| packet.numbers.seq).collect()
        }
    }

    fn packet(seq: u64, ms: u64, key: bool, bytes: usize) -> Packet {
        Packet {
            payload: vec![0; bytes].into(),
            numbers: Numbers { seq, ..Numbers::default() },
            key,
            marker: false,
            level: None,
            vp8: None,
            arrived: Mono::from_millis(ms),
        }
    }

    #[test]
    fn a_ring_keeps_two_seconds_and_no_more_numbers_than_its_limit() {
        let mut tried = Tried::new();
        for n in 0..4_000 {
            tried.push(n, n, n == 1_500);
            assert!(tried.rings.slab.len() as u64 <= SPAN_MAX);
        }
        assert_eq!(tried.from(0).len() as u64, SPAN_MAX);
        tried.push(4_000, 3_999 + 1_500, false);
        assert_eq!(tried.from(0), (3_499..=4_000).collect::<Vec<_>>());
        assert_eq!(tried.rings.slab.len(), 502);
        tried.rings.remove(tried.ring);
        assert_eq!(tried.rings.slab.len(), 0);
    }

    #[test]
    fn a_key_frame_marks_where_to_begin_while_it_is_young_and_near() {
        let mut tried = Tried::new();
        (0..300).for_each(|n| tried.push(n, n, n == 100));
        let key = |ms, packets| tried.view().key(Mono::from_millis(ms), KEPT_MAX, packets);
        assert_eq!(key(300, 200), Some(100));
        assert_eq!(key(300, 199), None);
        assert_eq!(key(2_101, 200), None);
        assert_eq!(tried.view().last_key(), Some(100));
    }

    #[test]
    fn what_came_out_of_order_is_read_as_it_came_and_begun_with_by_number() {
        let mut tried = Tried::new();
        for seq in [5, 6, 9, 8, 7, 7, 11, 10] {
            tried.push(seq, seq, seq == 8);
        }
        assert_eq!(tried.since(0), [5, 6, 9, 8, 7, 11, 10]);
        assert_eq!(tried.since(4), [7, 11, 10]);
        assert!(tried.since(99).is_empty());
        assert_eq!(tried.from(8), [8, 9, 10, 11]);
        assert_eq!(tried.view().last_key(), Some(8));
        // A key frame that is repaired late is not the last one.
        tried.push(4, 12, true);
        assert_eq!((tried.view().last_key(), tried.from(0)), (Some(8), (4..=11).collect()));
    }

    #[test]
    fn numbers_that_jump_begin_anew_and_what_is_long_gone_is_not_taken() {
        let mut tried = Tried::new();
        (0..100).for_each(|n| tried.push(n, n, n == 0));
        tried.push(100 + JUMP_MAX - 1, 100, false);
        assert_eq!(tried.from(0).len(), 101);
        tried.push(100 + 2 * JUMP_MAX, 101, false);
        assert_eq!((tried.from(0), tried.view().last_key()), (vec![100 + 2 * JUMP_MAX], None));
        tried.push(101, 102, false);
        assert_eq!(tried.from(0), [101, 100 + 2 * JUMP_MAX]);
        tried.push(100, 103, true);
        assert_eq!(tried.from(0), [101, 100 + 2 * JUMP_MAX]);
    }

    #[test]
    fn a_reader_that_was_away_goes_on_with_the_oldest_packet_kept() {
        let mut tried = Tried::new();
        (0..1_500).for_each(|n| tried.push(n, n, false));
        assert_eq!(tried.since(0)[0], 1_500 - SPAN_MAX);
        assert_eq!(tried.since(1_498), [1_498, 1_499]);
    }

    #[test]
    fn the_rings_of_300_venues_with_two_layers_fit_into_64_mib() {
        let mut rings = Rings::default();
        // 640×360 at 25 pictures a second in two layers, 100 and 400 kbit/s: 12 and 46 packets a second of 1,060 bytes.
        for _ in 0..300 {
            for packets in [12_u64, 46] {
                let ring = rings.add(Owner::Sound);
                (0..packets * 3)
                    .for_each(|n| rings.push(ring, packet(n, n * 1_000 / packets, n % packets == 0, 1_060)));
            }
        }
        let kept: usize = rings.slab.values().map(|packet| packet.payload.len() + 16).sum();
        let slab = rings.slab.capacity() * (size_of::<Packet>() + 8);
        let tables =
            |ring: &Ring| ring.slots.capacity() * 8 + ring.arrivals.capacity() * 8 + size_of::<Ring>();
        let bytes = kept + slab + rings.rings.values().map(tables).sum::<usize>();
        assert!(bytes < 64 << 20, "{bytes} bytes");
    }
}
