//! Packets that are sent again: how many a line bears, and none too often.

use std::collections::VecDeque;
use std::time::Duration;

use base::Mono;

/// For four bytes that are sent, one may be sent again.
const SHARE: usize = 4;
/// Bytes that may be sent again at once, and at first.
const BYTES_MAX: usize = 64 << 10;
const BYTES_FIRST: usize = 32 << 10;
/// Times that one packet is sent again within a round trip.
const TIMES_MAX: usize = 2;
/// Those that are remembered.
const RECENT_MAX: usize = 256;
/// The time there and back, before it is known; and the least that is believed.
const TRIP: Duration = Duration::from_millis(100);
const TRIP_MIN: Duration = Duration::from_millis(10);

/// What one stream may send again.
#[derive(Debug)]
pub(super) struct Repairs {
    bytes: usize,
    recent: VecDeque<(u64, Mono)>,
}

impl Default for Repairs {
    fn default() -> Self {
        Self { bytes: BYTES_FIRST, recent: VecDeque::new() }
    }
}

impl Repairs {
    /// So many bytes were sent for the first time.
    #[inline]
    pub(super) fn earn(&mut self, bytes: usize) {
        self.bytes = (self.bytes + bytes / SHARE).min(BYTES_MAX);
    }

    /// The packet of that number may be sent again, and is.
    pub(super) fn spend(&mut self, now: Mono, number: u64, bytes: usize, trip: Option<Duration>) -> bool {
        let trip = trip.unwrap_or(TRIP).max(TRIP_MIN);
        while self.recent.front().is_some_and(|(_, at)| now.since(*at) > trip)
            || self.recent.len() >= RECENT_MAX
        {
            self.recent.pop_front();
        }
        let times = self.recent.iter().filter(|(again, _)| *again == number).count();
        if times >= TIMES_MAX || self.bytes < bytes {
            return false;
        }
        self.bytes -= bytes;
        self.recent.push_back((number, now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: usize = 1_000;

    #[test]
    fn a_quarter_of_what_is_sent_may_be_sent_again() {
        let mut repairs = Repairs::default();
        let (mut sent, mut again) = (0, 0);
        for number in 0..10_000 {
            repairs.earn(PACKET);
            sent += PACKET;
            for _ in 0..3 {
                let spends = repairs.spend(Mono::from_millis(number * 5), number, PACKET, None);
                again += if spends { PACKET } else { 0 };
            }
        }
        assert!(again <= sent / SHARE + BYTES_FIRST, "{again}");
        assert!(again >= sent / SHARE, "{again}");
    }

    #[test]
    fn a_packet_is_sent_again_twice_in_a_round_trip() {
        let mut repairs = Repairs::default();
        let mut times = |ms| {
            let trip = Some(Duration::from_millis(50));
            (0..5).filter(|_| repairs.spend(Mono::from_millis(ms), 7, PACKET, trip)).count()
        };
        assert_eq!([times(0), times(50), times(51), times(101), times(102)], [2, 0, 2, 0, 2]);
    }
}
