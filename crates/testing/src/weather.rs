//! What goes wrong in a sequence, and how often: drawn from its seed before it begins.

/// Microseconds of a millisecond.
use base::random::Random;

pub(crate) const MS: u64 = 1000;
/// Microseconds of a second.
pub(crate) const S: u64 = 1_000_000;

/// A fault that comes at a drawn time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A room sends nothing for that many microseconds.
    RoomLost(u64),
    /// The server does nothing for that long, then goes on.
    Stall(u64),
    /// The process dies, hop and all, and comes back after that long.
    Crash(u64),
    /// Another writer opens the run while the old one still works for that long.
    Depose(u64),
    /// The machine's clock jumps by that many milliseconds.
    WallJump(i64),
    /// The plan takes another form.
    Plan,
    /// A page reports, or goes.
    Page,
    /// A wall asks for its sources.
    Wall,
    /// The log cannot be written for so long.
    Shut(u64),
    /// The disk does not answer for so long.
    Hang(u64),
}

/// How it is in one sequence. Chances are per mille.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weather {
    /// Commands of the sequence.
    pub commands: usize,
    /// Targets that the hop never gets.
    pub target_lost: u64,
    /// Messages to the hop that come twice, the second time late.
    pub doubled: u64,
    /// Messages to the hop that come late.
    pub late: u64,
    /// Commands, or their answers, that are lost.
    pub command_lost: u64,
    /// Commands that come seconds late.
    pub command_late: u64,
    /// Appends that take long.
    pub append_slow: u64,
    /// Appends that fail.
    pub append_fails: u64,
    /// Faults, and when each comes, in microseconds.
    pub faults: Vec<(u64, Fault)>,
    /// Nobody gives a command for so long, once, in microseconds.
    pub pause: u64,
    /// The time between two commands is so many times as long.
    pub pace: u64,
    /// Nothing goes wrong any more when that is so of the other meeting, and not when the last command is given.
    pub follows: bool,
}

impl Weather {
    /// Draws the weather of a sequence.
    pub(crate) fn draw(random: &mut Random) -> Self {
        let mut weather = Self { commands: 60 + random.index(12), pace: 1, ..Self::default() };
        let kind = random.below(10);
        if matches!(kind, 3 | 4 | 9) {
            weather.target_lost = random.below(300);
            weather.doubled = random.below(200);
            weather.late = random.below(300);
            weather.command_lost = random.below(150);
            weather.command_late = random.below(100);
        }
        if matches!(kind, 5 | 6 | 9) {
            weather.append_slow = random.below(300);
        }
        if matches!(kind, 7 | 9) {
            weather.append_fails = 20;
        }
        weather.draw_faults(random, kind);
        weather
    }

    /// Draws the weather of a meeting that shares the hop with another: few commands, a server that does nothing for seconds, a log that fails.
    pub(crate) fn draw_ill(random: &mut Random) -> Self {
        let mut weather = Self { commands: 12, pace: 5, follows: true, ..Self::default() };
        weather.append_slow = random.below(300);
        weather.append_fails = random.below(200);
        for _ in 0..random.between(1, 3) {
            weather.fault(random, |random| Fault::Stall(random.between(S, 12 * S)));
            weather.fault(random, |random| Fault::RoomLost(random.between(200 * MS, 6 * S)));
        }
        weather
    }

    fn draw_faults(&mut self, random: &mut Random, kind: u64) {
        for _ in 0..random.below(3) {
            self.fault(random, |random| Fault::RoomLost(random.between(200 * MS, 6 * S)));
        }
        if random.chance(60) {
            self.pause = random.between(32 * S, 45 * S);
            for _ in 0..3 {
                self.fault(random, |random| Fault::RoomLost(random.between(31 * S, 60 * S)));
            }
        }
        if matches!(kind, 6 | 9) || random.chance(100) {
            let length = |random: &mut Random| random.between(S / 2, 12 * S);
            self.fault(random, |random| Fault::Stall(length(random)));
        }
        if matches!(kind, 8 | 9) {
            for _ in 0..random.between(1, 2) {
                self.fault(random, |random| Fault::Crash(random.between(50 * MS, 3 * S)));
            }
        }
        if random.chance(80) {
            self.fault(random, |random| Fault::Depose(random.between(100 * MS, 3 * S)));
        }
        if random.chance(100) {
            self.fault(random, |random| {
                Fault::WallJump(-5000 + i64::try_from(random.below(10_000)).unwrap_or(0))
            });
        }
        if random.chance(80) {
            // Filling and freeing, now and then; or minutes of it.
            for _ in 0..random.between(1, 3) {
                self.fault(random, |random| Fault::Shut(random.between(S / 2, 8 * S)));
            }
            if random.chance(100) {
                self.pace = 8;
                self.fault(random, |random| Fault::Shut(random.between(60 * S, 200 * S)));
            }
        }
        if random.chance(50) {
            self.fault(random, |random| Fault::Hang(random.between(S, 20 * S)));
        }
        if random.chance(250) {
            for _ in 0..random.between(1, 2) {
                self.fault(random, |_| Fault::Plan);
            }
        }
        if random.chance(200) {
            for _ in 0..4 {
                self.fault(random, |_| Fault::Page);
                self.fault(random, |_| Fault::Wall);
            }
        }
    }

    fn fault(&mut self, random: &mut Random, fault: impl Fn(&mut Random) -> Fault) {
        let at = random.between(300 * MS, 12 * S);
        let fault = fault(random);
        self.faults.push((at, fault));
    }

    /// Microseconds until the next command.
    pub(crate) fn gap(random: &mut Random) -> u64 {
        match random.below(10) {
            0 => 0,
            1..=3 => random.between(1, 20 * MS),
            4..=6 => random.between(20 * MS, 100 * MS),
            7 | 8 => random.between(100 * MS, 400 * MS),
            _ => random.between(400 * MS, 1500 * MS),
        }
    }
}
