//! Closing always works (R17): while the log cannot be written, what closes takes effect at once, stands in a page beside the log, and is brought into
//! it when that is open again.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{ActKind, CommandKey, RefusalCode, Sequence, TokenId, VenueId, Wall};
use meeting::{Actor, By, Cause, Command, Keys, Phase, State, decide, keys};

use super::acts::Waiting;
use super::{Output, Reply, Sequencer};
use crate::control::{ClosedUnlogged, Withheld};
use crate::port::unlogged::{Closing, Entry};

/// Entries that are remembered of one outage; more close as well and are told by the venues that they closed.
const ENTRIES_MAX: usize = 1_000;

impl Withheld {
    /// What a page of closing acts says of a run that is loaded, less what its log has.
    pub(super) fn of(entries: Vec<Entry>, state: &State, keys: &Keys) -> Self {
        let known = |entry: &Entry| entry.by.key().and_then(|(token, key)| keys.answer(token, key));
        let stored = |entry: &&Entry| known(entry).is_some();
        let owed: Vec<&Entry> = entries.iter().filter(|entry| !stored(entry)).collect();
        let chair = state.chair_venue();
        let branches =
            || state.floor().iter().map(|lease| &lease.venue).filter(|venue| Some(*venue) != chair);
        let mut venues: BTreeSet<VenueId> = owed.iter().flat_map(|entry| &entry.venues).cloned().collect();
        if owed.iter().any(|entry| entry.closing == Closing::AllBranches) {
            venues.extend(branches().cloned());
        }
        let slate = owed.iter().any(|entry| entry.closing == Closing::Slate);
        Self { venues, slate, entries, unconfirmed: BTreeSet::new() }
    }

    pub(super) fn has(&self, venue: &VenueId) -> bool {
        self.venues.contains(venue)
    }

    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    fn entry(&self, token: &TokenId, key: &CommandKey) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.by.key() == Some((token, key)))
    }
}

impl Sequencer {
    pub(super) fn withheld_mut(&mut self) -> &mut Withheld {
        Arc::make_mut(&mut self.withheld)
    }

    /// Takes those venues, and the picture if it is the slate that was asked for, out of every target.
    pub(super) fn withhold(&mut self, venues: &[VenueId], slate: bool) {
        let closed: Vec<VenueId> =
            venues.iter().filter(|venue| self.given.gates().contains(*venue)).cloned().collect();
        let withheld = self.withheld_mut();
        withheld.venues.extend(closed.iter().cloned());
        withheld.slate |= slate;
        if !closed.is_empty() {
            // No event ever has that sequence: a later epoch alone lifts it, and that one withholds.
            let until = Sequence(u64::MAX);
            let venues = closed.clone();
            self.outputs.push_back(Output::CloseGates { epoch: self.epoch, until, venues });
        }
        self.dirty = true;
        if slate || !closed.is_empty() {
            self.apply();
        }
    }

    pub(super) fn command_while_shut(&mut self, reply: Reply, command: &Command, at: Wall) {
        let (token, key) = (&command.actor.token, &command.key);
        if let Some(entry) = self.withheld.entry(token, key).cloned() {
            return self.answer_closed(Some(reply), entry, command);
        }
        if self.withheld.unconfirmed.contains(&(token.clone(), key.clone())) {
            return self.outputs.push_back(Output::Unconfirmed(reply));
        }
        let Some(closing) = Closing::of(&command.act) else {
            return self.outputs.push_back(Output::Busy(reply));
        };
        match decide(&self.durable, &self.directory, command) {
            Ok((by, _)) => self.close(Some(reply), by, closing, at),
            Err(refusal) => self.outputs.push_back(Output::Refuse(reply, refusal)),
        }
    }

    /// A closing act was decided and not stored: its gates are shut, and it is told so. False if it is none, or ends the meeting and may be stored.
    pub(super) fn closed_unlogged(&mut self, waiting: &Waiting, command: &Command, under_way: bool) -> bool {
        let ends = command.act.kind() == ActKind::End;
        let Some(closing) = Closing::of(&command.act).filter(|_| !(ends && under_way)) else { return false };
        match decide(&self.durable, &self.directory, command) {
            Ok((by, _)) => self.close(Some(waiting.reply), by, closing, waiting.acked.at),
            // What it was to close was decided with it, and is not known to be.
            Err(_) if under_way => return false,
            Err(refusal) => self.outputs.push_back(Output::Refuse(waiting.reply, refusal)),
        }
        true
    }

    /// The server closes by itself what it would have closed by an event.
    pub(super) fn close_by_itself(&mut self, closing: Closing, at: Wall) {
        self.close(None, By::Server, closing, at);
    }

    fn close(&mut self, reply: Option<Reply>, by: By, closing: Closing, at: Wall) {
        let venues = self.closes(&closing);
        self.withhold(&venues, closing == Closing::Slate);
        let entry = Entry { run: self.run.clone(), by, closing, venues, at };
        // One that was being brought into the log when that failed again has closed before.
        if let Some(before) = self.withheld.entries.iter().find(|before| before.is(&entry)).cloned() {
            return self.tell_closed(reply, before);
        }
        if self.withheld.entries.len() < ENTRIES_MAX {
            self.withheld_mut().entries.push(entry.clone());
        }
        self.tell_closed(reply, entry);
    }

    fn answer_closed(&mut self, reply: Option<Reply>, entry: Entry, command: &Command) {
        let By::Actor { act, fields, .. } = &entry.by else { return };
        if *act == command.act.kind() && *fields == command.act.fields() {
            self.tell_closed(reply, entry);
        } else if let Some(reply) = reply {
            self.refuse(reply, RefusalCode::KeyReused);
        }
    }

    fn tell_closed(&mut self, reply: Option<Reply>, entry: Entry) {
        let ends = matches!(&entry.by, By::Actor { act: ActKind::End, .. });
        let closed = ClosedUnlogged { at: entry.at, kept: false, ended: ends.then_some(false) };
        self.outputs.push_back(Output::CloseUnlogged { reply, closed, entry: Box::new(entry) });
    }

    /// The venues whose microphones an act shuts, of those that are open.
    fn closes(&self, closing: &Closing) -> Vec<VenueId> {
        let chair = self.durable.chair_venue();
        // Those too that a failed batch has shut already.
        let open: BTreeSet<&VenueId> = self.given.gates().iter().chain(&self.withheld.venues).collect();
        match closing {
            Closing::CloseFloor(venue) | Closing::LinkLost(venue) => vec![venue.clone()],
            Closing::MuteAll | Closing::AllBranches => {
                open.into_iter().filter(|venue| Some(*venue) != chair).cloned().collect()
            }
            Closing::EndCallOn => {
                let called = self.durable.call_on().map(|call_on| &call_on.venue);
                called.filter(|venue| Some(*venue) != chair).into_iter().cloned().collect()
            }
            Closing::Slate | Closing::Venues => vec![],
        }
    }

    /// Brings what closed into the log, as its own act and with its true time; decided anew, since the log may hold it already.
    pub(super) fn bring(&mut self, entry: &Entry, at: Wall) {
        let By::Actor { role, venue, token, key, .. } = &entry.by else {
            if let Closing::LinkLost(venue) = &entry.closing {
                self.cause(&Cause::LinkLost(venue.clone()), at);
            }
            return;
        };
        let Some(act) = entry.closing.act().filter(|_| self.keys.answer(token, key).is_none()) else {
            return;
        };
        let actor = Actor { role: *role, venue: venue.clone(), token: token.clone() };
        let command = Command { key: key.clone(), actor, act };
        if matches!(self.ahead.phase(), Phase::Ended { .. }) {
            return;
        }
        // What is refused by now has nothing left to close; its key is spent all the same, so that a repeat closes nothing else.
        let decided = decide(&self.ahead, &self.directory, &command);
        let events = decided.map_or_else(|_| vec![keys::Event::Unchanged.into()], |(_, events)| events);
        self.stage(&entry.by.effective_at(entry.at), events, at);
        self.decided(command, entry.at);
    }
}
