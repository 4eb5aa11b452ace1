//! The one place that reads the machine's clocks for control.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use base::{Mono, Wall};

/// Both clocks of control. Copies share their beginning.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// Begins now.
    #[must_use]
    pub fn start() -> Self {
        Self { began: Instant::now() }
    }

    /// The instant of a time of control, for timers.
    #[must_use]
    pub fn instant(&self, mono: Mono) -> Instant {
        self.began + mono.since(Mono(0))
    }
}

impl service::port::clock::Clock for Clock {
    fn mono(&self) -> Mono {
        Mono(u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    fn wall(&self) -> Wall {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Wall(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
