//! Sender reports mapped to the node's clock (RFC 3550 §6.4.1), so that sound and picture of different venues stay together.

use base::Mono;

/// Clock of one sender: all streams of a session share it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SenderClock {
    /// Node's microseconds minus the sender's, by the report that travelled fastest.
    offset: Option<i64>,
}

/// How fast an old fast report is forgotten, so that a sender whose clock drifts is followed: microseconds a report.
const FORGET_US: i64 = 500;

impl SenderClock {
    /// A report arrived at `now` that says `sender_us` on the sender's clock.
    pub fn report(&mut self, now: Mono, sender_us: i64) {
        let offset = (now.0 as i64).wrapping_sub(sender_us);
        self.offset = Some(match self.offset {
            // A clock that was set, or the first report.
            Some(old) if offset.wrapping_sub(old).abs() < 5_000_000 => offset.min(old + FORGET_US),
            Some(_) | None => offset,
        });
    }

    /// The sender's time on the node's clock.
    #[must_use]
    pub fn map(&self, sender_us: i64) -> Option<Mono> {
        self.offset.map(|offset| Mono(u64::try_from(sender_us.wrapping_add(offset)).unwrap_or(0)))
    }
}

/// Clock of one stream: RTP timestamps to the sender's clock.
#[derive(Debug, Clone, Copy)]
pub struct StreamClock {
    rate: u32,
    /// Timestamp and the sender's microseconds at one instant.
    point: Option<(u32, i64)>,
}

impl StreamClock {
    /// A stream with `rate` units a second.
    #[must_use]
    pub const fn new(rate: u32) -> Self {
        Self { rate, point: None }
    }

    /// What a sender report says.
    pub fn report(&mut self, ts: u32, sender_us: i64) {
        self.point = Some((ts, sender_us));
    }

    /// When the packet was captured, on the node's clock; `now` until a report told. Never later than `now`, nor earlier by more
    /// than two seconds: a sender that lies harms itself alone.
    #[must_use]
    pub fn captured(&self, sender: &SenderClock, ts: u32, now: Mono) -> Mono {
        let Some((at_ts, at_us)) = self.point else { return now };
        let units = i64::from(ts.wrapping_sub(at_ts) as i32);
        let us = at_us + units * 1_000_000 / i64::from(self.rate.max(1));
        let Some(at) = sender.map(us) else { return now };
        Mono(at.0.clamp(now.0.saturating_sub(2_000_000), now.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_and_picture_of_one_instant_get_one_time() {
        let mut sender = SenderClock::default();
        let (mut video, mut audio) = (StreamClock::new(90_000), StreamClock::new(48_000));
        sender.report(Mono(1_050_000), 9_000_000);
        video.report(90_000, 9_000_000);
        sender.report(Mono(1_120_000), 9_100_000);
        audio.report(4_800, 9_100_000);
        let now = Mono(2_000_000);
        let v = video.captured(&sender, 90_000 + 45_000, now);
        let a = audio.captured(&sender, 4_800 + 48_000 * 4 / 10, now);
        assert!(v.0.abs_diff(a.0) < 1_000, "{v:?} {a:?}");
    }

    #[test]
    fn a_lying_sender_stays_within_two_seconds() {
        let mut sender = SenderClock::default();
        let mut video = StreamClock::new(90_000);
        sender.report(Mono(10_000_000), 0);
        video.report(0, -900_000_000);
        let now = Mono(10_000_000);
        assert_eq!(video.captured(&sender, 0, now), Mono(8_000_000));
    }
}
