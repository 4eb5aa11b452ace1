//! The log's side of a sequence: batches that are stored or not, a disk that is full or does not answer, and a log that is opened again.

use base::{Epoch, LogCause};
use meeting::{By, Event, Record, course};
use service::port::log::StoredEvent;
use service::port::unlogged::Closing;
use service::sequencer::{Input, Replayed, Trouble};

use crate::due::{Batch, Due, LogAnswer};
use crate::oracle::{Broken, mask};
use crate::server::{Server, Which};
use crate::weather::{MS, S};
use crate::world::World;

/// A command is written down within this time after it arrived: 2 s until it is decided, 2 s until the batch before has come to its end.
const AGE_MAX: u64 = 4 * S;
/// A clock that moves by less than this, in milliseconds, is put right by degrees.
const JUMP_MS: i64 = 2_000;

impl World {
    pub(crate) fn append(
        &mut self,
        which: Which,
        server: &mut Server,
        epoch: Epoch,
        events: Vec<StoredEvent>,
    ) -> Result<(), Broken> {
        let batch = Batch::read(events)?;
        server.writing = true;
        self.last_change = self.now;
        if which == Which::Primary {
            self.revocations(&batch.records);
            self.check_ages(&batch.records)?;
        }
        let slow = self.random.chance(self.weather.append_slow);
        let takes =
            if slow { self.random.between(50 * MS, 1500 * MS) } else { self.random.between(MS, 10 * MS) };
        let mut fails = self.random.chance(self.weather.append_fails).then(|| self.random.chance(500));
        let takes = if self.now < self.hangs_until {
            // However it ends, at last.
            fails = self.random.chance(500).then(|| self.random.chance(500));
            takes + (self.hangs_until - self.now)
        } else {
            takes
        };
        if self.now < self.shut_until {
            fails = Some(false);
        }
        self.trace.line(self.now, || {
            let kinds: Vec<&str> = batch.stored.iter().map(|event| event.kind.as_str()).collect();
            format!(
                "append {kinds:?} takes {} ms{}",
                takes / MS,
                if fails.is_some() { ", fails" } else { "" }
            )
        });
        self.at(takes, Due::Store { server: server.number, epoch, batch, fails });
        Ok(())
    }

    /// A revocation that no `close_gates` announced counts from its append.
    fn revocations(&mut self, batch: &[Record]) {
        for record in batch {
            if let Some(venue) = record.event.revokes()
                && !self.oracle.knows_revocation(record.seq, venue)
            {
                self.oracle.decided_to_revoke(self.now, record.seq, mask([venue]));
            }
        }
    }

    /// The batch reaches the disk, or does not; the log answers after that.
    pub(crate) fn store(
        &mut self,
        server: u32,
        epoch: Epoch,
        batch: Batch,
        fails: Option<bool>,
    ) -> Result<(), Broken> {
        let current = self.primary.as_ref().is_some_and(|primary| primary.number == server);
        let mut stored = false;
        if fails != Some(false) {
            match self.log.append(epoch, batch.stored) {
                Ok(from) => {
                    stored = true;
                    let sent = &self.sent;
                    let actors = &self.actors;
                    let asked = |token: &_, key: &_, kind| {
                        let found = sent.iter().rev().find(|sent| {
                            sent.key == *key && sent.act.kind() == kind && actors[sent.actor].token == *token
                        });
                        found.map(|sent| &sent.act)
                    };
                    self.oracle.stored(self.now, &self.log.events()[from..], &batch.records, &asked)?;
                }
                Err(reason) if current => {
                    return Err(format!("the log refuses the server in office: {reason:?} (R15)"));
                }
                Err(_) => self.counts.note("batches of deposed servers refused"),
            }
        }
        if let Some(stored) = fails {
            self.counts.note(if stored {
                "appends failed, batch stored"
            } else {
                "appends failed, batch lost"
            });
        }
        let trouble = |why| LogAnswer::Failed(Trouble { why, theirs: None });
        let answer = match (stored, fails) {
            (true, None) => LogAnswer::Stored,
            (false, None | Some(true)) => trouble(LogCause::Fenced),
            (_, Some(_)) => trouble(LogCause::DiskFull),
        };
        self.at(100, Due::Answer { server, answer });
        Ok(())
    }

    /// What is written was asked for a moment ago, and nobody was told that it is not done (R16). Half of that time it may wait for the batch before.
    fn check_ages(&self, batch: &[Record]) -> Result<(), Broken> {
        let jumped =
            |record: &Record| matches!(record.event, Event::Course(course::Event::ClockJumped { .. }));
        let closed = |record: &Record| matches!(record.event, Event::Course(course::Event::Closed));
        // What was stamped before a jump has the time of before; a run that is closed says nothing of a jump.
        let since = batch.iter().rposition(|record| jumped(record) || closed(record)).unwrap_or(0);
        for (n, record) in batch.iter().enumerate() {
            if n >= since && !closed(record) && record.at.0 > self.wall().0 + JUMP_MS {
                return Err(format!("{} is stamped into the future (R20)", record.event.kind()));
            }
            let By::Actor { token, key, act, effective: None, .. } = &record.by else { continue };
            let sent = self.sent.iter().find(|sent| {
                sent.key == *key && sent.act.kind() == *act && self.actors[sent.actor].token == *token
            });
            let Some(sent) = sent.filter(|sent| Closing::of(&sent.act).is_none()) else { continue };
            let late = sent.arrived.is_none_or(|arrived| self.now > arrived + AGE_MAX);
            if late || sent.open == 0 {
                return Err(format!("{token}/{key} is done though it was given up (R16)"));
            }
        }
        Ok(())
    }

    /// The log of a server is opened again, if the disk takes that.
    pub(crate) fn open_again(&mut self, number: u32) -> Result<(), Broken> {
        // One that was deposed is not heard of again.
        if self.primary.as_ref().is_none_or(|server| server.number != number) {
            return Ok(());
        }
        let failed = |why| Input::OpenFailed(Trouble { why, theirs: None });
        let input = if self.now < self.hangs_until {
            let after = self.hangs_until - self.now;
            self.at(after, Due::Open(number));
            return Ok(());
        } else if self.now < self.shut_until {
            failed(LogCause::DiskFull)
        } else {
            let opened = self.log.open();
            if !self.healed && self.random.chance(100) {
                self.counts.note("replays that broke");
                failed(LogCause::Broke)
            } else {
                self.counts.note("logs opened again");
                self.last_change = self.now;
                self.trace.line(self.now, || format!("the log is opened again, epoch {}", opened.epoch));
                let replayed = Replayed::of(&self.names.run, &opened).map_err(|error| error.to_string())?;
                if replayed.epoch() != opened.epoch {
                    return Err(format!("the server goes on under epoch {} (R15)", replayed.epoch()));
                }
                self.oracle.opened_again();
                Input::Opened(Box::new(replayed))
            }
        };
        self.log_says(number, input)
    }

    /// The log answers a server, or will have when it is awake.
    fn log_says(&mut self, number: u32, input: Input) -> Result<(), Broken> {
        let mut input = Some(input);
        for which in [Which::Primary, Which::Deposed] {
            let Some(server) = self.slot(which).as_mut().filter(|server| server.number == number) else {
                continue;
            };
            let Some(input) = input.take() else { continue };
            if server.stalled {
                server.answers.push(input);
            } else {
                self.feed(which, input)?;
                self.check_state(which)?;
            }
        }
        Ok(())
    }

    pub(crate) fn log_answers(&mut self, number: u32, answer: LogAnswer) -> Result<(), Broken> {
        for which in [Which::Primary, Which::Deposed] {
            if let Some(server) = self.slot(which).as_mut().filter(|server| server.number == number) {
                server.writing = false;
            }
        }
        let input = match answer {
            LogAnswer::Stored => Input::Appended,
            LogAnswer::Failed(trouble) => Input::AppendFailed(trouble),
        };
        self.log_says(number, input)
    }
}
