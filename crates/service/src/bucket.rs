//! A token bucket: how much somebody may still ask for.

use std::time::Duration;

use base::Mono;

/// Fills at a steady rate up to a burst; what is asked for is taken out of it.
#[derive(Debug, Clone)]
pub struct Bucket {
    count: u32,
    /// The time in which so many come, in microseconds.
    every: u64,
    burst: u32,
    /// What is in it, each one as many parts as `every`: so none is lost in rounding.
    level: u64,
    filled: Mono,
}

impl Bucket {
    /// A full bucket, into which so many come in that time.
    #[must_use]
    pub fn new(count: u32, every: Duration, burst: u32, now: Mono) -> Self {
        let every = u64::try_from(every.as_micros()).unwrap_or(u64::MAX).max(1);
        Self { count, every, burst, level: every.saturating_mul(u64::from(burst)), filled: now }
    }

    /// Takes one. False if there is none.
    #[must_use]
    pub fn take(&mut self, now: Mono) -> bool {
        self.take_many(1, now)
    }

    /// Takes so many. False, and none is taken, if there are fewer.
    #[must_use]
    pub fn take_many(&mut self, wanted: u32, now: Mono) -> bool {
        let micros = u64::try_from(now.since(self.filled).as_micros()).unwrap_or(u64::MAX);
        let come = micros.saturating_mul(u64::from(self.count));
        self.level = self.level.saturating_add(come).min(self.whole());
        self.filled = now;
        let taken = self.every.saturating_mul(u64::from(wanted));
        let enough = self.level >= taken;
        if enough {
            self.level -= taken;
        }
        enough
    }

    /// Nothing was taken for so long that a new bucket would be the same.
    #[must_use]
    pub fn is_full(&self, now: Mono) -> bool {
        let mut copy = self.clone();
        copy.take_many(0, now) && copy.level == copy.whole()
    }

    fn whole(&self) -> u64 {
        self.every.saturating_mul(u64::from(self.burst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::new(10, Duration::from_secs(1), 5, Mono(0));
        let taken = |bucket: &mut Bucket, now: Mono| (0..100).filter(|_| bucket.take(now)).count();
        assert_eq!(taken(&mut bucket, Mono(0)), 5);
        assert_eq!(taken(&mut bucket, Mono::from_millis(50)), 0);
        assert_eq!(taken(&mut bucket, Mono::from_millis(100)), 1);
        assert_eq!(taken(&mut bucket, Mono::from_millis(60_000)), 5);
        assert!(!bucket.is_full(Mono::from_millis(60_000)));
        assert!(bucket.is_full(Mono::from_millis(61_000)));
    }

    #[test]
    fn a_bucket_may_fill_by_the_minute() {
        let mut bucket = Bucket::new(6, Duration::from_secs(60), 6, Mono(0));
        let taken = (0..3_600).filter(|s| bucket.take(Mono::from_millis(s * 1_000))).count();
        assert_eq!(taken, 6 + 359, "six at once, then one in ten seconds");
    }

    #[test]
    fn what_is_too_much_at_once_takes_nothing() {
        let mut bucket = Bucket::new(1, Duration::from_secs(1), 10, Mono(0));
        assert!(!bucket.take_many(11, Mono(0)));
        assert!(bucket.take_many(10, Mono(0)));
        assert!(!bucket.take(Mono(0)));
    }
}
