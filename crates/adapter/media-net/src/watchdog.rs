//! Whether the media thread still turns. One that runs and does not come round serves nobody, nor shuts a gate: then the process ends, and whoever
//! started it starts it again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

use rustix::thread::gettid;

use crate::node::Between;

/// Running time of its own in which it is to come round. What it waits does not count: a machine that is busy, or asleep, is no fault.
const TURNS_WITHIN: Duration = Duration::from_secs(5);
/// It is looked at so often.
const LOOKS_EVERY: Duration = Duration::from_secs(1);
/// Units of the running time that the system tells, of which there are so many in a second (`USER_HZ`).
const TICKS: u64 = 100;

/// What the media thread shows of itself.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    thread: AtomicI32,
    turns: AtomicU64,
}

impl Pulse {
    /// This thread is the one.
    pub(crate) fn begin(&self) {
        self.thread.store(gettid().as_raw_nonzero().get(), Ordering::Relaxed);
    }

    /// It has come round.
    pub(crate) fn turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// How long it has run; none if the system does not say.
    fn ran(&self) -> Option<Duration> {
        let thread = self.thread.load(Ordering::Relaxed);
        let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat")).ok()?;
        running_time(&stat)
    }
}

/// Running time of a thread, in user's and in system's mode, as `/proc/PID/task/TID/stat` tells it (proc_pid_stat(5), fields 14 and 15).
fn running_time(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_ascii_whitespace().skip(11).map(str::parse::<u64>);
    let ticks = times.next()?.ok()?.checked_add(times.next()?.ok()?)?;
    Some(Duration::from_millis(ticks.checked_mul(1_000)? / TICKS))
}

/// Who looks.
#[derive(Debug, Default)]
struct Watchdog {
    /// The last turn that was seen, and how long the thread had run then.
    seen: Option<(u64, Duration)>,
}

impl Watchdog {
    /// The thread has come round so often, and run for so long. True if it runs without coming round.
    fn is_stuck(&mut self, turns: u64, ran: Duration) -> bool {
        match self.seen {
            Some((before, since)) if before == turns => ran.saturating_sub(since) >= TURNS_WITHIN,
            _ => {
                self.seen = Some((turns, ran));
                false
            }
        }
    }
}

/// Looks until the node stops.
pub(crate) fn run(shared: &Arc<Between>) {
    let mut watchdog = Watchdog::default();
    while !shared.stops_within(LOOKS_EVERY) {
        let Some(ran) = shared.pulse.ran() else { continue };
        if watchdog.is_stuck(shared.pulse.turns.load(Ordering::Relaxed), ran) {
            tracing::error!(
                seconds = TURNS_WITHIN.as_secs(),
                "the media thread runs and does not come round"
            );
            // Nothing else ends a thread; what was acknowledged is stored.
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_runs_without_coming_round_is_stuck_and_one_that_waits_is_not() {
        let mut watchdog = Watchdog::default();
        let mut look = |turns, ms| watchdog.is_stuck(turns, Duration::from_millis(ms));
        assert!(!look(1, 90_000));
        // A busy machine gives it little: it waits for hours.
        assert!((0..10_000).all(|_| !look(1, 94_990)));
        assert!(!look(2, 99_000));
        assert!(!look(2, 103_990));
        assert!(look(2, 104_000));
        assert!(!look(3, 200_000));
    }

    #[test]
    fn the_running_time_of_a_thread_is_read_whatever_its_name() {
        let stat = "12 (a) b (c) S 1 12 12 0 -1 4194560 100 0 0 0 250 50 7 8 20 0 1 0 5 0 0";
        assert_eq!(running_time(stat), Some(Duration::from_secs(3)));
        assert_eq!(running_time("12 (media) S 1"), None);
        assert_eq!(running_time(""), None);
        let pulse = Pulse::default();
        pulse.begin();
        assert!(pulse.ran().is_some());
    }
}
