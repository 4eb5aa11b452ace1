//! Commands: decided, staged, answered when they are stored.

use std::collections::BTreeMap;
use std::time::Duration;

use base::{CommandKey, TokenId, VenueId, Wall};
use meeting::planted::{self, Bug};
use meeting::{Act, Answer, By, Cause, Command, Event, Record, Refusal, RefusalCode, decide, decide_cause};

use super::{Output, Reply, Sequencer, WAITING_MAX};
use crate::acknowledge;
use crate::control::{Acked, Acknowledge, AskedAt};
use crate::port::unlogged::Closing;
use crate::record;

/// A command is decided within this time after it was read (R16).
const READ_MAX: Duration = Duration::from_secs(2);
/// Its asker saw the meeting no longer ago than this.
const SEEN_MAX: Duration = Duration::from_secs(3);

/// A command that waits for the log.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) command: Command,
    answer: Answer,
}

/// Commands that were decided and are not stored.
#[derive(Debug, Default)]
pub(super) struct Pending {
    decided: BTreeMap<(TokenId, CommandKey), Decided>,
}

impl Pending {
    fn answer(&self, token: &TokenId, key: &CommandKey) -> Option<Answer> {
        self.decided.get(&(token.clone(), key.clone())).map(|decided| decided.answer)
    }

    pub(super) fn stored(&mut self, record: &Record) {
        if let Some((token, key)) = record.by.key() {
            self.decided.remove(&(token.clone(), key.clone()));
        }
    }

    pub(super) fn take(&mut self) -> BTreeMap<(TokenId, CommandKey), Decided> {
        std::mem::take(&mut self.decided)
    }
}

/// An answer that waits for its event to be stored.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) reply: Reply,
    pub(super) acked: Acked,
    pub(super) id: (TokenId, CommandKey),
}

impl Sequencer {
    pub(super) fn command(&mut self, reply: Reply, command: Command, asked: AskedAt, at: Wall) {
        let (token, key) = (&command.actor.token, &command.key);
        if !planted::active(Bug::RepeatActsAgain)
            && let Some(answer) = self.keys.answer(token, key).or_else(|| self.pending.answer(token, key))
        {
            if answer.is_of(&command.act) && answer.seq > self.durable.seq && self.is_full_for(&command.act) {
                self.outputs.push_back(Output::Busy(reply));
            } else if answer.is_of(&command.act) {
                let id = (token.clone(), key.clone());
                self.answer(Waiting { reply, acked: Acked { seq: answer.seq, at: answer.at }, id });
            } else {
                self.refuse(reply, RefusalCode::KeyReused);
            }
            return;
        }
        if self.acknowledged.answer(token, key).is_some() {
            return self.refuse(reply, RefusalCode::KeyReused);
        }
        if self.log.is_shut() {
            return self.command_while_shut(reply, &command, at);
        }
        let old = self.is_old(asked) && Closing::of(&command.act).is_none();
        if old || self.is_full_for(&command.act) {
            return self.outputs.push_back(Output::Busy(reply));
        }
        match decide(&self.ahead, &self.directory, &command) {
            Ok(_) if self.hands.too_often(&command, self.now) => self.refuse(reply, RefusalCode::TooOften),
            Ok((by, events)) => {
                self.stage(&by, events, at);
                let acked = Acked { seq: self.ahead.seq, at: self.ahead.at };
                let id = self.decided(command, acked.at);
                self.answer(Waiting { reply, acked, id });
            }
            Err(refusal) => self.outputs.push_back(Output::Refuse(reply, refusal)),
        }
    }

    /// As many wait for the log as may. What closes has as many places besides, for nobody else's waiting may keep it out.
    fn is_full_for(&self, act: &Act) -> bool {
        let places = if Closing::of(act).is_some() { 2 * WAITING_MAX } else { WAITING_MAX };
        self.answers.len() >= places
    }

    /// Remembers the answer to a command whose events were staged, and when it takes effect.
    pub(super) fn decided(&mut self, command: Command, at: Wall) -> (TokenId, CommandKey) {
        let id = (command.actor.token.clone(), command.key.clone());
        let answer =
            Answer { seq: self.ahead.seq, at, act: command.act.kind(), fields: command.act.fields() };
        self.pending.decided.insert(id.clone(), Decided { command, answer });
        id
    }

    /// It has waited too long, here or on its way, for whoever gave it to expect that it happens now.
    fn is_old(&self, asked: AskedAt) -> bool {
        if planted::active(Bug::InboxKept) {
            return false;
        }
        // A time to come is none of this process.
        let seen = asked.seen.filter(|seen| *seen <= self.now);
        self.now.since(asked.read) > READ_MAX || seen.is_some_and(|seen| self.now.since(seen) > SEEN_MAX)
    }

    /// Notes with an alarm who has seen to it. The first who says so stays.
    pub(super) fn acknowledge(&mut self, reply: Reply, said: &Acknowledge, at: Wall) {
        let (token, key) = (&said.actor.token, &said.key);
        if self.keys.answer(token, key).or_else(|| self.pending.answer(token, key)).is_some() {
            return self.refuse(reply, RefusalCode::KeyReused);
        }
        if let Some((first, acked)) = self.acknowledged.answer(token, key) {
            if first.alarm != said.alarm {
                return self.refuse(reply, RefusalCode::KeyReused);
            }
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

    pub(super) fn refuse(&mut self, reply: Reply, code: RefusalCode) {
        self.outputs.push_back(Output::Refuse(reply, Refusal { code, holder: None, may: vec![] }));
    }

    fn answer(&mut self, waiting: Waiting) {
        if waiting.acked.seq <= self.durable.seq || planted::active(Bug::AckBeforeAppend) {
            self.outputs.push_back(Output::Ack(waiting.reply, waiting.acked));
        } else {
            let place = self.answers.partition_point(|before| before.acked.seq <= waiting.acked.seq);
            self.answers.insert(place, waiting);
        }
    }

    /// What the server brings into the log by itself; while that is shut, when it is open again.
    pub(super) fn cause(&mut self, cause: &Cause, at: Wall) {
        if self.log.is_shut() {
            return;
        }
        let events = decide_cause(&self.ahead, cause);
        self.stage(&By::Server, events, at);
    }

    /// Gives events their place behind all that was decided before. Gates that they revoke are shut now, before the log has them.
    pub(super) fn stage(&mut self, by: &By, events: Vec<Event>, at: Wall) {
        let mut revoked: Vec<VenueId> = Vec::new();
        for event in events {
            if let Some(venue) = event.revokes() {
                self.granted.remove(venue);
                revoked.push(venue.clone());
            }
            if let Some(venue) = event.grants() {
                self.granted.insert(venue.clone(), self.now);
            }
            // A clock that is put right by degrees goes back a little, and time in a log does so behind a jump alone.
            let jumped = matches!(&event, Event::Course(meeting::course::Event::ClockJumped { .. }));
            let at = if jumped { at } else { at.max(self.ahead.at) };
            let record = Record { seq: self.ahead.seq.next(), at, by: by.clone(), event };
            let stored = record::seal(&self.run, self.epoch, &self.head, &record);
            self.head.clone_from(&stored.hash);
            self.ahead.apply(&record);
            self.staged.push((record, stored));
        }
        if !revoked.is_empty() && !planted::active(Bug::RevokeSkipsGate) {
            let until = self.ahead.seq;
            self.outputs.push_back(Output::CloseGates { epoch: self.epoch, until, venues: revoked });
        }
    }
}
