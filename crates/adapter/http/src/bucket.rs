//! A token bucket: how many messages a client may still send.

use base::Mono;

/// Fills at a steady rate up to a burst; each message takes one.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    per_second: u32,
    burst: u32,
    /// In millionths of a message.
    level: u64,
    filled: Mono,
}

const WHOLE: u64 = 1_000_000;

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(per_second: u32, burst: u32, now: Mono) -> Self {
        Self { per_second, burst, level: u64::from(burst) * WHOLE, filled: now }
    }

    /// Takes one message. False if there is none.
    pub(crate) fn take(&mut self, now: Mono) -> bool {
        // One microsecond at n messages a second brings n millionths.
        let micros = u64::try_from(now.since(self.filled).as_micros()).unwrap_or(u64::MAX);
        self.level = self
            .level
            .saturating_add(micros.saturating_mul(u64::from(self.per_second)))
            .min(u64::from(self.burst) * WHOLE);
        self.filled = now;
        if self.level < WHOLE {
            return false;
        }
        self.level -= WHOLE;
        true
    }

    /// Nothing was taken for so long that a new bucket would be the same.
    pub(crate) fn is_full(&self, now: Mono) -> bool {
        let mut copy = self.clone();
        copy.take(now) && copy.level == u64::from(copy.burst) * WHOLE - WHOLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::new(10, 5, Mono(0));
        let taken = |bucket: &mut Bucket, now: Mono| (0..100).filter(|_| bucket.take(now)).count();
        assert_eq!(taken(&mut bucket, Mono(0)), 5);
        assert_eq!(taken(&mut bucket, Mono::from_millis(50)), 0);
        assert_eq!(taken(&mut bucket, Mono::from_millis(100)), 1);
        assert_eq!(taken(&mut bucket, Mono::from_millis(60_000)), 5);
        assert!(!bucket.is_full(Mono::from_millis(60_000)));
        assert!(bucket.is_full(Mono::from_millis(61_000)));
    }
}
