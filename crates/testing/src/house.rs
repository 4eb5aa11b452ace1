//! A sequence: a meeting, and in some sequences a second one beside it, in one process and over one hop.

use std::collections::VecDeque;
use std::sync::Arc;

use meeting::planted::{self, Bug};
use service::port::hop::Fact;

use crate::counts::Counts;
use crate::door;
use crate::oracle::Broken;
use crate::organisation::Organisation;
use crate::pinned::log_hash;
use crate::trace::Trace;
use crate::weather::MS;
use crate::world::{Failure, World};

/// Steps that no sequence needs.
const STEPS_MAX: u64 = 200_000;
/// In one of so many sequences there is a second meeting.
const BESIDE_EVERY: u64 = 8;
/// A report of the hop reaches a mailbox whose server is awake within so many microseconds, whatever happens to others (R18).
const REPORT_WAITS_MAX: u64 = 100 * MS;
/// The planted fault lets reports wait while so many messages wait for the meeting of the first of them.
const PLANTED_ROOM: usize = 16;

/// Which meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// The one that the sequence is about.
    Here,
    /// The one beside it.
    Beside,
}

/// A report of the hop on its way.
#[derive(Debug)]
struct Report {
    at: u64,
    /// By which process; what a dead one sent is gone.
    process: u32,
    to: Side,
    fact: Fact,
}

/// All that happens in a sequence.
#[derive(Debug)]
struct House {
    now: u64,
    here: World,
    beside: Option<World>,
    /// The hop reports everything over one way, in its order.
    reports: VecDeque<Report>,
    /// Where something happened last.
    last: Side,
    steps: u64,
}

/// Runs the sequence of a seed.
///
/// # Errors
/// [`Failure`] names the first rule that does not hold.
pub fn run(names: &Arc<Organisation>, seed: u64, trace: Trace) -> Result<Counts, (Failure, Trace)> {
    let beside = seed.is_multiple_of(BESIDE_EVERY).then(|| {
        let names = Arc::new(names.beside());
        World::ill(&names, seed, trace.alike())
    });
    let mut house = House {
        now: 0,
        here: World::new(names, seed, trace),
        beside,
        reports: VecDeque::new(),
        last: Side::Here,
        steps: 0,
    };
    match house.play(seed) {
        Ok(()) => Ok(house.here.counts),
        Err(broken) => {
            let (broken, trace) = match (house.last, house.beside) {
                (Side::Beside, Some(beside)) => (format!("in the meeting beside: {broken}"), beside.trace),
                (Side::Here | Side::Beside, _) => (broken, house.here.trace),
            };
            Err((Failure { seed, at_ms: house.now / MS, step: house.steps, broken }, trace))
        }
    }
}

impl House {
    fn play(&mut self, seed: u64) -> Result<(), Broken> {
        self.here.begin()?;
        if let Some(beside) = &mut self.beside {
            self.last = Side::Beside;
            beside.begin()?;
        }
        while !self.here.done || self.beside.as_ref().is_some_and(|beside| !beside.done) {
            self.step()?;
            self.steps += 1;
            if self.steps > STEPS_MAX {
                return Err("the sequence does not come to an end".into());
            }
        }
        self.last = Side::Here;
        self.end(seed)
    }

    fn end(&mut self, seed: u64) -> Result<(), Broken> {
        self.here.end();
        let mut events = self.here.log.events().to_vec();
        if let Some(beside) = &mut self.beside {
            events.extend_from_slice(beside.log.events());
            self.here.counts.note("sequences with a meeting beside");
            self.here.counts.events += beside.log.last().0;
        }
        self.here.counts.steps = self.steps;
        if let Some(screens) = self.here.screens.take() {
            self.here.counts.logs.insert(seed, log_hash(&events));
            self.here.counts.screens.insert(seed, screens.hash());
        }
        door::play(&mut self.here.random, &mut self.here.counts)?;
        if !seed.is_multiple_of(16) {
            return Ok(());
        }
        self.here.check_log()?;
        self.last = Side::Beside;
        self.beside.as_mut().map_or(Ok(()), World::check_log)
    }

    /// What is due next, in the order of time; a report before anything else of its time.
    fn step(&mut self) -> Result<(), Broken> {
        let due = |world: &World| if world.done { None } else { world.next_due() };
        let here = due(&self.here).map(|next| (next.at, Side::Here, next));
        let beside = self.beside.as_ref().and_then(due).map(|next| (next.at, Side::Beside, next));
        let report = self.reports.front().map(|report| report.at).filter(|_| !self.reports_wait());
        let world = [here, beside].into_iter().flatten().min_by_key(|(at, ..)| *at);
        if let Some(at) = report.filter(|report| world.is_none_or(|(at, ..)| *report <= at)) {
            self.now = self.now.max(at);
            self.deliver()?;
        } else {
            let (at, side, next) = world.ok_or("nothing is due any more")?;
            self.now = self.now.max(at);
            self.last = side;
            self.world(side).map_or(Ok(()), |world| world.step(next))?;
        }
        self.share_fate();
        self.collect();
        self.check_reports()
    }

    /// The process is one, and so is the weather at the end.
    fn share_fate(&mut self) {
        let died = self.here.died.take();
        let Some(beside) = self.beside.as_mut().filter(|beside| !beside.done) else { return };
        beside.now = beside.now.max(self.now);
        if let Some(length) = died {
            beside.crash(length);
        }
        if self.here.healed && !beside.healed {
            beside.heal();
        }
    }

    fn collect(&mut self) {
        for side in [Side::Here, Side::Beside] {
            let Some(world) = self.world(side) else { continue };
            let process = world.process;
            for (at, fact) in std::mem::take(&mut world.reports) {
                let at = self.reports.back().map_or(at, |last| at.max(last.at));
                self.reports.push_back(Report { at, process, to: side, fact });
            }
        }
    }

    fn deliver(&mut self) -> Result<(), Broken> {
        let Some(Report { process, to, fact, .. }) = self.reports.pop_front() else { return Ok(()) };
        self.last = to;
        let now = self.now;
        match self.world(to) {
            Some(world) if !world.done && world.process == process => {
                world.now = world.now.max(now);
                world.told(fact)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The planted fault: the first report has to wait for room, and all others behind it.
    fn reports_wait(&self) -> bool {
        if !planted::active(Bug::FactsWaitForOther) {
            return false;
        }
        let world = match self.reports.front().map(|report| report.to) {
            Some(Side::Beside) => self.beside.as_ref(),
            Some(Side::Here) => Some(&self.here),
            None => None,
        };
        world.is_some_and(|world| !world.done && !world.listens() && world.inbox.len() >= PLANTED_ROOM)
    }

    /// No report waits for the mailbox of another meeting (R18).
    fn check_reports(&mut self) -> Result<(), Broken> {
        let late = self.now.saturating_sub(REPORT_WAITS_MAX);
        let waits = |report: &&Report| {
            let world = if report.to == Side::Here { Some(&self.here) } else { self.beside.as_ref() };
            world.is_some_and(|world| !world.done && world.process == report.process && world.listens())
        };
        let Some(report) = self.reports.iter().take_while(|report| report.at < late).find(waits) else {
            return Ok(());
        };
        let waited = (self.now - report.at) / MS;
        let broken = format!("{:?} waits {waited} ms for the mailbox of another meeting (R18)", report.fact);
        self.last = report.to;
        Err(broken)
    }

    fn world(&mut self, side: Side) -> Option<&mut World> {
        match side {
            Side::Here => Some(&mut self.here),
            Side::Beside => self.beside.as_mut(),
        }
    }
}
