//! Lines of the log about what strangers can make happen: one a second of each kind.

use std::time::Duration;

use base::Mono;

const EVERY: Duration = Duration::from_secs(1);

/// When a kind of line was written last.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    last: Option<Mono>,
    unsaid: u64,
}

impl Pace {
    /// Whether the line may be written now: how often it was not, since the last.
    pub(crate) fn due(&mut self, now: Mono) -> Option<u64> {
        if self.last.is_some_and(|last| now.since(last) < EVERY) {
            self.unsaid += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r18_a_line_is_written_once_a_second_and_says_how_often_it_was_not() {
        let mut pace = Pace::default();
        let lines = (0..3_000).filter_map(|ms| pace.due(Mono::from_millis(ms)));
        assert_eq!(lines.collect::<Vec<_>>(), [0, 999, 999]);
    }
}
