//! The clocks of this server, and its end.

use std::fmt;
use std::sync::Arc;

use base::{Mono, Wall};
use service::port::clock::Clock as Clocks;
use tokio::sync::watch;
use tokio::time::Instant;

/// The clocks of control, and timers by them.
#[derive(Clone)]
pub(crate) struct Clock {
    clocks: Arc<dyn Clocks>,
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl Clock {
    pub(crate) fn new(clocks: Arc<dyn Clocks>) -> Self {
        Self { clocks }
    }

    /// The date.
    pub(crate) fn now(&self) -> Wall {
        self.clocks.wall()
    }

    /// Time since the server began.
    pub(crate) fn mono(&self) -> Mono {
        self.clocks.mono()
    }

    /// The instant of a time.
    pub(crate) fn instant(&self, at: Mono) -> Instant {
        Instant::now() + at.since(self.mono())
    }
}

/// Waits until the server stops.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone has stopped too.
    let _ = stop.wait_for(|stop| *stop).await;
}
