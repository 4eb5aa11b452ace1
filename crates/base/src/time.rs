//! The two clocks of control. Media clocks live with media.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A date: milliseconds since 1970-01-01T00:00:00Z. Stamped by the sequencer alone; no rule compares the dates of two machines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wall(pub i64);

impl Wall {
    /// Milliseconds from `earlier` to this, zero if it is later.
    #[must_use]
    pub fn since_ms(self, earlier: Self) -> u64 {
        u64::try_from(self.0 - earlier.0).unwrap_or(0)
    }

    /// So many milliseconds later, or earlier if there are fewer than none.
    #[must_use]
    pub fn shifted_ms(self, by_ms: i64) -> Self {
        Self(self.0.saturating_add(by_ms))
    }
}

impl std::ops::Add<Duration> for Wall {
    type Output = Self;
    fn add(self, d: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// Microseconds since the process began. Passed into every machine; never leaves the process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

impl Mono {
    /// From milliseconds.
    #[must_use]
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms * 1000)
    }

    /// Time from `earlier` to this, zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Duration> for Mono {
    type Output = Self;
    fn add(self, d: Duration) -> Self {
        Self(self.0 + u64::try_from(d.as_micros()).unwrap_or(u64::MAX / 2))
    }
}
