//! Time is the meeting's: a clock that jumps is an event, and stamps nothing into the future (R20).

use std::time::Duration;

use base::{Mono, Wall};
use meeting::Cause;

use super::Sequencer;

/// The date moves against the time that passes by more than this: it jumped. What moves less is put right by degrees, as a time service does it.
const JUMP: Duration = Duration::from_secs(2);

/// Both clocks as they were at the last input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clocks {
    mono: Mono,
    wall: Wall,
    /// A jump that is not in the log yet, in milliseconds.
    owed: i64,
}

impl Clocks {
    pub(super) fn begin(mono: Mono, wall: Wall) -> Self {
        Self { mono, wall, owed: 0 }
    }

    /// By how many milliseconds the date has jumped since the last look, if it has.
    fn jump(&mut self, mono: Mono, wall: Wall) -> Option<i64> {
        let passed = i64::try_from(mono.since(self.mono).as_millis()).unwrap_or(i64::MAX);
        let by = wall.0.saturating_sub(self.wall.0).saturating_sub(passed);
        (self.mono, self.wall) = (mono, wall);
        (u128::from(by.unsigned_abs()) > JUMP.as_millis()).then_some(by)
    }
}

impl Sequencer {
    pub(super) fn look_at_clocks(&mut self, at: Wall) {
        if let Some(by_ms) = self.clocks.jump(self.now, at) {
            self.clock_jumped(by_ms, at);
        }
    }

    /// A log whose last event lies in the future was written by a clock that was wrong, or this one is.
    pub(super) fn look_at_restart(&mut self, at: Wall) {
        let ahead = self.ahead.at.since_ms(at);
        if u128::from(ahead) > JUMP.as_millis() {
            self.clock_jumped(-i64::try_from(ahead).unwrap_or(i64::MAX), at);
        }
    }

    fn clock_jumped(&mut self, by_ms: i64, at: Wall) {
        let now = self.now;
        self.facts_mut().node.clock_jumped = Some((now, by_ms));
        self.dirty = true;
        self.clocks.owed = self.clocks.owed.saturating_add(by_ms);
        self.stage_jump(at);
    }

    /// Brings a jump into the log, if that is open.
    pub(super) fn stage_jump(&mut self, at: Wall) {
        if self.clocks.owed != 0 && !self.log.is_shut() {
            let by_ms = std::mem::take(&mut self.clocks.owed);
            self.cause(&Cause::ClockJumped { by_ms }, at);
        }
    }
}
