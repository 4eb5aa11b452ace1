//! Time is the meeting's: a clock that jumps is an event, and stamps nothing into the future (R20).

use std::sync::Arc;
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
    /// By how much the date has jumped in all, in milliseconds. What the log has of it may be less.
    jumped_ms: i64,
}

impl Clocks {
    pub(super) fn begin(mono: Mono, wall: Wall, jumped_ms: i64) -> Self {
        Self { mono, wall, jumped_ms }
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
        match self.clocks.jump(self.now, at) {
            Some(by_ms) => {
                self.follow_clock(by_ms);
                self.clock_jumped(by_ms, at);
            }
            None => self.look_at_log(at),
        }
    }

    /// A log whose last event lies in the future was written by a clock that was wrong, or this one is; or it was put right by many degrees.
    pub(super) fn look_at_log(&mut self, at: Wall) {
        let ahead = self.ahead.at.since_ms(at);
        if u128::from(ahead) > JUMP.as_millis() && !self.log.is_shut() {
            self.clock_jumped(-i64::try_from(ahead).unwrap_or(i64::MAX), at);
        }
    }

    fn clock_jumped(&mut self, by_ms: i64, at: Wall) {
        let now = self.now;
        self.facts_mut().node.clock_jumped = Some((now, by_ms));
        self.dirty = true;
        self.clocks.jumped_ms = self.clocks.jumped_ms.saturating_add(by_ms);
        if self.log.is_shut() {
            self.closed_before_jump.get_or_insert(self.withheld.entries.len());
        }
        self.stage_jump(at);
    }

    /// What began before the jump, and is told with its hour, is as old as it was. What the log holds is moved by its event.
    fn follow_clock(&mut self, by_ms: i64) {
        self.facts_mut().follow_clock(by_ms);
        let alarms = self.alarms.iter().cloned().filter_map(|alarm| alarm.at_new_clock(by_ms)).collect();
        self.alarms = Arc::new(alarms);
        self.alarms_cleared = self.alarms_cleared.map(|at| at.shifted_ms(by_ms));
        self.log.follow_clock(by_ms);
    }

    /// Brings into the log what it lacks of the jumps, if it is open.
    pub(super) fn stage_jump(&mut self, at: Wall) {
        let by_ms = self.clocks.jumped_ms.saturating_sub(self.ahead.clock_jumped_ms());
        if by_ms != 0 && !self.log.is_shut() {
            self.cause(&Cause::ClockJumped { by_ms }, at);
        }
    }
}
