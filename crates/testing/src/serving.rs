//! The server's side of a sequence: it carries out what the sequencer says, with all that can go wrong on the way.

use std::sync::Arc;

use base::VenueId;
use meeting::Phase;
use service::control::{Inbox, Moment};
use service::facts::{Facts, Transport};
use service::port::hop::{Fact, What};
use service::sequencer::{Input, Load, Output, Replayed, Sequencer};
use service::{chain, record};

use crate::due::{Due, ToHop};
use crate::oracle::{Broken, mask};
use crate::organisation::{source_index, venue_index};
use crate::screen;
use crate::server::{Server, Which};
use crate::weather::{MS, S};
use crate::world::World;

impl World {
    /// Opens the run under a new epoch and lets a new server take over.
    pub(crate) fn open_run(&mut self) -> Result<(), Broken> {
        let opened = self.log.open();
        let epoch = opened.epoch;
        let form = &self.names.forms[self.form];
        let replayed =
            Replayed::of(&self.names.run, &opened).map_err(|error| format!("cannot load: {error}"))?;
        if replayed.epoch() != epoch {
            return Err(format!("the server writes under epoch {}, not {epoch} (R15)", replayed.epoch()));
        }
        let load = Load {
            run: self.names.run.clone(),
            replayed,
            directory: Arc::clone(&form.directory),
            plan: Arc::clone(&form.plan),
            unlogged: self.page.clone(),
        };
        let sequencer = Sequencer::load(load, self.mono(), self.wall());
        self.servers += 1;
        self.last_change = self.now;
        self.counts.note("runs opened");
        self.trace.line(self.now, || format!("server {} opens the run, epoch {epoch}", self.servers));
        self.oracle.taken_over(self.now, &self.page);
        self.forget_what_was_not_kept();
        let server =
            Server { number: self.servers, sequencer, stalled: false, writing: false, answers: vec![] };
        self.carry_out(Which::Primary, server)?;
        self.read_mail()
    }

    /// When the servers that are awake want a tick.
    pub(crate) fn awake_deadline(&self) -> Option<u64> {
        [&self.primary, &self.deposed]
            .into_iter()
            .flatten()
            .filter(|server| !server.stalled)
            .map(|server| self.process_began + server.sequencer.deadline().0)
            .min()
    }

    /// A tick for each server whose time has come.
    pub(crate) fn tick(&mut self) -> Result<(), Broken> {
        for which in [Which::Primary, Which::Deposed] {
            let (now, began) = (self.now, self.process_began);
            let due = |server: &Server| !server.stalled && began + server.sequencer.deadline().0 <= now;
            if self.slot(which).as_ref().is_some_and(due) {
                self.feed(which, Input::Tick)?;
                if which == Which::Primary {
                    self.oracle.check_lost(self.now)?;
                }
            }
        }
        Ok(())
    }

    /// A message of the outside world; it waits in the mailbox while no server is there, or the server does nothing.
    pub(crate) fn server_gets(&mut self, message: Inbox<u64>) -> Result<(), Broken> {
        if self.primary.is_none() {
            // The process is dead, and so is every connection to it.
            return Ok(());
        }
        if let Some(Inbox::Command(_, _, reply) | Inbox::Acknowledge(_, reply)) = self.inbox.put(message) {
            self.busy(reply, Which::Primary)?;
        }
        self.read_mail()
    }

    /// The server in office reads what waits, as far as it is awake.
    fn read_mail(&mut self) -> Result<(), Broken> {
        while self.listens()
            && let Some(message) = self.inbox.take()
        {
            self.feed(Which::Primary, input(message))?;
        }
        Ok(())
    }

    /// A server is in office, and awake.
    pub(crate) fn listens(&self) -> bool {
        self.primary.as_ref().is_some_and(|server| !server.stalled)
    }

    /// Gives a server an input and carries out what it says.
    pub(crate) fn feed(&mut self, which: Which, input: Input) -> Result<(), Broken> {
        let Some(mut server) = self.slot(which).take() else { return Ok(()) };
        if which == Which::Primary {
            self.note_told(&input);
        }
        server.sequencer.handle(self.mono(), self.wall(), input);
        self.carry_out(which, server)
    }

    /// A server that did nothing goes on.
    pub(crate) fn resume(&mut self, number: u32) -> Result<(), Broken> {
        let Some(server) = self.primary.as_mut().filter(|server| server.number == number) else {
            return Ok(());
        };
        server.stalled = false;
        self.last_change = self.now;
        self.oracle.awake_at = self.now;
        self.trace.line(self.now, || "the server goes on".into());
        for answer in std::mem::take(&mut server.answers) {
            self.feed(Which::Primary, answer)?;
        }
        self.read_mail()
    }

    pub(crate) fn slot(&mut self, which: Which) -> &mut Option<Server> {
        match which {
            Which::Primary => &mut self.primary,
            Which::Deposed => &mut self.deposed,
        }
    }

    fn carry_out(&mut self, which: Which, mut server: Server) -> Result<(), Broken> {
        while let Some(output) = server.sequencer.poll_output() {
            match output {
                Output::Open => {
                    self.counts.note("logs asked to be opened again");
                    let after = self.random.between(MS, 300 * MS);
                    self.at(after, Due::Open(server.number));
                }
                Output::CloseUnlogged { reply, closed, entry } => {
                    self.closed_unlogged(reply, closed, *entry, which)?
                }
                // One that was deposed has no page any more: the folder is the other's.
                Output::Cleared if which == Which::Deposed => {}
                Output::Cleared => self.page.clear(),
                Output::Unconfirmed(reply) => self.unconfirmed(reply, which),
                Output::Append { epoch, events } => self.append(which, &mut server, epoch, events)?,
                Output::CloseGates { epoch, until, venues } => {
                    self.trace
                        .line(self.now, || format!("close_gates {venues:?} until {until}, epoch {epoch}"));
                    if which == Which::Primary {
                        self.oracle.decided_to_revoke(self.now, until, mask(&venues));
                    }
                    self.send_to_hop(ToHop::CloseGates(epoch, until, venues));
                }
                Output::Apply { epoch, sequence, target } => {
                    // One that was deposed knows nothing of what was closed since, and its targets are of an older epoch.
                    if which == Which::Primary {
                        self.oracle.applied(epoch, self.log.epoch(), sequence, &target)?;
                    }
                    self.send_to_hop(ToHop::Apply(epoch, sequence, Arc::from(target)));
                }
                Output::Ack(reply, acked) => {
                    self.told_once(reply, which);
                    self.acked(reply, acked)?;
                }
                Output::Refuse(reply, refusal) => {
                    self.told_once(reply, which);
                    self.refused(reply, &refusal, which)?;
                }
                Output::Busy(reply) => self.busy(reply, which)?,
                Output::Publish(moment) => self.published(which, &moment)?,
            }
        }
        *self.slot(which) = Some(server);
        self.oracle.turn_ends()
    }

    /// The state of the server is what the log amounts to.
    pub(crate) fn check_state(&self, which: Which) -> Result<(), Broken> {
        let server = match which {
            Which::Primary => self.primary.as_ref(),
            Which::Deposed => self.deposed.as_ref(),
        };
        let Some(server) = server else { return Ok(()) };
        let state = server.sequencer.state();
        let replica = self.oracle.replica();
        if state.seq == replica.seq && state != replica {
            return Err(format!("at {} the server's state is not what the log amounts to", state.seq));
        }
        Ok(())
    }

    fn published(&mut self, which: Which, moment: &Moment) -> Result<(), Broken> {
        if moment.state.seq > self.log.last() {
            return Err(format!("screens show {}, the log ends at {}", moment.state.seq, self.log.last()));
        }
        if let (Which::Primary, Some(screens)) = (which, &mut self.screens) {
            screens.published(moment)?;
        }
        let seen = seen_gates(&moment.facts);
        // Screens show only the venues of the plan.
        let told = self.oracle.told_gates & mask(moment.facts.venues.keys());
        if which == Which::Primary && seen != told {
            return Err(format!("screens show gates {seen:b}, the hop reported {told:b} (R4)"));
        }
        // What a screen shows is dear to work out, and can only be wrong where lease and gate differ.
        let doubtful = seen != mask(moment.state.floor().iter().map(|lease| &lease.venue));
        if which == Which::Primary && doubtful && self.random.chance(100) {
            self.counts.note("screens compared with the hop");
            screen::check_gates(moment, self.oracle.told_gates)?;
        }
        Ok(())
    }

    /// What the server knows from now on.
    fn note_told(&mut self, input: &Input) {
        let Input::Hop(What::Fact(fact)) = input else { return };
        match fact {
            Fact::Gate { venue, open, .. } => {
                let bit = mask([venue]);
                self.oracle.told_gates =
                    if *open { self.oracle.told_gates | bit } else { self.oracle.told_gates & !bit };
            }
            Fact::Source { source, state, .. } => {
                let Some(source) = source_index(source) else { return };
                let bit = 1 << source;
                self.live_sources =
                    if state.live { self.live_sources | bit } else { self.live_sources & !bit };
                let venue = source / 2;
                let up = self.live_sources & (0b11 << (2 * venue)) != 0;
                let lost = &mut self.oracle.lost_at[venue];
                *lost = if up { None } else { Some(lost.unwrap_or(self.now)) };
            }
            Fact::Shown { .. }
            | Fact::Waiting { .. }
            | Fact::Session { .. }
            | Fact::Dropped { .. }
            | Fact::TooLarge { .. } => {}
        }
    }

    /// Sends a message to the hop: shut gates are never lost, all else may be.
    fn send_to_hop(&mut self, message: ToHop) {
        let revokes = matches!(message, ToHop::CloseGates(..));
        if !revokes && self.random.chance(self.weather.target_lost) {
            self.counts.note("targets lost");
            return;
        }
        let process = self.process;
        if self.random.chance(self.weather.doubled) {
            self.counts.note("messages to the hop that came twice");
            let after = self.random.between(MS, 4 * S);
            self.at(after, Due::ToHop { process, message: message.clone() });
        }
        let late = self.random.chance(self.weather.late);
        let after = match (late, revokes) {
            (false, _) => self.random.below(2 * MS),
            (true, true) => self.random.below(60 * MS),
            (true, false) => self.random.below(1500 * MS),
        };
        self.at(after, Due::ToHop { process, message });
    }

    pub(crate) fn hop_gets(&mut self, process: u32, message: &ToHop) -> Result<(), Broken> {
        if process != self.process {
            return Ok(());
        }
        match message {
            ToHop::CloseGates(epoch, until, venues) => self.hop.close_gates(*epoch, *until, venues),
            ToHop::Apply(epoch, sequence, target) => {
                let taken = self.hop.apply(self.mono(), *epoch, *sequence, Arc::clone(target));
                self.trace.line(self.now, || {
                    let took = if taken { "applies" } else { "ignores" };
                    format!("the hop {took} {sequence} of epoch {epoch}: gates {:b}", self.hop.audible())
                });
                if taken {
                    self.oracle.renewed_at = self.now;
                }
            }
        }
        self.oracle.check_return(&self.hop)
    }

    /// What the hop has to report goes on its way.
    pub(crate) fn hop_reports(&mut self) -> Result<(), Broken> {
        let facts: Vec<Fact> = self.hop.take_facts().collect();
        if facts.is_empty() {
            return Ok(());
        }
        self.last_change = self.now;
        for fact in facts {
            self.trace.line(self.now, || format!("the hop reports {fact:?}"));
            let at = self.now + self.random.below(20 * MS);
            self.reports.push((at, fact));
        }
        self.oracle.check_return(&self.hop)
    }

    /// The log from its first event: it verifies, replays, and loads to the same state.
    pub(crate) fn check_log(&mut self) -> Result<(), Broken> {
        chain::verify(&self.names.run, self.log.events()).map_err(|error| error.to_string())?;
        let (mut state, mut keys) = (meeting::State::default(), meeting::Keys::default());
        for stored in self.log.events() {
            let record = record::read(stored).map_err(|error| error.to_string())?;
            state.apply(&record);
            keys.note(&record);
        }
        self.counts.note("whole logs replayed");
        if state == *self.oracle.replica() && keys == *self.oracle.keys() {
            Ok(())
        } else {
            Err("the log replays to another state".into())
        }
    }
}

impl World {
    /// All has come to rest: hop, server, screens and log say the same.
    pub(crate) fn check_rest(&mut self) -> Result<(), Broken> {
        let Some(server) = &self.primary else { return Err("there is no server".into()) };
        let state = server.sequencer.state();
        if state != self.oracle.replica() {
            return Err("the server's state is not what the log amounts to".into());
        }
        if server.sequencer.keys() != self.oracle.keys() {
            return Err("the server remembers other answers than the log holds (R15)".into());
        }
        if let Phase::Ended { closed: false, .. } = state.phase() {
            return Err("a run that ended is left without its last event".into());
        }
        let (gates, leases) = (self.hop.audible(), self.oracle.leases());
        if gates != leases {
            return Err(format!("gates are {gates:b} at the hop, leases {leases:b}"));
        }
        let (shown, programme) = (self.hop.shown(), state.programme().source().and_then(source_index));
        if shown != programme {
            return Err(format!("{shown:?} is shown, the programme is {programme:?}"));
        }
        let wall = self.hop.chosen().values().next();
        if wall != self.wall_lines.as_ref() {
            return Err(format!("a wall gets {wall:?}, it asked for {:?}", self.wall_lines));
        }
        let moment = server.sequencer.moment();
        if seen_gates(&moment.facts) != gates {
            return Err(format!(
                "screens show gates {:b}, the hop has {gates:b} (R4)",
                seen_gates(&moment.facts)
            ));
        }
        if moment.facts.shown.source().and_then(source_index) != shown {
            return Err(format!("screens say {:?} is on air, the hop shows {shown:?}", moment.facts.shown));
        }
        let lost = lost(&moment);
        if self.told_all && lost != 0 {
            return Err(format!("venues {lost:b} are here, and the server believes them lost"));
        }
        if let Some(screens) = &mut self.screens {
            screens.add(&moment)?;
        }
        screen::check_gates(&moment, gates)
    }
}

/// As the task of a meeting turns a message into an input.
fn input(message: Inbox<u64>) -> Input {
    match message {
        Inbox::Command(command, asked, reply) => Input::Command(reply, command, asked),
        Inbox::Hop(what) => Input::Hop(what),
        Inbox::Node(traffic) => Input::Node(traffic),
        Inbox::Report(venue, report) => Input::Report(venue, report),
        Inbox::ReportGone(venue) => Input::ReportGone(venue),
        Inbox::Acknowledge(acknowledge, reply) => Input::Acknowledge(reply, acknowledge),
        Inbox::Clients(clients) => Input::Clients(clients),
        Inbox::Desks(desks) => Input::Desks(desks),
        Inbox::Directory(directory, plan) => Input::Directory(directory, plan),
    }
}

/// Venues of the plan of which the server believes that nothing comes.
fn lost(moment: &Moment) -> u32 {
    let up = |venue: &&VenueId| {
        matches!(moment.facts.venue(venue).map(|fact| fact.transport), Some(Transport::Up { .. }))
    };
    mask(moment.plan.venues.iter().filter(|venue| !up(venue)))
}

fn seen_gates(facts: &Facts) -> u32 {
    let open = facts.venues.iter().filter(|(_, fact)| fact.gate_open);
    open.filter_map(|(venue, _)| venue_index(venue)).fold(0, |all, n| all | 1 << n)
}
