//! How often a source layer is asked for a key frame, whoever asks: the limit sits at the first hop. And how much of one kind is taken.

use std::time::Duration;

use base::Mono;

/// Least time between two requests for a switch.
pub const SWITCH_EVERY: Duration = Duration::from_millis(200);
/// Least time between two requests for joins and repair.
pub const REPAIR_EVERY: Duration = Duration::from_millis(500);

/// Why a key frame is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A take, a preview: somebody waits for this picture.
    Switch,
    /// A subscriber joined or lost packets.
    Repair,
}

/// The two budgets of one source layer. Requests within a budget's time are joined into one at its end.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyFrameBudget {
    switch: Lane,
    repair: Lane,
}

#[derive(Debug, Clone, Copy, Default)]
struct Lane {
    sent: Option<Mono>,
    wanted: bool,
}

impl KeyFrameBudget {
    /// Somebody wants a key frame.
    pub fn want(&mut self, why: Why) {
        match why {
            Why::Switch => self.switch.wanted = true,
            Why::Repair => self.repair.wanted = true,
        }
    }

    /// A key frame came: nobody waits any longer.
    pub fn satisfied(&mut self) {
        self.switch.wanted = false;
        self.repair.wanted = false;
    }

    /// The source is to be asked now.
    pub fn take(&mut self, now: Mono) -> bool {
        let switch = self.switch.take(now, SWITCH_EVERY);
        let repair = !switch && self.repair.take(now, REPAIR_EVERY);
        if switch {
            // One answer serves both.
            self.repair.wanted = false;
        }
        switch || repair
    }

    /// When [`take`](Self::take) will say yes, if nobody else asks.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let lane = |lane: &Lane, every| lane.wanted.then(|| lane.sent.map_or(Mono(0), |at| at + every));
        match (lane(&self.switch, SWITCH_EVERY), lane(&self.repair, REPAIR_EVERY)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

impl Lane {
    fn take(&mut self, now: Mono, every: Duration) -> bool {
        let ready = self.wanted && self.sent.is_none_or(|at| now >= at + every);
        if ready {
            self.wanted = false;
            self.sent = Some(now);
        }
        ready
    }
}

/// What is taken of one kind: so many at once, and so many a second.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    every: Duration,
    ahead_max: Duration,
    /// When all that was taken so far would have come, had it come evenly.
    even: Mono,
}

impl Allowance {
    /// `per_second` in the long run, `burst` at once; either is at least 1.
    #[must_use]
    pub fn new(per_second: u32, burst: u32) -> Self {
        let every = Duration::from_secs(1) / per_second.max(1);
        Self { every, ahead_max: every * burst.saturating_sub(1), even: Mono(0) }
    }

    /// One more is taken, if there is room for it.
    pub fn take(&mut self, now: Mono) -> bool {
        let even = self.even.max(now);
        let takes = even.since(now) <= self.ahead_max;
        if takes {
            self.even = even + self.every;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_that_joins_costs_one_key_frame_each_half_second() {
        let mut budget = KeyFrameBudget::default();
        let mut sent = 0;
        for ms in 0..2_000 {
            budget.want(Why::Repair);
            sent += u32::from(budget.take(Mono::from_millis(ms)));
        }
        assert_eq!(sent, 4);
    }

    #[test]
    fn a_switch_does_not_wait_for_the_budget_of_repair() {
        let mut budget = KeyFrameBudget::default();
        budget.want(Why::Repair);
        assert!(budget.take(Mono(0)));
        budget.want(Why::Switch);
        assert!(budget.take(Mono::from_millis(1)));
        budget.want(Why::Switch);
        assert!(!budget.take(Mono::from_millis(200)));
        assert_eq!(budget.deadline(), Some(Mono::from_millis(201)));
        assert!(budget.take(Mono::from_millis(201)));
    }

    #[test]
    fn an_allowance_takes_its_burst_and_then_its_rate_and_fills_again() {
        let mut stun = Allowance::new(50, 100);
        let mut taken =
            |from: u64, to: u64| (from..to).filter(|ms| stun.take(Mono::from_millis(*ms))).count();
        assert_eq!(taken(0, 1), 1);
        assert_eq!(taken(1, 1_001), 99 + 50);
        assert_eq!(taken(1_001, 2_001), 50);
        assert_eq!(taken(60_000, 60_100), 100);
        assert_eq!(taken(60_100, 61_100), 4 + 50);
    }
}
