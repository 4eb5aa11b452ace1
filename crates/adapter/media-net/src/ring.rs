//! The ring of plaintext packets of one track layer, shared by all its subscribers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use base::Mono;
use media::anchor::Numbers;
use media::switcher::Feed;
use slotmap::SlotMap;
use str0m::rtp::Vp8Descriptor;

use crate::keys::{MeetingKey, RingKey, TrackKey};

/// Packets that a ring keeps at most.
pub(crate) const RING_PACKETS_MAX: usize = 512;
/// How long a key frame and what follows it are kept.
pub(crate) const KEPT_MAX: Duration = Duration::from_secs(2);
/// Packets may be out of order by so many, as they come.
const NEWEST_AMONG: usize = 16;
/// How long packets from before the last key frame are kept: subscribers have read them within a tick.
const BEFORE_KEY_MAX: Duration = Duration::from_millis(250);

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

/// Packets in the order in which they came. An index counts all packets that ever came.
#[derive(Debug)]
pub(crate) struct Ring {
    pub(crate) owner: Owner,
    packets: VecDeque<Packet>,
    /// Index of the first packet that is kept.
    base: u64,
    key: Option<u64>,
    /// Of sound: what came before this index has been offered to all subscribers in a round.
    offered: u64,
}

impl Ring {
    fn new(owner: Owner) -> Self {
        Self { owner, packets: VecDeque::new(), base: 0, key: None, offered: 0 }
    }

    pub(crate) fn push(&mut self, packet: Packet) {
        let now = packet.arrived;
        if packet.key {
            self.key = Some(self.head());
        }
        self.packets.push_back(packet);
        while let Some(first) = self.packets.front() {
            let age = now.since(first.arrived);
            let before_key = self.key.is_some_and(|k| self.base < k);
            if self.packets.len() <= RING_PACKETS_MAX
                && age <= KEPT_MAX
                && !(before_key && age > BEFORE_KEY_MAX)
            {
                break;
            }
            self.packets.pop_front();
            self.base += 1;
        }
    }

    /// Index of the next packet to come.
    #[inline]
    pub(crate) fn head(&self) -> u64 {
        self.base + self.packets.len() as u64
    }

    /// Index of the oldest packet that is kept.
    #[inline]
    pub(crate) fn first(&self) -> u64 {
        self.base
    }

    /// Index of the last key frame, however old.
    #[inline]
    pub(crate) fn last_key(&self) -> Option<u64> {
        self.key
    }

    /// Index of the last key frame, if it is no older than that and no more than `packets_max` have come with it and since.
    pub(crate) fn key(&self, now: Mono, age_max: Duration, packets_max: u64) -> Option<u64> {
        let key = self.key?;
        let packet = self.at(key)?;
        (now.since(packet.arrived) <= age_max && self.head() - key <= packets_max).then_some(key)
    }

    /// The packet of the newest picture that came last.
    pub(crate) fn newest(&self) -> Option<&Packet> {
        self.packets.iter().rev().take(NEWEST_AMONG).reduce(|newest, packet| {
            let later = packet.numbers.ts.wrapping_sub(newest.numbers.ts);
            if (1..1 << 31).contains(&later) { packet } else { newest }
        })
    }

    /// Index from which a subscriber begins that has not heard this sound: what came since the last round over all.
    pub(crate) fn fresh(&self) -> u64 {
        self.offered.max(self.base)
    }

    pub(crate) fn at(&self, index: u64) -> Option<&Packet> {
        self.packets.get(usize::try_from(index.checked_sub(self.base)?).ok()?)
    }

    /// Packets from that index on; of what is gone, the oldest that is kept.
    #[inline]
    pub(crate) fn since(&self, index: u64) -> impl Iterator<Item = &Packet> {
        let skip = usize::try_from(index.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.packets.range(skip.min(self.packets.len())..)
    }

    pub(crate) fn clear(&mut self) {
        self.base = self.head();
        self.packets.clear();
        self.key = None;
    }
}

/// All rings of the node.
#[derive(Debug, Default)]
pub(crate) struct Rings(SlotMap<RingKey, Ring>);

impl Rings {
    pub(crate) fn add(&mut self, owner: Owner) -> RingKey {
        self.0.insert(Ring::new(owner))
    }

    /// Gives a ring back. Nobody reads it any more.
    pub(crate) fn remove(&mut self, ring: RingKey) {
        self.0.remove(ring);
    }

    /// All that a ring holds has been offered to all subscribers, if it is there still.
    pub(crate) fn offered(&mut self, ring: RingKey) {
        if let Some(ring) = self.0.get_mut(ring) {
            ring.offered = ring.head();
        }
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    pub(crate) fn of(&self, id: RingKey) -> &Ring {
        &self.0[id]
    }

    #[inline]
    pub(crate) fn of_mut(&mut self, id: RingKey) -> &mut Ring {
        &mut self.0[id]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(seq: u64, ms: u64, key: bool) -> Packet {
        Packet {
            payload: Arc::from([0_u8; 4]),
            numbers: Numbers { seq, ..Numbers::default() },
            key,
            marker: false,
            level: None,
            vp8: None,
            arrived: Mono::from_millis(ms),
        }
    }

    #[test]
    fn a_ring_keeps_what_follows_its_last_key_frame_and_no_more_than_its_limits() {
        let mut ring = Ring::new(Owner::Sound);
        ring.push(packet(0, 0, true));
        for n in 1..2_000 {
            ring.push(packet(n, n, n == 1_500));
            assert!(ring.packets.len() <= RING_PACKETS_MAX);
        }
        let key = |ring: &Ring, ms| ring.key(Mono::from_millis(ms), KEPT_MAX, 500);
        assert_eq!(key(&ring, 2_000), Some(1_500));
        assert_eq!(key(&ring, 3_501), None);
        assert_eq!(ring.key(Mono::from_millis(2_000), KEPT_MAX, 499), None);
        for n in 2_000..2_300 {
            ring.push(packet(n, 2_000 + n, false));
        }
        assert_eq!(key(&ring, 4_300), None);
    }

    #[test]
    fn a_reader_that_was_away_goes_on_with_the_oldest_packet_kept() {
        let mut ring = Ring::new(Owner::Sound);
        for n in 0..1_000 {
            ring.push(packet(n, n, false));
        }
        assert_eq!(ring.since(0).next().unwrap().numbers.seq, 1_000 - RING_PACKETS_MAX as u64);
        assert_eq!(ring.since(998).count(), 2);
        assert_eq!(ring.since(5_000).count(), 0);
    }
}
