//! A meeting that is held in one thread: the real sequencer, a log that takes everything at once, and time that moves when it is told to.

use std::sync::Arc;

use base::{CommandKey, Epoch, Mono, RunId, TokenId, VenueId, Wall};
use directory::policy::Role;
use directory::{Directory, Plan};
use meeting::{Act, Actor, Command};
use service::control::{AskedAt, Moment};
use service::facts::PageReport;
use service::port::hop::{Fact, Traffic, What};
use service::port::log::OpenedRun;
use service::sequencer::{Input, Load, Output, Replayed, Sequencer};

use crate::small::START;

/// The meeting.
#[derive(Debug)]
pub struct Held {
    sequencer: Sequencer,
    now: Mono,
    commands: u64,
}

impl Held {
    /// A meeting at its planned start, in which nothing has happened.
    ///
    /// # Errors
    /// Directory and plan do not fit each other.
    pub fn new(directory: Directory, plan: Plan) -> Result<Self, String> {
        let run = RunId::new("m1-held").map_err(|error| error.to_string())?;
        let opened = OpenedRun::whole(Epoch(1), Vec::new());
        let (directory, plan) = (Arc::new(directory), Arc::new(plan));
        let replayed = Replayed::of(&run, &opened).map_err(|error| error.to_string())?;
        let load = Load { run, replayed, directory, plan, unlogged: vec![] };
        let sequencer = Sequencer::load(load, Mono(0), START);
        let mut held = Self { sequencer, now: Mono(0), commands: 0 };
        held.store()?;
        Ok(held)
    }

    /// What there is to see.
    #[must_use]
    pub fn moment(&self) -> Moment {
        self.sequencer.moment()
    }

    /// The time, from 0 at the planned start.
    #[must_use]
    pub fn now(&self) -> Mono {
        self.now
    }

    /// Lets time pass, without a tick.
    pub fn pass_ms(&mut self, ms: u64) {
        self.now = Mono(self.now.0 + ms * 1_000);
    }

    /// What the sequencer does each second.
    ///
    /// # Errors
    /// It stopped.
    pub fn tick(&mut self) -> Result<(), String> {
        self.input(Input::Tick)
    }

    /// Somebody acts. An act of a venue is about that venue.
    ///
    /// # Errors
    /// The act is refused.
    pub fn act(&mut self, role: Role, venue: Option<&VenueId>, act: Act) -> Result<(), String> {
        self.commands += 1;
        let token = TokenId::new(&format!("t-{role:?}")).map_err(|error| error.to_string())?;
        let key = CommandKey::new(&format!("k{}", self.commands)).map_err(|error| error.to_string())?;
        let actor = Actor { role, venue: venue.cloned(), token };
        self.input(Input::Command(self.commands, Command { key, actor, act }, AskedAt::NOW))
    }

    /// The hop reports something.
    ///
    /// # Errors
    /// The sequencer stopped.
    pub fn hop(&mut self, what: impl Into<What>) -> Result<(), String> {
        self.input(Input::Hop(what.into()))
    }

    /// The hop reports the traffic of the node.
    ///
    /// # Errors
    /// As [`Self::hop`].
    pub fn node(&mut self, traffic: Traffic) -> Result<(), String> {
        self.input(Input::Node(traffic))
    }

    /// The hop has opened or shut a gate, as it was told last.
    ///
    /// # Errors
    /// The sequencer stopped.
    pub fn gate(&mut self, venue: &VenueId, open: bool) -> Result<(), String> {
        let (epoch, sequence) = (self.sequencer.epoch(), self.sequencer.state().seq);
        let venue = venue.clone();
        self.hop(Fact::Gate { venue, open, epoch, sequence })
    }

    /// A hall page reports something.
    ///
    /// # Errors
    /// The sequencer stopped.
    pub fn report(&mut self, venue: &VenueId, report: PageReport) -> Result<(), String> {
        self.input(Input::Report(venue.clone(), report))
    }

    fn input(&mut self, input: Input) -> Result<(), String> {
        self.sequencer.handle(self.now, self.at(), input);
        self.store()
    }

    /// The log takes whatever there is.
    fn store(&mut self) -> Result<(), String> {
        while self.settle()? {
            self.sequencer.handle(self.now, self.at(), Input::Appended);
        }
        Ok(())
    }

    fn at(&self) -> Wall {
        Wall(START.0 + i64::try_from(self.now.0 / 1_000).unwrap_or(0))
    }

    /// Takes what the sequencer wants done. True if it waits for the log.
    fn settle(&mut self) -> Result<bool, String> {
        let mut appends = false;
        while let Some(output) = self.sequencer.poll_output() {
            match output {
                Output::Append { .. } => appends = true,
                Output::Refuse(_, refusal) => return Err(format!("refused: {refusal:?}")),
                Output::Busy(_) | Output::Unconfirmed(_) | Output::Open | Output::CloseUnlogged { .. } => {
                    return Err("the sequencer takes nothing".into());
                }
                Output::CloseGates { .. }
                | Output::Apply { .. }
                | Output::Ack(..)
                | Output::Cleared
                | Output::Publish(_) => {}
            }
        }
        Ok(appends)
    }
}
