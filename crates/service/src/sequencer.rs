//! One sequencer per meeting: every act passes here, in order, and nowhere else (R15).
//!
//! A machine without IO: give it [`Input`] with [`Sequencer::handle`], carry out what [`Sequencer::poll_output`] says in that order, and come back
//! at [`Sequencer::deadline`] with [`Input::Tick`].
//!
//! An act that revokes anything shuts the gates, is appended, applied, acknowledged; everything else is appended, applied,
//! acknowledged. While one append is under way, further commands are decided on the state ahead of the log and wait together for the next one.
//! After a failed append nothing more is acknowledged: [`Output::Recover`] asks for the log to be opened again, under a new epoch.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use base::limits::JOURNAL_LINES_MAX;
use base::{Epoch, Mono, RunId, Sequence, VenueId, Wall};
use directory::{Directory, Plan};
use meeting::planted::{self, Bug};
use meeting::{By, Cause, Command, Event, Keys, Record, Refusal, RefusalCode, State, decide, decide_cause};

use crate::acknowledge::{self, Acknowledged};
use crate::alarm::{Alarm, alarms};
use crate::chain::{self, Head};
use crate::control::{Acked, Acknowledge, Moment, OpenDesk};
use crate::facts::{Facts, LEASE_OF_LOST, PageReport, Transport};
use crate::port::hop::{self, Measure, MediaTarget, Traffic, What};
use crate::port::log::{OpenedRun, StoredEvent};
use crate::record;
use crate::target;

/// How often leases are renewed at the hop, and alarms looked for.
const TICK: Duration = Duration::from_secs(1);
/// Commands that may wait for the log at one time; more are answered [`Output::Busy`].
pub const WAITING_MAX: usize = 1_000;

/// Names the sender of a command, for the answer.
pub type Reply = u64;

/// What goes in.
#[derive(Debug)]
pub enum Input {
    /// A command.
    Command(Reply, Command),
    /// The batch under way is stored.
    Appended,
    /// It is not, or nobody knows.
    AppendFailed,
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
    /// That command cannot be taken now, or nobody knows whether it happened.
    Busy(Reply),
    /// What there is to see has changed.
    Publish(Box<Moment>),
    /// The log must be opened again; this sequencer does nothing more.
    Recover,
}

/// Why a run cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The chain is broken.
    #[error("the log of the run does not verify")]
    Chain(#[from] chain::ChainError),
    /// An event cannot be read.
    #[error("the log of the run cannot be replayed")]
    Unreadable(#[from] record::UnreadableEvent),
}

/// A run as it is loaded.
#[derive(Debug)]
pub struct Load {
    /// The run.
    pub run: RunId,
    /// As the log opened it.
    pub opened: OpenedRun,
    /// Directory now.
    pub directory: Arc<Directory>,
    /// Plan now.
    pub plan: Arc<Plan>,
    /// What is known of hop and pages; kept over a recovery, empty in a new process.
    pub facts: Facts,
    /// Alarms, with who has seen to them; kept as the facts are.
    pub alarms: Arc<Vec<Alarm>>,
    /// Rises with each change of directory or plan in the life of a process.
    pub generation: u32,
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
    /// Answers to the last commands, those that wait for the log among them.
    keys: Keys,
    /// Hash of the last event that was decided.
    head: Vec<u8>,
    /// Events under way to the log, then those that wait for it.
    under_way: Vec<Record>,
    staged: Vec<(Record, StoredEvent)>,
    /// Answers that wait for their event to be stored, in order of sequence.
    answers: VecDeque<(Reply, Acked)>,
    journal: Arc<VecDeque<Record>>,
    facts: Arc<Facts>,
    alarms: Arc<Vec<Alarm>>,
    acknowledged: Acknowledged,
    alarms_cleared: Option<Wall>,
    now: Mono,
    loaded_at: Mono,
    /// When each venue that has the floor got it, in the life of this sequencer.
    granted: BTreeMap<VenueId, Mono>,
    next_tick: Mono,
    dirty: bool,
    failed: bool,
    outputs: VecDeque<Output>,
}

impl Sequencer {
    /// Loads a run: verifies its chain, replays it, and brings the roster up to date.
    ///
    /// # Errors
    /// [`LoadError`] when the log cannot be trusted or read.
    pub fn load(load: Load, now: Mono, at: Wall) -> Result<Self, LoadError> {
        let Load { run, opened, directory, plan, facts, alarms, generation } = load;
        let head = chain::verify_after(&run, Head::origin(&run), &opened.events)?;
        let (mut state, mut keys) = (State::default(), Keys::default());
        let mut journal = VecDeque::with_capacity(JOURNAL_LINES_MAX);
        for stored in &opened.events {
            let record = record::read(stored)?;
            state.apply(&record);
            keys.note(&record);
            remember(&mut journal, record);
        }
        let epoch = if planted::active(Bug::OldEpoch) { head.epoch } else { opened.epoch };
        let mut sequencer = Self {
            run,
            epoch,
            directory,
            plan,
            generation,
            durable: Arc::new(state.clone()),
            ahead: state,
            keys,
            head: head.hash,
            under_way: Vec::new(),
            staged: Vec::new(),
            answers: VecDeque::new(),
            journal: Arc::new(journal),
            facts: Arc::new(facts),
            alarms,
            acknowledged: Acknowledged::default(),
            alarms_cleared: None,
            now,
            loaded_at: now,
            granted: BTreeMap::new(),
            next_tick: now + TICK,
            dirty: true,
            failed: false,
            outputs: VecDeque::new(),
        };
        sequencer.bring_roster(at);
        sequencer.apply();
        sequencer.settle(at);
        Ok(sequencer)
    }

    /// Takes an input. Nothing is taken after [`Output::Recover`].
    pub fn handle(&mut self, now: Mono, at: Wall, input: Input) {
        if self.failed {
            if let Input::Command(reply, _) | Input::Acknowledge(reply, _) = input {
                self.outputs.push_back(Output::Busy(reply));
            }
            return;
        }
        self.now = now;
        match input {
            Input::Command(reply, command) => self.command(reply, &command, at),
            Input::Appended => self.appended(),
            Input::AppendFailed => self.fail(),
            Input::Hop(what) => self.hop(now, at, &what),
            Input::Node(traffic) => self.facts_mut().on_node(traffic),
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
        self.next_tick
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

    /// Answers to the last commands, those that wait for the log among them.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
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
        }
    }

    /// What hop and pages reported, for the sequencer that takes over after a recovery.
    #[must_use]
    pub fn into_facts(self) -> (Facts, u32) {
        (Arc::unwrap_or_clone(self.facts), self.generation)
    }

    fn command(&mut self, reply: Reply, command: &Command, at: Wall) {
        if !planted::active(Bug::RepeatActsAgain)
            && let Some(answer) = self.keys.answer(&command.actor.token, &command.key)
        {
            if answer.act == command.act.kind() {
                self.answer(reply, Acked { seq: answer.seq, at: answer.at });
            } else {
                self.refuse(reply, RefusalCode::KeyReused);
            }
            return;
        }
        if self.acknowledged.answer(&command.actor.token, &command.key).is_some() {
            return self.refuse(reply, RefusalCode::KeyReused);
        }
        if self.answers.len() >= WAITING_MAX {
            self.outputs.push_back(Output::Busy(reply));
            return;
        }
        match decide(&self.ahead, &self.directory, command) {
            Ok((by, events)) => {
                self.stage(&by, events, at);
                let acked = Acked { seq: self.ahead.seq, at: self.ahead.at };
                self.answer(reply, acked);
            }
            Err(refusal) => self.outputs.push_back(Output::Refuse(reply, refusal)),
        }
    }

    /// Notes with an alarm who has seen to it. The first who says so stays.
    fn acknowledge(&mut self, reply: Reply, said: &Acknowledge, at: Wall) {
        if self.keys.answer(&said.actor.token, &said.key).is_some() {
            return self.refuse(reply, RefusalCode::KeyReused);
        }
        if let Some(acked) = self.acknowledged.answer(&said.actor.token, &said.key) {
            return self.outputs.push_back(Output::Ack(reply, acked));
        }
        match acknowledge::note(&mut self.alarms, said, at) {
            Ok(noted) => {
                let acked = Acked { seq: self.durable.seq, at: noted.at };
                self.acknowledged.remember(said, acked);
                self.dirty = true;
                self.outputs.push_back(Output::Ack(reply, acked));
            }
            Err(refusal) => self.outputs.push_back(Output::Refuse(reply, refusal)),
        }
    }

    fn refuse(&mut self, reply: Reply, code: RefusalCode) {
        self.outputs.push_back(Output::Refuse(reply, Refusal { code, holder: None, may: vec![] }));
    }

    fn answer(&mut self, reply: Reply, acked: Acked) {
        if acked.seq <= self.durable.seq || planted::active(Bug::AckBeforeAppend) {
            self.outputs.push_back(Output::Ack(reply, acked));
        } else {
            let place = self.answers.partition_point(|(_, waiting)| waiting.seq <= acked.seq);
            self.answers.insert(place, (reply, acked));
        }
    }

    fn cause(&mut self, cause: &Cause, at: Wall) {
        let events = decide_cause(&self.ahead, cause);
        self.stage(&By::Server, events, at);
    }

    fn bring_roster(&mut self, at: Wall) {
        let roster = target::roster(&self.directory, &self.plan);
        self.facts_mut().set_sources(&target::sources(&roster));
        self.cause(&Cause::Roster(roster), at);
    }

    /// Gives events their place behind all that was decided before. Gates that they revoke are shut now, before the log has them.
    fn stage(&mut self, by: &By, events: Vec<Event>, at: Wall) {
        // Time in a log never goes back, whatever the machine's clock does.
        let at = at.max(self.ahead.at);
        let mut revoked = Vec::new();
        for event in events {
            if let Some(venue) = event.revokes() {
                self.granted.remove(venue);
                revoked.push(venue.clone());
            }
            if let Some(venue) = event.grants() {
                self.granted.insert(venue.clone(), self.now);
            }
            let record = Record { seq: self.ahead.seq.next(), at, by: by.clone(), event };
            let stored = record::seal(&self.run, self.epoch, &self.head, &record);
            self.head.clone_from(&stored.hash);
            self.ahead.apply(&record);
            self.keys.note(&record);
            self.staged.push((record, stored));
        }
        if !revoked.is_empty() && !planted::active(Bug::RevokeSkipsGate) {
            let until = self.ahead.seq;
            self.outputs.push_back(Output::CloseGates { epoch: self.epoch, until, venues: revoked });
        }
    }

    fn appended(&mut self) {
        let durable = Arc::make_mut(&mut self.durable);
        let journal = Arc::make_mut(&mut self.journal);
        for record in self.under_way.drain(..) {
            durable.apply(&record);
            remember(journal, record);
        }
        self.dirty = true;
        self.apply();
        while let Some((reply, acked)) = self.answers.front().copied()
            && acked.seq <= self.durable.seq
        {
            self.answers.pop_front();
            self.outputs.push_back(Output::Ack(reply, acked));
        }
    }

    fn fail(&mut self) {
        self.failed = true;
        while let Some((reply, _)) = self.answers.pop_front() {
            self.outputs.push_back(Output::Busy(reply));
        }
        self.outputs.push_back(Output::Recover);
    }

    fn hop(&mut self, now: Mono, at: Wall, what: &What) {
        let changed = self.facts_mut().on_hop(now, at, what);
        match what {
            What::Fact(hop::Fact::Source { source, state }) if state.live => {
                let venue = self.ahead.roster().and_then(|roster| roster.venue_of(source)).cloned();
                if let Some(venue) = venue {
                    self.cause(&Cause::Joins(venue), at);
                }
                self.dirty |= changed;
            }
            // Counters are told once a second, by the tick.
            What::Fact(hop::Fact::Dropped { .. } | hop::Fact::TooLarge { .. })
            | What::Measure(Measure::Quality { .. }) => {}
            What::Fact(
                hop::Fact::Gate { .. }
                | hop::Fact::Shown { .. }
                | hop::Fact::Waiting { .. }
                | hop::Fact::Source { .. }
                | hop::Fact::Session { .. },
            )
            | What::Measure(Measure::Levels { .. }) => self.dirty |= changed,
        }
    }

    fn tick(&mut self, now: Mono, at: Wall) {
        self.next_tick = now + TICK;
        for venue in self.lost_for_too_long(now) {
            self.cause(&Cause::LinkLost(venue), at);
        }
        let durable = Arc::clone(&self.durable);
        self.facts_mut().note_disagreements(now, &durable);
        let found = alarms(&self.directory, &self.durable, &self.facts, now, at, &self.alarms);
        if found.is_empty() && !self.alarms.is_empty() {
            self.alarms_cleared = Some(at);
        }
        if *self.alarms != found {
            self.alarms = Arc::new(found);
        }
        self.dirty = true;
        // The same sequence again renews the leases at the hop (R3).
        self.apply();
    }

    /// Venues with a lease whose link has been lost for longer than a lease lasts.
    fn lost_for_too_long(&self, now: Mono) -> Vec<VenueId> {
        if planted::active(Bug::LostKeepsLease) {
            return vec![];
        }
        let over = |(venue, since): (VenueId, Mono)| (now.since(since) >= LEASE_OF_LOST).then_some(venue);
        self.losing().filter_map(over).collect()
    }

    /// Venues that have a lease and no link, and since when that counts: in a new process the time begins anew, and so it does with a
    /// lease that was given while the link was lost already. The chair's venue keeps its lease (R3).
    fn losing(&self) -> impl Iterator<Item = (VenueId, Mono)> {
        let chair = self.ahead.chair_venue();
        self.ahead.floor().iter().filter(move |lease| Some(&lease.venue) != chair).filter_map(|lease| {
            let venue = &lease.venue;
            let lost = match self.facts.venue(venue).map(|fact| fact.transport) {
                Some(Transport::Up { .. }) => return None,
                Some(Transport::Lost { since_mono, .. }) => since_mono.max(self.loaded_at),
                Some(Transport::Never) | None => self.loaded_at,
            };
            let granted = self.granted.get(venue).copied().unwrap_or_default();
            Some((venue.clone(), lost.max(granted)))
        })
    }

    fn apply(&mut self) {
        let target = Box::new(target::target(&self.durable));
        self.outputs.push_back(Output::Apply { epoch: self.epoch, sequence: self.durable.seq, target });
    }

    /// Sends what waits to the log if nothing is under way, and publishes what changed.
    fn settle(&mut self, at: Wall) {
        if !self.failed {
            // Nothing is owed behind `ended` yet, so `closed` goes in the same batch. A run that a crash left without it gets it when it is loaded.
            self.cause(&Cause::NothingOwed, at);
        }
        if self.under_way.is_empty() && !self.staged.is_empty() && !self.failed {
            let (records, events) = std::mem::take(&mut self.staged).into_iter().unzip();
            self.under_way = records;
            self.outputs.push_back(Output::Append { epoch: self.epoch, events });
        }
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

fn remember(journal: &mut VecDeque<Record>, record: Record) {
    journal.push_front(record);
    journal.truncate(JOURNAL_LINES_MAX);
}
