//! A voice: silence stands in where its packets do not come, and what comes late is played behind that silence.

use std::time::Duration;

use base::Mono;

use crate::anchor::{Numbers, Splice};

/// RTP clock of sound.
const RATE: u32 = 48_000;
/// Time of one packet, and the same on the RTP clock.
pub const PACKET: Duration = Duration::from_millis(20);
const PACKET_UNITS: u32 = 960;
/// A voice without a packet for this long is filled with silence, which stays two packets behind it: so what is late by less finds its place.
const SILENT_AFTER: Duration = Duration::from_millis(60);
const BEHIND_PACKETS: u32 = 2;
/// Silence that is due and more than this is left out with its time.
const OWED_PACKETS_MAX: u32 = 10;
/// What is later than this is dropped: nobody answers to it any more.
pub const LATE_MAX: Duration = Duration::from_secs(1);
/// When all has been dropped for so long, the way has become longer, and what comes is on time.
const DROPS_MAX: Duration = Duration::from_millis(200);
/// By how much a packet that is late moves what counts as on time, so that a longer way is got used to.
const FORGET: Duration = Duration::from_millis(1);

/// The numbers of one voice. It goes on for all its streams.
#[derive(Debug, Clone)]
pub struct Voice {
    splice: Splice,
    /// A timestamp of the source, and when a packet that bears it is on time.
    on_time: Option<(u32, Mono)>,
    /// Last packet that was taken.
    heard: Option<Mono>,
    /// Highest number of the source that was taken.
    newest: u64,
    /// Packets of silence since then.
    filled: u32,
    /// What comes next does not follow on what went out last: there is silence between them, or something was dropped.
    apart: bool,
    dropping: Option<Mono>,
}

impl Default for Voice {
    fn default() -> Self {
        let splice = Splice::new(RATE, PACKET_UNITS, 1, 0);
        Self { splice, on_time: None, heard: None, newest: 0, filled: 0, apart: false, dropping: None }
    }
}

impl Voice {
    /// Another stream brings it from its packet `first` on, which [`take`](Self::take) is asked about next.
    pub fn join(&mut self, first: &Numbers) {
        self.splice.join(first);
        (self.on_time, self.dropping) = (None, None);
        (self.newest, self.filled, self.apart) = (first.seq, 0, false);
    }

    /// Its gate was shut or opened: nothing is filled before its next packet.
    pub fn rest(&mut self) {
        self.heard = None;
    }

    /// Silence that is missing before this packet, one after the other until none.
    pub fn owes(&mut self, packet: &Numbers) -> Option<Numbers> {
        let ahead = self.splice.ahead(packet)? / PACKET_UNITS;
        let missing = self.filled > 0 && (2..=BEHIND_PACKETS + 2).contains(&ahead);
        if missing { self.splice.fill(1) } else { None }
    }

    /// Numbers with which a packet goes out; none if it is too late.
    pub fn take(&mut self, now: Mono, packet: &Numbers) -> Option<Numbers> {
        if self.is_too_late(now, packet.ts) {
            self.apart = true;
            return None;
        }
        if self.apart {
            if packet.seq < self.newest {
                return None;
            }
            self.splice.resume(packet);
            (self.filled, self.apart) = (0, false);
        }
        let out = self.splice.map(packet)?;
        self.newest = self.newest.max(packet.seq);
        self.heard = Some(now);
        Some(out)
    }

    /// Silence that is due by now, one after the other until none.
    pub fn fill(&mut self, now: Mono) -> Option<Numbers> {
        let silent = now.since(self.heard?);
        if silent < SILENT_AFTER {
            return None;
        }
        let packets = u32::try_from(silent.as_micros() / PACKET.as_micros()).unwrap_or(u32::MAX);
        let due = packets.saturating_sub(BEHIND_PACKETS);
        let owed = due.saturating_sub(self.filled);
        let steps = if owed > OWED_PACKETS_MAX { owed } else { owed.min(1) };
        self.filled += steps;
        self.apart |= steps > 0;
        if steps > 0 { self.splice.fill(steps) } else { None }
    }

    fn is_too_late(&mut self, now: Mono, ts: u32) -> bool {
        let (at_ts, at) = *self.on_time.get_or_insert((ts, now));
        let units = i64::from(ts.wrapping_sub(at_ts) as i32);
        let due = Mono(at.0.saturating_add_signed(units * 1_000_000 / i64::from(RATE)));
        let late = now.since(due);
        if late <= LATE_MAX {
            self.on_time = Some((ts, (due + late.min(FORGET)).min(now)));
        } else if now.since(*self.dropping.get_or_insert(now)) < DROPS_MAX {
            return true;
        } else {
            self.on_time = Some((ts, now));
        }
        self.dropping = None;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::random::Random;

    fn packet(n: u64) -> Numbers {
        Numbers { seq: 100 + n, ts: (n * 960) as u32, at: Mono::from_millis(20 * n), ..Numbers::default() }
    }

    /// What goes out until `end`, where packet n arrives at `arrives[n]`: when, its numbers, and which it is, none for silence.
    fn play(arrives: &[(u64, u64)], end: u64) -> Vec<(u64, Numbers, Option<u64>)> {
        let mut voice = Voice::default();
        voice.join(&packet(arrives[0].1));
        let mut out = Vec::new();
        for ms in 0..end {
            let now = Mono::from_millis(ms);
            for (_, n) in arrives.iter().filter(|(at, _)| *at == ms) {
                while let Some(silence) = voice.owes(&packet(*n)) {
                    out.push((ms, silence, None));
                }
                out.extend(voice.take(now, &packet(*n)).map(|numbers| (ms, numbers, Some(*n))));
            }
            if ms % 20 == 7 {
                while let Some(silence) = voice.fill(now) {
                    out.push((ms, silence, None));
                }
            }
        }
        for pair in out.windows(2) {
            assert_eq!(pair[1].1.seq, pair[0].1.seq + 1);
            assert!((960..48_000).contains(&pair[1].1.ts.wrapping_sub(pair[0].1.ts)), "{pair:?}");
        }
        out
    }

    fn heard(out: &[(u64, Numbers, Option<u64>)]) -> Vec<u64> {
        out.iter().filter_map(|(_, _, n)| *n).collect()
    }

    #[test]
    fn what_a_stall_held_up_is_played_behind_its_silence() {
        let arrives: Vec<_> =
            (0..100).map(|n| (if (20..40).contains(&n) { 800 } else { 20 * n }, n)).collect();
        let out = play(&arrives, 2_000);
        assert_eq!(heard(&out), (0..100).collect::<Vec<_>>());
        let silence = out.iter().filter(|(.., n)| n.is_none()).count();
        assert!((18..=20).contains(&silence), "{silence}");
        assert_eq!(out.last().unwrap().1.ts, (99 + silence as u32) * 960);
    }

    #[test]
    fn what_is_later_than_a_second_is_dropped() {
        let arrives: Vec<_> =
            (0..300).map(|n| (if (20..170).contains(&n) { 3_400 } else { 20 * n }, n)).collect();
        let out = play(&arrives, 6_000);
        let heard = heard(&out);
        let first = heard.iter().find(|n| **n >= 20).unwrap();
        assert!((118..=121).contains(first), "{first}");
        assert_eq!(heard.len() as u64, 20 + 300 - first);
    }

    #[test]
    fn a_way_that_becomes_longer_for_good_is_got_used_to() {
        let arrives: Vec<_> = (0..400).map(|n| (if n < 20 { 20 * n } else { 3_000 + 20 * n }, n)).collect();
        let heard = heard(&play(&arrives, 12_000));
        assert!(heard.len() >= 388, "{} of 400", heard.len());
    }

    #[test]
    fn a_speaker_who_is_silent_and_says_so_keeps_the_beat_and_does_not_run_ahead() {
        let mut rng = Random::new(3);
        let arrives: Vec<_> = (0..50).map(|n| (400 * n + rng.below(30), 20 * n)).collect();
        let out = play(&arrives, 20_000);
        assert_eq!(heard(&out).len(), 50);
        for second in 1..19 {
            let within = out.iter().filter(|(at, ..)| (1_000 * second..1_000 * second + 1_000).contains(at));
            let count = within.count();
            assert!((47..=53).contains(&count), "{count} in second {second}");
        }
        let (at, last, _) = out.last().unwrap();
        let ahead = i64::from(last.ts / 48) - *at as i64;
        assert!((-100..=60).contains(&ahead), "{ahead} ms");
    }

    #[test]
    fn numbers_go_on_by_one_and_never_back_whatever_the_network_does() {
        for seed in 0..300 {
            let mut rng = Random::new(seed);
            let mut held = 0;
            let mut arrives = Vec::new();
            for n in 0..400 {
                if rng.below(60) == 0 {
                    held = held.max(20 * n + rng.below(1_500));
                }
                arrives.push(((20 * n).max(held) + 1, n));
            }
            let out = play(&arrives, 10_000);
            assert!(heard(&out).len() > 200, "seed {seed}");
            let pauses = out.windows(2).map(|pair| pair[1].0 - pair[0].0);
            assert!(pauses.max().unwrap() <= 80, "seed {seed}");
        }
    }
}
