//! One sequencer per meeting: every act passes here, in order, and nowhere else (R15).
//!
//! A machine without IO: give it [`Input`] with [`Sequencer::handle`], carry out what [`Sequencer::poll_output`] says in that order, and come back
//! at [`Sequencer::deadline`] with [`Input::Tick`].
//!
//! An act that revokes anything shuts the gates, is appended, applied, acknowledged; everything else is appended, applied,
//! acknowledged. While one append is under way, further commands are decided on the state ahead of the log and wait together for the next one.
//!
//! When an append fails, or takes two seconds, the log is *shut*: the sequencer goes on, renews what the hop was given, and asks for the log to be
//! opened again under a new epoch ([`Output::Open`]). Until then it decides nothing but what closes: see `closing`. What it brings into the log first
//! when that is open again is what the hop does: see `log`.

mod acts;
mod clock;
mod closing;
mod log;
mod replay;
mod upkeep;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use base::{Epoch, LogCause, Mono, RunId, Sequence, VenueId, Wall};
use directory::{Directory, Plan};
use meeting::{Cause, Command, Keys, Record, Refusal, State};

use crate::acknowledge::Acknowledged;
use crate::alarm::Alarm;
use crate::control::{Acked, Acknowledge, AskedAt, ClosedUnlogged, Moment, OpenDesk, Withheld};
use crate::facts::{Facts, PageReport};
use crate::hands::Hands;
use crate::port::hop::{MediaTarget, Traffic, What};
use crate::port::log::StoredEvent;
use crate::port::unlogged::Entry;
use crate::target;

use acts::{Pending, Waiting};
use clock::Clocks;
use log::{Given, Log};

pub use replay::{LoadError, Replayed};

/// How often leases are renewed at the hop, and alarms looked for.
const TICK: Duration = Duration::from_secs(1);
/// Commands that may wait for the log at one time, and again so many that close; more are answered [`Output::Busy`].
pub const WAITING_MAX: usize = 1_000;

/// Names the sender of a command, for the answer.
pub type Reply = u64;

/// Why the log cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// In one word.
    pub why: LogCause,
    /// The epoch of the server that has opened the run since, if that is why.
    pub theirs: Option<Epoch>,
}

/// What goes in.
#[derive(Debug)]
pub enum Input {
    /// A command, and how old it is.
    Command(Reply, Command, AskedAt),
    /// The batch under way is stored.
    Appended,
    /// It is not, or nobody knows.
    AppendFailed(Trouble),
    /// The store knows of trouble, though nothing is under way to it.
    Trouble(Trouble),
    /// The log is open again.
    Opened(Box<Replayed>),
    /// It is not.
    OpenFailed(Trouble),
    /// A report of the hop.
    Hop(What),
    /// Traffic of the node.
    Node(Traffic),
    /// What the hall page of a venue reports.
    Report(VenueId, PageReport),
    /// That page is gone.
    ReportGone(VenueId),
    /// Somebody says that an alarm is seen to.
    Acknowledge(Reply, Acknowledge),
    /// How many clients are on the control connection.
    Clients(u32),
    /// Which desks are open.
    Desks(Vec<OpenDesk>),
    /// Directory or plan changed.
    Directory(Arc<Directory>, Arc<Plan>),
    /// The deadline has come.
    Tick,
}

/// What is to be done, in this order.
#[derive(Debug)]
pub enum Output {
    /// Shut these gates at once.
    CloseGates {
        /// Of this epoch.
        epoch: Epoch,
        /// Until a target at or after this.
        until: Sequence,
        /// Whose.
        venues: Vec<VenueId>,
    },
    /// Append this batch and answer with [`Input::Appended`] or [`Input::AppendFailed`].
    Append {
        /// Of this epoch.
        epoch: Epoch,
        /// The events.
        events: Vec<StoredEvent>,
    },
    /// Open the log again, replay it, and answer with [`Input::Opened`] or [`Input::OpenFailed`].
    Open,
    /// Give the hop its target.
    Apply {
        /// Of this epoch.
        epoch: Epoch,
        /// Sequence of the last stored event.
        sequence: Sequence,
        /// The target.
        target: Box<MediaTarget>,
    },
    /// That command is in the log.
    Ack(Reply, Acked),
    /// That command is refused.
    Refuse(Reply, Refusal),
    /// That command was not decided, and is not decided later.
    Busy(Reply),
    /// That command was in a batch that the log may hold or not: its key tells when the log is open again.
    Unconfirmed(Reply),
    /// Write the entry into the page of closing acts, and answer, within 100 ms, that it has taken effect and whether it is kept.
    CloseUnlogged {
        /// Who is to be told, if anybody is.
        reply: Option<Reply>,
        /// What they are told, but for whether it is kept.
        closed: ClosedUnlogged,
        /// What is kept.
        entry: Box<Entry>,
    },
    /// The log has all that the page says of this run.
    Cleared,
    /// What there is to see has changed.
    Publish(Box<Moment>),
}

/// A run as it is loaded.
#[derive(Debug)]
pub struct Load {
    /// The run.
    pub run: RunId,
    /// As its log tells it.
    pub replayed: Replayed,
    /// Directory now.
    pub directory: Arc<Directory>,
    /// Plan now.
    pub plan: Arc<Plan>,
    /// What closed while the log could not be written, and is not known to be in it.
    pub unlogged: Vec<Entry>,
}

/// The sequencer of a meeting.
#[derive(Debug)]
pub struct Sequencer {
    run: RunId,
    epoch: Epoch,
    directory: Arc<Directory>,
    plan: Arc<Plan>,
    generation: u32,
    /// What the log holds.
    durable: Arc<State>,
    /// What it will hold when all that was decided is stored.
    ahead: State,
    /// Answers to the last commands, by what is stored.
    keys: Keys,
    /// Answers to those that wait for the log.
    pending: Pending,
    /// How often hands go up and down.
    hands: Hands,
    /// Hash of the last event that was decided.
    head: Vec<u8>,
    log: Log,
    /// Events under way to the log, then those that wait for it.
    under_way: Vec<Record>,
    staged: Vec<(Record, StoredEvent)>,
    /// Answers that wait for their event to be stored, in order of sequence.
    answers: VecDeque<Waiting>,
    /// What the hop was given last.
    given: Given,
    withheld: Arc<Withheld>,
    journal: Arc<VecDeque<Record>>,
    facts: Arc<Facts>,
    alarms: Arc<Vec<Alarm>>,
    acknowledged: Acknowledged,
    alarms_cleared: Option<Wall>,
    now: Mono,
    clocks: Clocks,
    /// How much had closed without the log when the clock jumped first: its hours are of the clock before.
    closed_before_jump: Option<usize>,
    loaded_at: Mono,
    /// Who was here before and did not come back has been looked for.
    missed: bool,
    /// When each venue that has the floor got it, in the life of this sequencer.
    granted: BTreeMap<VenueId, Mono>,
    next_tick: Mono,
    dirty: bool,
    outputs: VecDeque<Output>,
}

impl Sequencer {
    /// Takes a run that was replayed, and brings the roster up to date.
    #[must_use]
    pub fn load(load: Load, now: Mono, at: Wall) -> Self {
        let Load {
            run,
            replayed: Replayed { epoch, state, keys, head, journal, lost },
            directory,
            plan,
            unlogged,
        } = load;
        let withheld = Withheld::of(unlogged, &state, &keys);
        let given = Given::of(epoch, &state, &withheld);
        let clocks = Clocks::begin(now, at, state.clock_jumped_ms());
        let mut sequencer = Self {
            run,
            epoch,
            directory,
            plan,
            generation: 1,
            durable: Arc::new(state.clone()),
            ahead: state,
            keys,
            pending: Pending::default(),
            hands: Hands::default(),
            head,
            log: Log::open(),
            under_way: Vec::new(),
            staged: Vec::new(),
            answers: VecDeque::new(),
            given,
            withheld: Arc::new(withheld),
            journal: Arc::new(journal),
            facts: Arc::default(),
            alarms: Arc::default(),
            acknowledged: Acknowledged::default(),
            alarms_cleared: None,
            now,
            clocks,
            closed_before_jump: None,
            loaded_at: now,
            missed: false,
            granted: BTreeMap::new(),
            next_tick: now + TICK,
            dirty: true,
            outputs: VecDeque::new(),
        };
        if let Some((had, has)) = lost {
            sequencer.cause(&Cause::LossAccepted { had, has }, at);
        }
        sequencer.look_at_log(at);
        sequencer.bring_up_to_date(at);
        sequencer.settle(at);
        sequencer
    }

    /// Takes an input.
    pub fn handle(&mut self, now: Mono, at: Wall, input: Input) {
        self.now = now;
        self.look_at_clocks(at);
        self.look_at_append(at);
        match input {
            Input::Command(reply, command, asked) => self.command(reply, command, asked, at),
            Input::Appended => self.appended(),
            Input::AppendFailed(trouble) => self.append_failed(trouble, at),
            Input::Trouble(trouble) => self.trouble(trouble, at),
            Input::Opened(replayed) => self.opened(*replayed, at),
            Input::OpenFailed(trouble) => self.open_failed(trouble),
            Input::Hop(what) => self.hop(now, at, &what),
            Input::Node(traffic) => self.facts_mut().on_node(now, traffic),
            Input::Report(venue, report) => {
                self.dirty |= self.facts_mut().on_report(&venue, &report);
                // The technician's page says ready too, and reports nothing: who reports is the hall's.
                self.cause(&Cause::Joins(venue), at);
            }
            Input::ReportGone(venue) => {
                self.facts_mut().forget_report(&venue);
                self.dirty = true;
            }
            Input::Acknowledge(reply, said) => self.acknowledge(reply, &said, at),
            Input::Clients(clients) => {
                self.facts_mut().node.clients = clients;
                self.dirty = true;
            }
            Input::Desks(desks) => {
                self.facts_mut().desks = desks;
                self.dirty = true;
            }
            Input::Directory(directory, plan) => {
                (self.directory, self.plan) = (directory, plan);
                self.generation += 1;
                self.dirty = true;
                self.bring_roster(at);
            }
            Input::Tick => self.tick(now, at),
        }
        self.settle(at);
    }

    /// What is to be done next, if anything.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Mono {
        self.log.deadline().map_or(self.next_tick, |deadline| deadline.min(self.next_tick))
    }

    /// The epoch under which this sequencer writes.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// What the log holds.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.durable
    }

    /// Answers to the last commands, by what is stored.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The log cannot be written.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        self.log.is_shut()
    }

    /// What there is to see now.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment {
            generation: self.generation,
            directory: Arc::clone(&self.directory),
            plan: Arc::clone(&self.plan),
            state: Arc::clone(&self.durable),
            journal: Arc::clone(&self.journal),
            facts: Arc::clone(&self.facts),
            alarms: Arc::clone(&self.alarms),
            alarms_cleared: self.alarms_cleared,
            log: self.log.seen(),
            withheld: Arc::clone(&self.withheld),
        }
    }

    fn bring_roster(&mut self, at: Wall) {
        let roster = target::roster(&self.directory, &self.plan);
        self.facts_mut().set_sources(&target::sources(&roster));
        self.cause(&Cause::Roster(roster), at);
    }

    /// Sends what waits to the log if nothing is under way, and publishes what changed.
    fn settle(&mut self, at: Wall) {
        // Nothing is owed behind `ended` yet, so `closed` goes in the same batch. A run that a crash left without it gets it when it is loaded.
        self.cause(&Cause::NothingOwed, at);
        self.send_to_log();
        if std::mem::take(&mut self.dirty) {
            let losing: BTreeMap<_, _> = self.losing().collect();
            if self.facts.loses_otherwise(&losing) {
                let now = self.now;
                self.facts_mut().note_losing(now, at, &losing);
            }
            let moment = Box::new(self.moment());
            self.outputs.push_back(Output::Publish(moment));
        }
    }

    fn facts_mut(&mut self) -> &mut Facts {
        Arc::make_mut(&mut self.facts)
    }
}
