//! The clocks of this server, and its end.

use std::fmt;
use std::sync::Arc;

use base::{Mono, Wall};
use tokio::sync::watch;
use tokio::time::Instant;

/// The clock of dates.
pub type WallClock = Arc<dyn Fn() -> Wall + Send + Sync>;

/// The date, and the time since the server began.
#[derive(Clone)]
pub(crate) struct Clock {
    wall: WallClock,
    began: Instant,
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("began", &self.began).finish_non_exhaustive()
    }
}

impl Clock {
    /// The server begins now.
    pub(crate) fn new(wall: WallClock) -> Self {
        Self { wall, began: Instant::now() }
    }

    /// The date.
    pub(crate) fn now(&self) -> Wall {
        (self.wall)()
    }

    /// Time since the server began.
    pub(crate) fn mono(&self) -> Mono {
        Mono(u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// The instant of a time.
    pub(crate) fn instant(&self, at: Mono) -> Instant {
        self.began + at.since(Mono(0))
    }
}

/// Waits until the server stops.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone has stopped too.
    let _ = stop.wait_for(|stop| *stop).await;
}
