//! One meeting of a sequence: a server, its log, its part of the hop, rooms, clients and what goes wrong between them, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use base::random::Random;
use base::{Mono, SourceId, Wall};
use meeting::Actor;
use service::control::Inbox;
use service::mailbox::Mail;
use service::port::hop::Fact;
use service::port::unlogged;

use crate::actor::actors;
use crate::client::Sent;
use crate::counts::Counts;
use crate::due::{Due, Entry};
use crate::fake_hop::FakeHop;
use crate::fake_log::FakeLog;
use crate::oracle::{Broken, Oracle};
use crate::organisation::{Organisation, SOURCES};
use crate::pinned::SEEDS_PINNED;
use crate::screen::Screens;
use crate::server::Server;
use crate::trace::Trace;
use crate::weather::{MS, S, Weather};

/// A date: 2026-11-03, 09:00 in UTC.
const BEGIN: Wall = Wall(1_793_696_400_000);
/// Half seconds in which everything must come to rest when nothing goes wrong any more.
const SETTLES_MAX: u32 = 240;

/// What is due next in a world, and when, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Next {
    pub(crate) at: u64,
    turn: Turn,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Hop,
    Server,
    Agenda,
}

/// A sequence that broke a rule.
#[derive(Debug, Clone, thiserror::Error)]
#[error("seed {seed}, {at_ms} ms, step {step}: {broken}")]
pub struct Failure {
    /// By this it is replayed.
    pub seed: u64,
    /// When, in virtual milliseconds.
    pub at_ms: u64,
    /// After which step.
    pub step: u64,
    /// What does not hold.
    pub broken: Broken,
}

/// The world of one sequence.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) names: Arc<Organisation>,
    pub(crate) random: Random,
    pub(crate) weather: Weather,
    /// Microseconds since the sequence began.
    pub(crate) now: u64,
    queue: BinaryHeap<Reverse<Entry>>,
    order: u64,
    /// What the machine's clock is wrong by, in milliseconds.
    pub(crate) wall_error: i64,
    /// Counts processes; what a dead one sent is gone.
    pub(crate) process: u32,
    pub(crate) process_began: u64,
    /// Counts servers.
    pub(crate) servers: u32,
    pub(crate) hop: FakeHop,
    /// What the hop has reported, and when it is to reach the server.
    pub(crate) reports: Vec<(u64, Fact)>,
    pub(crate) log: FakeLog,
    pub(crate) primary: Option<Server>,
    pub(crate) deposed: Option<Server>,
    /// The page of closing acts. It outlives the process.
    pub(crate) page: Vec<unlogged::Entry>,
    /// Until then nothing can be written to the log, and nothing of it be opened.
    pub(crate) shut_until: u64,
    /// Until then the disk does not answer.
    pub(crate) hangs_until: u64,
    /// What waits for the server, as in the mailbox of a meeting.
    pub(crate) inbox: Mail<u64>,
    /// The process has died, for so long; whoever shares it is to be told.
    pub(crate) died: Option<u64>,
    pub(crate) form: usize,
    pub(crate) oracle: Oracle,
    pub(crate) actors: Vec<Actor>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) live_sources: u32,
    /// What the wall asked for in the life of this process.
    pub(crate) wall_lines: Option<Vec<Option<SourceId>>>,
    /// The server has been told of every source that came.
    pub(crate) told_all: bool,
    pub(crate) last_change: u64,
    /// Nothing goes wrong any more.
    pub(crate) healed: bool,
    settles: u32,
    pub(crate) done: bool,
    /// What screens were told, of a seed that is pinned.
    pub(crate) screens: Option<Screens>,
    pub(crate) counts: Counts,
    pub(crate) trace: Trace,
}

impl World {
    /// The meeting that a sequence is about.
    pub(crate) fn new(names: &Arc<Organisation>, seed: u64, trace: Trace) -> Self {
        let mut random = Random::new(seed);
        let weather = Weather::draw(&mut random);
        let screens = (seed < SEEDS_PINNED).then(Screens::default);
        Self::with(names, random, weather, screens, trace)
    }

    /// A meeting that shares the process and the hop with another, and is in trouble.
    pub(crate) fn ill(names: &Arc<Organisation>, seed: u64, trace: Trace) -> Self {
        let mut random = Random::new(!seed);
        let weather = Weather::draw_ill(&mut random);
        Self::with(names, random, weather, None, trace)
    }

    fn with(
        names: &Arc<Organisation>,
        mut random: Random,
        weather: Weather,
        screens: Option<Screens>,
        trace: Trace,
    ) -> Self {
        let actors = actors(names, &mut random);
        let hop = FakeHop::new(Arc::clone(names), Random::new(random.bits()));
        Self {
            names: Arc::clone(names),
            weather,
            now: 0,
            queue: BinaryHeap::with_capacity(256),
            order: 0,
            wall_error: 0,
            process: 0,
            process_began: 0,
            servers: 0,
            hop,
            reports: Vec::new(),
            log: FakeLog::default(),
            primary: None,
            deposed: None,
            page: Vec::new(),
            shut_until: 0,
            hangs_until: 0,
            inbox: Mail::default(),
            died: None,
            form: 0,
            oracle: Oracle::new(Arc::clone(names)),
            actors,
            sent: Vec::with_capacity(80),
            live_sources: 0,
            wall_lines: None,
            told_all: true,
            last_change: 0,
            healed: false,
            settles: 0,
            done: false,
            screens,
            counts: Counts { sequences: 1, ..Counts::default() },
            trace,
            random,
        }
    }

    /// Sets everything going.
    pub(crate) fn begin(&mut self) -> Result<(), Broken> {
        self.open_run()?;
        self.rooms_come(900 * MS);
        for (at, fault) in std::mem::take(&mut self.weather.faults) {
            self.at(at, Due::Fault(fault));
        }
        let first = self.random.between(1, 300 * MS);
        self.at(first, Due::Wake);
        Ok(())
    }

    /// Counts what happened.
    pub(crate) fn end(&mut self) {
        self.counts.events = self.log.last().0;
        self.counts.virtual_ms = self.now / MS;
        self.note_clients();
    }

    /// What is due next, and when. Of one time the hop comes first, then the server.
    pub(crate) fn next_due(&self) -> Option<Next> {
        let hop = self.hop.deadline().map(|at| (self.process_began + at.0, Turn::Hop));
        let server = self.awake_deadline().map(|at| (at, Turn::Server));
        let agenda = self.queue.peek().map(|Reverse(entry)| (entry.at, Turn::Agenda));
        let (at, turn) = [hop, server, agenda].into_iter().flatten().min()?;
        Some(Next { at, turn })
    }

    /// Does what is due, then checks every invariant.
    pub(crate) fn step(&mut self, next: Next) -> Result<(), Broken> {
        self.now = self.now.max(next.at);
        match next.turn {
            Turn::Hop => self.hop.tick(self.mono()),
            Turn::Server => self.tick()?,
            Turn::Agenda => {
                if let Some(Reverse(entry)) = self.queue.pop() {
                    self.happens(entry.due)?;
                }
            }
        }
        self.check()
    }

    /// A report of the hop reaches the mailbox.
    pub(crate) fn told(&mut self, fact: Fact) -> Result<(), Broken> {
        self.server_gets(Inbox::Hop(fact.into()))?;
        self.check()
    }

    fn check(&mut self) -> Result<(), Broken> {
        self.hop_reports()?;
        self.oracle.check_hop(self.now, &self.hop)
    }

    fn happens(&mut self, due: Due) -> Result<(), Broken> {
        match due {
            Due::Wake => self.wake(),
            Due::Command { command, reply, process, seen } => {
                self.command_arrives(command, reply, process, seen)?
            }
            Due::Retry(command) => self.retry(command),
            Due::Store { server, epoch, batch, fails } => self.store(server, epoch, batch, fails)?,
            Due::Answer { server, answer } => self.log_answers(server, answer)?,
            Due::ToHop { process, message } => self.hop_gets(process, &message)?,
            Due::Room { source, up } => self.room(source, up),
            Due::Fault(fault) => self.fault(fault)?,
            Due::Resume(server) => self.resume(server)?,
            Due::Restart(process) if process == self.process => self.restart()?,
            Due::Open(server) => self.open_again(server)?,
            Due::Restart(_) => {}
            Due::Gone => self.deposed = None,
            Due::Heal => self.heal(),
            Due::Settle => self.settle()?,
        }
        Ok(())
    }

    /// Puts something on the agenda, that many microseconds from now.
    pub(crate) fn at(&mut self, after: u64, due: Due) {
        self.order += 1;
        self.queue.push(Reverse(Entry { at: self.now + after, order: self.order, due }));
    }

    /// The clock of the process.
    pub(crate) fn mono(&self) -> Mono {
        Mono(self.now - self.process_began)
    }

    /// The clock on the machine's wall.
    pub(crate) fn wall(&self) -> Wall {
        Wall(BEGIN.0 + self.wall_error + i64::try_from(self.now / MS).unwrap_or(0))
    }

    /// Rooms begin to publish, each in its own time.
    pub(crate) fn rooms_come(&mut self, within: u64) {
        for source in 0..SOURCES {
            if self.names.has_source(source) {
                let after = self.random.below(within);
                self.at(after, Due::Room { source, up: true });
            }
        }
    }

    fn room(&mut self, source: usize, up: bool) {
        // Nobody connects to a process that is dead; when it is back, rooms come by themselves.
        if up && self.primary.is_none() {
            return;
        }
        let now = self.mono();
        // A source that is not in the plan is turned away, and comes again.
        if up && self.names.forms[self.form].sources & (1 << source) == 0 {
            return self.at(S, Due::Room { source, up });
        }
        if up { self.hop.room_up(now, source) } else { self.hop.room_down(now, source) }
    }

    /// From now on nothing goes wrong: what follows must bring everything into agreement.
    pub(crate) fn heal(&mut self) {
        self.healed = true;
        (self.shut_until, self.hangs_until) = (self.now, self.hangs_until.min(self.now + 5 * S));
        self.last_change = self.now;
        let Weather { commands, pace, follows, .. } = self.weather;
        self.weather = Weather { commands, pace, follows, ..Weather::default() };
        self.trace.line(self.now, || "-- from here on nothing goes wrong".into());
        self.rooms_come(100 * MS);
        self.at(S / 2, Due::Settle);
    }

    fn settle(&mut self) -> Result<(), Broken> {
        self.settles += 1;
        let at_rest = self.now > self.last_change + 1800 * MS
            && self.sent.iter().all(|sent| sent.done)
            && self.primary.as_ref().is_some_and(Server::rests);
        if at_rest {
            self.done = true;
            return self.check_rest();
        }
        if self.settles > SETTLES_MAX {
            let open = self.sent.iter().filter(|sent| !sent.done).count();
            return Err(format!("after two quiet minutes {open} commands have no answer"));
        }
        self.at(S / 2, Due::Settle);
        Ok(())
    }
}
