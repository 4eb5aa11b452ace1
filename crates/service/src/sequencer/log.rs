//! The log of the run, as far as the sequencer knows it: what is under way, what fails, and how it is opened again.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use base::{Epoch, LogCause, LogCondition, Mono, Sequence, VenueId, Wall};
use meeting::planted::{self, Bug};
use meeting::{Cause, Outage, Record, State, preview};

use super::replay::{Replayed, remember};
use super::{Output, Sequencer, Trouble};
use crate::control::{LogSeen, Withheld};
use crate::port::hop::MediaTarget;
use crate::target;

/// An append that takes so long has failed, however it ends (R17).
const HANGS_AFTER: Duration = Duration::from_secs(2);
/// One that takes so long is slow.
const SLOW_AFTER: Duration = Duration::from_millis(500);
/// Pause before the log is opened again after that failed; it doubles.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// A log that fails sooner than this after it was opened is opened again after a longer pause.
const SOUND_AFTER: Duration = Duration::from_secs(10);

/// How it stands with the log.
#[derive(Debug)]
pub(super) struct Log {
    condition: Condition,
    /// Since when a batch is under way, also one that is given up.
    appending: Option<Mono>,
    slow: bool,
    /// When it was opened again after an outage.
    opened_at: Option<Mono>,
    pause: Duration,
    /// What was decided first after the log was opened is not stored yet.
    catching_up: bool,
    /// Why it was shut, and since when: that is said until it has what was owed to it.
    was: Option<(Trouble, Wall)>,
}

#[derive(Debug, Clone, Copy)]
enum Condition {
    Open,
    Shut { trouble: Trouble, since: Wall, next: Next },
}

/// What becomes of a log that is shut.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// The batch that hangs must come to its end.
    Waits,
    /// It is opened then.
    OpenAt(Mono),
    /// It is being opened.
    Opens,
    /// Another server has the run, and this one does nothing more (R17).
    Nothing,
}

/// What the hop was given last.
#[derive(Debug, Clone)]
pub(super) struct Given {
    epoch: Epoch,
    sequence: Sequence,
    target: MediaTarget,
    preview: preview::State,
    call_on: Option<VenueId>,
    live: bool,
}

impl Given {
    pub(super) fn of(epoch: Epoch, state: &State, withheld: &Withheld) -> Self {
        let target = target::target(state);
        let call_on = state.call_on().map(|call_on| call_on.venue.clone());
        let preview = state.preview().clone();
        let mut given = Self { epoch, sequence: state.seq, target, preview, call_on, live: state.is_live() };
        given.less(withheld);
        given
    }

    /// Whatever is withheld is in no target.
    fn less(&mut self, withheld: &Withheld) {
        self.target.gates.retain(|venue| !withheld.has(venue));
        if withheld.slate {
            self.target.programme = meeting::Scene::Slate;
        }
    }

    pub(super) fn gates(&self) -> &BTreeSet<VenueId> {
        &self.target.gates
    }

    pub(super) fn target(&self) -> (Epoch, Sequence, MediaTarget) {
        (self.epoch, self.sequence, self.target.clone())
    }
}

impl Log {
    pub(super) fn open() -> Self {
        Self {
            condition: Condition::Open,
            appending: None,
            slow: false,
            opened_at: None,
            pause: PAUSE,
            catching_up: true,
            was: None,
        }
    }

    pub(super) fn is_shut(&self) -> bool {
        matches!(self.condition, Condition::Shut { .. })
    }

    pub(super) fn is_fenced(&self) -> bool {
        matches!(self.condition, Condition::Shut { next: Next::Nothing, .. })
    }

    /// The clock jumped: the log is shut for as long as it was.
    pub(super) fn follow_clock(&mut self, by_ms: i64) {
        if let Condition::Shut { since, .. } = &mut self.condition {
            *since = since.shifted_ms(by_ms);
        }
        if let Some((_, since)) = &mut self.was {
            *since = since.shifted_ms(by_ms);
        }
    }

    pub(super) fn seen(&self) -> LogSeen {
        let shut = match self.condition {
            Condition::Open => self.was,
            Condition::Shut { trouble, since, .. } => Some((trouble, since)),
        };
        match shut {
            None => LogSeen {
                condition: if self.slow { LogCondition::Slow } else { LogCondition::Ok },
                ..LogSeen::default()
            },
            Some((trouble, since)) => LogSeen {
                condition: LogCondition::Shut,
                cause: Some(trouble.why),
                theirs: trouble.theirs,
                since: Some(since),
            },
        }
    }

    /// When something is due.
    pub(super) fn deadline(&self) -> Option<Mono> {
        match self.condition {
            Condition::Open => self.appending.map(|since| since + HANGS_AFTER),
            Condition::Shut { next: Next::OpenAt(at), .. } => Some(at),
            Condition::Shut { next: Next::Waits | Next::Opens | Next::Nothing, .. } => None,
        }
    }
}

impl Sequencer {
    /// Sends what waits, if nothing is under way.
    pub(super) fn send_to_log(&mut self) {
        if self.log.is_shut() || self.log.appending.is_some() {
            return;
        }
        if self.staged.is_empty() {
            return self.caught_up();
        }
        let (records, events) = std::mem::take(&mut self.staged).into_iter().unzip();
        self.under_way = records;
        self.log.appending = Some(self.now);
        self.outputs.push_back(Output::Append { epoch: self.epoch, events });
    }

    /// A batch that hangs has failed. Looked at before anything else is, so that an answer that comes late finds it so.
    pub(super) fn look_at_append(&mut self, at: Wall) {
        let Some(since) = self.log.appending else { return };
        let waits = self.now.since(since);
        if !self.log.slow && waits >= SLOW_AFTER {
            (self.log.slow, self.dirty) = (true, true);
        }
        if !self.log.is_shut() && waits >= HANGS_AFTER {
            self.fail(Trouble { why: LogCause::Hangs, theirs: None }, at);
        }
    }

    pub(super) fn appended(&mut self) {
        let since = self.log.appending.take();
        if self.log.is_shut() && !planted::active(Bug::LateSuccessOpens) {
            return self.hung_batch_ended();
        }
        self.log.condition = Condition::Open;
        self.log.slow = since.is_some_and(|since| self.now.since(since) >= SLOW_AFTER);
        let durable = Arc::make_mut(&mut self.durable);
        let journal = Arc::make_mut(&mut self.journal);
        for record in self.under_way.drain(..) {
            durable.apply(&record);
            self.keys.note(&record);
            self.pending.stored(&record);
            remember(journal, record);
        }
        self.dirty = true;
        self.caught_up();
        self.apply();
        while let Some(waiting) = self.answers.pop_front_if(|waiting| waiting.acked.seq <= self.durable.seq) {
            self.outputs.push_back(Output::Ack(waiting.reply, waiting.acked));
        }
    }

    pub(super) fn append_failed(&mut self, trouble: Trouble, at: Wall) {
        self.log.appending = None;
        match &mut self.log.condition {
            Condition::Open => self.fail(trouble, at),
            Condition::Shut { trouble: before, next, .. } if trouble.why == LogCause::Fenced => {
                (*before, *next) = (trouble, Next::Nothing);
            }
            Condition::Shut { .. } => self.hung_batch_ended(),
        }
    }

    /// Nobody has acted, and it is known that nothing could be stored: the desk is to know it too.
    pub(super) fn trouble(&mut self, trouble: Trouble, at: Wall) {
        if !self.log.is_shut() {
            self.fail(trouble, at);
        }
    }

    fn hung_batch_ended(&mut self) {
        if let Condition::Shut { next: next @ Next::Waits, .. } = &mut self.log.condition {
            *next = Next::OpenAt(self.now);
        }
        self.open_log_again();
    }

    /// The log is shut from now on. Nothing that was decided and is not known to be stored has happened, but what it closed stays closed.
    pub(super) fn fail(&mut self, trouble: Trouble, at: Wall) {
        let sound = self.log.opened_at.is_none_or(|at| self.now.since(at) >= SOUND_AFTER);
        self.log.pause = if sound { PAUSE } else { (self.log.pause * 2).min(PAUSE_MAX) };
        let next = if trouble.why == LogCause::Fenced {
            Next::Nothing
        } else if self.log.appending.is_some() {
            Next::Waits
        } else {
            Next::OpenAt(if sound { self.now } else { self.now + self.log.pause })
        };
        // It has been shut all the while, if it never took what was owed to it.
        let since = self.log.was.take().map_or(at, |(_, since)| since);
        self.log.condition = Condition::Shut { trouble, since, next };
        self.dirty = true;
        let unstored = self.under_way.iter().chain(self.staged.iter().map(|(record, _)| record));
        let closed: Vec<VenueId> = unstored.filter_map(|record| record.event.revokes()).cloned().collect();
        self.withhold(&closed, false);
        self.answer_unstored();
        self.staged.clear();
        self.ahead = (*self.durable).clone();
        let leases = &self.durable;
        self.granted.retain(|venue, _| leases.lease(venue).is_some());
        self.open_log_again();
    }

    /// Everybody who waits is told what is known.
    fn answer_unstored(&mut self) {
        let last = self.under_way.last().map(|record| record.seq);
        let decided = self.pending.take();
        for waiting in std::mem::take(&mut self.answers) {
            let under_way = last.is_some_and(|last| waiting.acked.seq <= last);
            let command = decided.get(&waiting.id).map(|decided| &decided.command);
            if command.is_some_and(|command| self.closed_unlogged(&waiting, command, under_way)) {
                continue;
            }
            if under_way {
                self.withheld_mut().unconfirmed.insert(waiting.id);
                self.outputs.push_back(Output::Unconfirmed(waiting.reply));
            } else {
                self.outputs.push_back(Output::Busy(waiting.reply));
            }
        }
    }

    /// Asks for the log to be opened, if that is due.
    pub(super) fn open_log_again(&mut self) {
        if let Condition::Shut { next, .. } = &mut self.log.condition
            && matches!(next, Next::OpenAt(at) if *at <= self.now)
        {
            *next = Next::Opens;
            self.outputs.push_back(Output::Open);
        }
    }

    pub(super) fn open_failed(&mut self, trouble: Trouble) {
        let Condition::Shut { trouble: before, next: next @ Next::Opens, .. } = &mut self.log.condition
        else {
            return;
        };
        *next = if trouble.why == LogCause::Fenced {
            Next::Nothing
        } else {
            Next::OpenAt(self.now + self.log.pause)
        };
        self.dirty |= *before != trouble;
        *before = trouble;
        self.log.pause = (self.log.pause * 2).min(PAUSE_MAX);
    }

    /// The log is open again: what it holds is what was, and what is so is brought into it.
    pub(super) fn opened(&mut self, replayed: Replayed, at: Wall) {
        let Condition::Shut { trouble, since, next: Next::Opens } = self.log.condition else { return };
        let Replayed { epoch, state, keys, head, journal, lost } = replayed;
        (self.epoch, self.keys, self.head) = (epoch, keys, head);
        (self.durable, self.ahead) = (Arc::new(state.clone()), state);
        self.journal = Arc::new(journal);
        self.under_way.clear();
        self.withheld_mut().unconfirmed.clear();
        let pause = self.log.pause;
        self.log = Log { pause, opened_at: Some(self.now), was: Some((trouble, since)), ..Log::open() };
        self.dirty = true;
        if let Some((had, has)) = lost {
            self.cause(&Cause::LossAccepted { had, has }, at);
        }
        self.bring_up_to_date(at);
    }

    /// What is so and does not stand in the log goes there first; the hop keeps what it was given until that is stored (R16, R17).
    pub(super) fn bring_up_to_date(&mut self, at: Wall) {
        let entries = self.withheld.entries.clone();
        let before = self.closed_before_jump.unwrap_or(0).min(entries.len());
        let (before, after) = entries.split_at(before);
        before.iter().for_each(|entry| self.bring(entry, at));
        self.stage_jump(at);
        after.iter().for_each(|entry| self.bring(entry, at));
        if !planted::active(Bug::StoredGrantOpens) {
            let Given { target, preview, call_on, live, .. } = self.given.clone();
            let mut floor = target.gates;
            // A start that is stored stays, and the chair has the floor by it.
            floor.extend(self.ahead.chair_venue().filter(|_| !live).cloned());
            let so = Outage { floor, call_on, programme: target.programme, preview };
            self.cause(&Cause::Outage(so), at);
        }
        self.bring_roster(at);
        let here = self.facts.here();
        here.into_iter().for_each(|venue| self.cause(&Cause::Joins(venue), at));
        if self.staged.is_empty() {
            self.caught_up();
        }
        self.apply();
    }

    /// All that was owed to the log is stored: what was withheld is in it.
    fn caught_up(&mut self) {
        self.log.catching_up = false;
        self.dirty |= self.log.was.take().is_some();
        self.closed_before_jump = None;
        if self.withheld.is_nothing() {
            return;
        }
        *self.withheld_mut() = Withheld::default();
        self.outputs.push_back(Output::Cleared);
        self.dirty = true;
    }

    /// Works out what the hop is given now.
    pub(super) fn give(&mut self) {
        let forgets = |bug| planted::active(bug) && !self.log.is_shut();
        if forgets(Bug::StoredGrantOpens) {
            self.given = Given::of(self.epoch, &self.durable, &self.withheld);
        } else if forgets(Bug::LoadForgetsWithheld) {
            let withheld = Withheld { slate: self.withheld.slate, ..Withheld::default() };
            self.given = Given::of(self.epoch, &self.durable, &withheld);
        } else if forgets(Bug::LoadForgetsSlate) {
            let withheld = Withheld { slate: false, ..(*self.withheld).clone() };
            self.given = Given::of(self.epoch, &self.durable, &withheld);
        } else if self.log.is_shut() || self.log.catching_up {
            self.given.less(&self.withheld);
        } else {
            self.given = Given::of(self.epoch, &self.durable, &self.withheld);
        }
    }

    /// A part of the sequencer broke while it took an input. What it showed last is what it goes on with; all else is in the log.
    pub fn broke(&mut self, durable: Arc<State>, journal: Arc<VecDeque<Record>>, at: Wall) {
        self.outputs.retain(|output| {
            matches!(
                output,
                Output::CloseGates { .. } | Output::CloseUnlogged { .. } | Output::Cleared | Output::Ack(..)
            )
        });
        (self.durable, self.journal) = (durable, journal);
        if !self.log.is_shut() {
            self.fail(Trouble { why: LogCause::Broke, theirs: None }, at);
        } else if let Condition::Shut { next: next @ Next::Opens, .. } = &mut self.log.condition {
            *next = Next::OpenAt(self.now + self.log.pause);
        }
        self.settle(at);
    }
}
