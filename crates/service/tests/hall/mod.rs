//! A sequencer on a bench: its outputs as lines of text, its log in memory, its clocks in our hands.

use std::sync::Arc;
use std::time::Duration;

use base::{
    CommandKey, Epoch, LogCause, MeetingId, Mono, RunId, Sequence, SourceId, TokenId, UnitId, VenueId, Wall,
};
use directory::policy::Role;
use directory::{Directory, Plan, Source, Text, Unit, Venue};
use meeting::{Act, Actor, Command, across, floor, preview};
use service::control::AskedAt;
use service::port::hop::{Fact, SourceState, What};
use service::port::log::{OpenedRun, StoredEvent};
use service::port::unlogged::Entry;
use service::sequencer::{Input, Load, LoadError, Output, Replayed, Reply, Sequencer, Trouble};

pub(crate) const BEGIN: Wall = Wall(1_793_696_400_000);

pub(crate) fn venue(id: &str) -> VenueId {
    VenueId::new(id).unwrap()
}

pub(crate) fn source(id: &str) -> SourceId {
    SourceId::new(id).unwrap()
}

pub(crate) fn run() -> RunId {
    RunId::new("annual.held").unwrap()
}

pub(crate) fn meeting() -> MeetingId {
    MeetingId::new("annual").unwrap()
}

/// A head with `main`, the city `north` with `v1`, `v2`, `v3`, and the city `south` with `v4`.
pub(crate) fn directory() -> Arc<Directory> {
    let unit = |id: &str, upper: Option<&str>, rank| Unit {
        id: UnitId::new(id).unwrap(),
        upper: upper.map(|upper| UnitId::new(upper).unwrap()),
        rank,
        name: Text::new(id, id),
        short: Text::new(id, id),
    };
    let room = |(n, (id, unit)): (u32, (&str, &str))| Venue {
        id: venue(id),
        unit: UnitId::new(unit).unwrap(),
        rank: n,
        name: Text::new(id, id),
        short: Text::new(id, id),
        sources: vec![Source { id: source(&format!("{id}.1")), name: Text::default() }],
        technician: None,
        search: vec![],
    };
    let units = vec![
        unit("head", None, 1),
        unit("north", Some("head"), 1),
        unit("hill", Some("north"), 1),
        unit("south", Some("head"), 2),
    ];
    let rooms = [("main", "head"), ("v1", "north"), ("v2", "hill"), ("v3", "hill"), ("v4", "south")];
    let rooms = (0..).zip(rooms).map(room).collect();
    Arc::new(Directory::new(Text::default(), vec![Text::default(); 3], units, rooms, vec![]).unwrap())
}

/// The plan with these venues, the chair's first.
pub(crate) fn plan(venues: &[&str]) -> Arc<Plan> {
    Arc::new(Plan {
        id: meeting(),
        title: Text::default(),
        start: None,
        zone: "Asia/Shanghai".to_owned(),
        chair_venue: venue(venues[0]),
        chair: None,
        contact: None,
        codec: directory::Codec::Vp8,
        venues: venues.iter().map(|id| venue(id)).collect(),
        items: vec![],
    })
}

pub(crate) const ALL: [&str; 5] = ["main", "v1", "v2", "v3", "v4"];

/// A command by `director`, `chair`, `watcher` or a venue.
pub(crate) fn command(who: &str, key: &str, act: Act) -> Command {
    let (role, of) = match who {
        "director" => (Role::Director, None),
        "chair" => (Role::Chair, None),
        "watcher" => (Role::Watcher, None),
        id => (Role::Venue, Some(venue(id))),
    };
    let token = TokenId::new(&format!("t-{who}")).unwrap();
    Command { key: CommandKey::new(key).unwrap(), actor: Actor { role, venue: of, token }, act }
}

pub(crate) fn open(id: &str) -> Act {
    Act::Floor(floor::Act::Open { venue: venue(id) })
}

pub(crate) fn close(id: &str) -> Act {
    Act::Across(across::Act::CloseFloor { venue: venue(id) })
}

pub(crate) fn call_on(id: &str) -> Act {
    Act::Across(across::Act::CallOn {
        venue: venue(id),
        source: None,
        person: None,
        limit_s: None,
        request: None,
    })
}

pub(crate) fn preview(id: &str) -> Act {
    Act::Preview(preview::Act::Set { source: Some(source(id)) })
}

pub(crate) fn live(id: &str, live: bool) -> Fact {
    let state = SourceState { live, layers: vec![], decodable: live };
    Fact::Source { source: source(&format!("{id}.1")), state }
}

pub(crate) fn gate(id: &str, open: bool) -> Fact {
    Fact::Gate { venue: venue(id), open, epoch: Epoch(1), sequence: Sequence(1) }
}

/// The sequencer and what is around it.
pub(crate) struct Bench {
    pub(crate) sequencer: Sequencer,
    pub(crate) now: Mono,
    pub(crate) wall: Wall,
    /// What the log holds.
    pub(crate) log: Vec<StoredEvent>,
    /// What is under way to it.
    pub(crate) batch: Option<Vec<StoredEvent>>,
    pub(crate) epoch: Epoch,
    pub(crate) target: service::port::hop::MediaTarget,
    /// The page of closing acts.
    pub(crate) entries: Vec<Entry>,
    asked_to_open: bool,
    next: Reply,
}

impl Bench {
    /// A run that is loaded for the first time, its first event stored.
    pub(crate) fn new() -> Self {
        let mut bench = Self::load(vec![], Epoch(1)).unwrap();
        bench.drain();
        bench.appended();
        bench
    }

    /// A meeting under way, in which all venues publish.
    pub(crate) fn live() -> Self {
        let mut bench = Self::new();
        for id in ALL {
            bench.hop(live(id, true));
            bench.stored();
        }
        bench.done("director", Act::Across(across::Act::Start));
        bench
    }

    pub(crate) fn load(log: Vec<StoredEvent>, epoch: Epoch) -> Result<Self, LoadError> {
        Self::load_with(log, epoch, vec![])
    }

    /// A run that is opened, and may have lost something.
    pub(crate) fn open(opened: OpenedRun) -> Result<Self, LoadError> {
        Self::of(opened, vec![])
    }

    /// A run that is loaded, with what a page of closing acts has of it.
    pub(crate) fn load_with(
        log: Vec<StoredEvent>,
        epoch: Epoch,
        unlogged: Vec<Entry>,
    ) -> Result<Self, LoadError> {
        Self::of(OpenedRun::whole(epoch, log), unlogged)
    }

    fn of(opened: OpenedRun, unlogged: Vec<Entry>) -> Result<Self, LoadError> {
        let (epoch, log) = (opened.epoch, opened.events.clone());
        let replayed = Replayed::of(&run(), &opened)?;
        let load = Load { run: run(), replayed, directory: directory(), plan: plan(&ALL), unlogged };
        let (now, wall) = (Mono::from_millis(5000), BEGIN);
        let sequencer = Sequencer::load(load, now, wall);
        let target = Default::default();
        Ok(Self {
            sequencer,
            now,
            wall,
            log,
            batch: None,
            epoch,
            target,
            entries: vec![],
            asked_to_open: false,
            next: 0,
        })
    }

    /// The same log in a new process.
    pub(crate) fn reload(self) -> Self {
        let unlogged = self.entries;
        let mut bench = Self::load_with(self.log, self.epoch.next(), unlogged.clone()).unwrap();
        (bench.entries, bench.next) = (unlogged, 100);
        bench
    }

    /// The batch under way fails, whether it is stored or not.
    pub(crate) fn fails(&mut self, why: LogCause, stored: bool) -> Vec<String> {
        let batch = self.batch.take().expect("a batch is under way");
        if stored {
            self.log.extend(batch);
        }
        self.input(Input::AppendFailed(Trouble { why, theirs: None }))
    }

    /// The log is open again, under a new epoch.
    pub(crate) fn opened(&mut self) -> Vec<String> {
        while !std::mem::take(&mut self.asked_to_open) {
            self.tick_without_store();
        }
        self.epoch = self.epoch.next();
        let opened = OpenedRun::whole(self.epoch, self.log.clone());
        let replayed = Replayed::of(&run(), &opened).unwrap();
        self.input(Input::Opened(Box::new(replayed)))
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        self.wall = Wall(self.wall.0 + i64::try_from(time.as_millis()).unwrap());
    }

    pub(crate) fn input(&mut self, input: Input) -> Vec<String> {
        self.sequencer.handle(self.now, self.wall, input);
        self.drain()
    }

    /// Gives a command; it gets the next number.
    pub(crate) fn give(&mut self, command: Command) -> Vec<String> {
        self.give_seen(command, AskedAt { read: self.now, seen: None })
    }

    /// Gives a command of some age.
    pub(crate) fn give_seen(&mut self, command: Command, asked: AskedAt) -> Vec<String> {
        self.next += 1;
        self.input(Input::Command(self.next, command, asked))
    }

    /// Gives an act under a key of its own.
    pub(crate) fn act(&mut self, who: &str, act: Act) -> Vec<String> {
        let key = format!("k{}", self.next);
        self.give(command(who, &key, act))
    }

    /// An act, and its append.
    pub(crate) fn done(&mut self, who: &str, act: Act) -> Vec<String> {
        let mut lines = self.act(who, act);
        lines.extend(self.stored());
        lines
    }

    pub(crate) fn hop(&mut self, what: impl Into<What>) -> Vec<String> {
        self.input(Input::Hop(what.into()))
    }

    /// The batch under way is stored, if there is one.
    pub(crate) fn stored(&mut self) -> Vec<String> {
        if self.batch.is_some() { self.appended() } else { vec![] }
    }

    pub(crate) fn appended(&mut self) -> Vec<String> {
        self.log.extend(self.batch.take().expect("a batch is under way"));
        self.input(Input::Appended)
    }

    /// A tick, when it is due; what it appends is stored at once.
    pub(crate) fn tick(&mut self) -> Vec<String> {
        let until = self.sequencer.deadline().since(self.now);
        self.pass(until);
        let mut lines = self.input(Input::Tick);
        lines.extend(self.stored());
        lines
    }

    /// A tick while the log is slow.
    pub(crate) fn tick_without_store(&mut self) -> Vec<String> {
        let until = self.sequencer.deadline().since(self.now);
        self.pass(until);
        self.input(Input::Tick)
    }

    /// Ticks for so many seconds.
    pub(crate) fn ticks(&mut self, seconds: u32) -> Vec<String> {
        (0..seconds).flat_map(|_| self.tick()).collect()
    }

    /// Outputs in words, in their order; what screens get is left out.
    pub(crate) fn drain(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(output) = self.sequencer.poll_output() {
            match output {
                Output::CloseGates { epoch, until, venues } => {
                    assert!(epoch <= self.epoch);
                    let until = if until == Sequence(u64::MAX) { "ever".into() } else { until.to_string() };
                    let venues: Vec<&str> = venues.iter().map(VenueId::as_str).collect();
                    lines.push(format!("close_gates {} until {until}", venues.join("+")));
                }
                Output::Append { epoch, events } => {
                    assert_eq!(epoch, self.epoch);
                    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
                    lines.push(format!("append {}", kinds.join("+")));
                    assert!(self.batch.replace(events).is_none(), "two batches are under way");
                }
                Output::Apply { epoch, sequence, target } => {
                    assert!(epoch <= self.epoch);
                    let gates: Vec<&str> = target.gates.iter().map(VenueId::as_str).collect();
                    lines.push(format!("apply {sequence} {}", gates.join("+")));
                    self.target = *target;
                }
                Output::Ack(reply, acked) => lines.push(format!("ack {reply}: {}", acked.seq)),
                Output::Refuse(reply, refusal) => lines.push(format!("refuse {reply}: {:?}", refusal.code)),
                Output::Busy(reply) => lines.push(format!("busy {reply}")),
                Output::Unconfirmed(reply) => lines.push(format!("unconfirmed {reply}")),
                Output::CloseUnlogged { reply, closed, entry } => {
                    let who = reply.map_or("itself".into(), |reply| reply.to_string());
                    let ended = closed.ended.map(|ended| format!(" ended {ended}")).unwrap_or_default();
                    lines.push(format!("closed {who}{ended}"));
                    if !self.entries.iter().any(|known| known.is(&entry)) {
                        self.entries.push(*entry);
                    }
                }
                Output::Cleared => self.entries.clear(),
                Output::Publish(_) => {}
                Output::Open => {
                    self.asked_to_open = true;
                    lines.push("open".into());
                }
            }
        }
        lines
    }
}
