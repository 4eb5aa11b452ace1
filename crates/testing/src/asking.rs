//! The clients' side of a sequence: commands, their repeats, and the answers.

use base::{ActKind, CommandKey, Mono};
use meeting::{Act, Command, Refusal, RefusalCode};
use service::control::{Acked, AskedAt, ClosedUnlogged, Inbox};
use service::port::unlogged::{Closing, Entry};
use service::sequencer::Input;

use crate::actor;
use crate::client::Sent;
use crate::due::Due;
use crate::oracle::Broken;
use crate::server::Which;
use crate::weather::{MS, S, Weather};
use crate::world::World;

impl World {
    /// Somebody gives a command; somebody else follows.
    pub(crate) fn wake(&mut self) {
        let left = self.weather.commands.saturating_sub(self.sent.len());
        let turn = (self.sent.len(), left);
        let state = self.oracle.replica();
        let (actor, act) = actor::act(&mut self.random, &self.names, &self.actors, state, turn);
        let (key, reused) = self.key(actor, &act);
        self.trace.line(self.now, || format!("actor {actor} gives {act:?} under {key}"));
        self.sent.push(Sent {
            actor,
            act,
            key,
            done: false,
            acked: None,
            refused: false,
            tries: 0,
            arrived: None,
            open: 0,
            closed: None,
            reused,
        });
        self.send(self.sent.len() - 1);
        if left <= 1 {
            if !self.weather.follows {
                self.at(S, Due::Heal);
            }
            return;
        }
        let pause =
            if left * 2 < self.weather.commands { std::mem::take(&mut self.weather.pause) } else { 0 };
        let gap = pause + self.weather.pace * Weather::gap(&mut self.random);
        self.at(gap, Due::Wake);
    }

    /// As a rule a new key; now and then one that another actor used, or one of the actor's own for another kind of act.
    fn key(&mut self, actor: usize, act: &Act) -> (CommandKey, bool) {
        let fresh = self.names.keys[self.sent.len()].clone();
        if self.sent.is_empty() || !self.random.chance(50) {
            return (fresh, false);
        }
        let old = &self.sent[self.random.index(self.sent.len())];
        let uses = || self.sent.iter().filter(|sent| sent.actor == actor && sent.key == old.key);
        if uses().any(|sent| sent.act.kind() == act.kind()) {
            return (fresh, false);
        }
        (old.key.clone(), uses().next().is_some())
    }

    fn send(&mut self, command: usize) {
        let reply = u64::try_from(command).unwrap_or(0);
        let process = self.process;
        if self.random.chance(self.weather.command_lost) {
            self.counts.note("commands lost");
        } else {
            let late = self.random.chance(self.weather.command_late);
            let after = if late { self.random.between(300 * MS, 4 * S) } else { self.random.below(15 * MS) };
            let seen = self.tick_seen();
            self.at(after, Due::Command { command, reply, process, seen });
        }
        // Each time the client waits longer.
        let tries = &mut self.sent[command].tries;
        *tries += 1;
        let again = self.random.between(600 * MS, 900 * MS) << (*tries).min(4).saturating_sub(1);
        self.at(again, Due::Retry(command));
    }

    /// The client asks again with the same key.
    pub(crate) fn retry(&mut self, command: usize) {
        if !self.sent[command].done {
            self.counts.note("commands repeated for want of an answer");
            self.send(command);
        }
    }

    /// The last tick of the server that a client has seen now: it has one each second.
    fn tick_seen(&self) -> Mono {
        Mono(self.mono().0 / S * S)
    }

    pub(crate) fn command_arrives(
        &mut self,
        command: usize,
        reply: u64,
        process: u32,
        seen: Mono,
    ) -> Result<(), Broken> {
        // A connection to a process that died is gone, and what was on its way with it.
        if process != self.process {
            return Ok(());
        }
        let asked = AskedAt { read: self.mono(), seen: Some(seen) };
        if self.primary.is_some() {
            self.sent[command].arrived = Some(self.now);
        }
        let sent = &self.sent[command];
        let command =
            Command { key: sent.key.clone(), actor: self.actors[sent.actor].clone(), act: sent.act.clone() };
        if self.deposed.is_some() && self.random.chance(500) {
            return self.feed(Which::Deposed, Input::Command(reply, command, asked));
        }
        if let Some(sent) =
            self.sent.get_mut(usize::try_from(reply).unwrap_or(0)).filter(|_| self.primary.is_some())
        {
            sent.open += 1;
        }
        self.server_gets(Inbox::Command(command, asked, reply))
    }

    /// One of the times that a command reached the server in office is answered.
    pub(crate) fn told_once(&mut self, reply: u64, which: Which) {
        if let Some(sent) =
            self.sent.get_mut(usize::try_from(reply).unwrap_or(0)).filter(|_| which == Which::Primary)
        {
            sent.open = sent.open.saturating_sub(1);
        }
    }

    pub(crate) fn acked(&mut self, reply: u64, acked: Acked) -> Result<(), Broken> {
        let command = usize::try_from(reply).unwrap_or(0);
        let sent = &self.sent[command];
        let token = &self.actors[sent.actor].token;
        self.trace.line(self.now, || format!("{token}/{} is acknowledged: {}", sent.key, acked.seq));
        let (key, kind) = (sent.key.clone(), sent.act.kind());
        let token = token.clone();
        self.oracle.acked(&token, &key, kind, acked)?;
        let sent = &self.sent[command];
        match sent.acked {
            Some(first) if first != acked => {
                return Err(format!("{token}/{} is answered {first:?}, then {acked:?} (R15)", sent.key));
            }
            Some(_) => self.counts.note("repeats that got the first answer"),
            None => *self.counts.accepted.entry(sent.act.kind().name()).or_default() += 1,
        }
        self.sent[command].acked = Some(acked);
        self.answered(command);
        Ok(())
    }

    pub(crate) fn refused(&mut self, reply: u64, refusal: &Refusal, which: Which) -> Result<(), Broken> {
        let command = usize::try_from(reply).unwrap_or(0);
        let sent = &self.sent[command];
        let token = &self.actors[sent.actor].token;
        self.trace.line(self.now, || format!("{token}/{} is refused: {:?}", sent.key, refusal.code));
        if sent.acked.is_some() && which == Which::Primary {
            return Err(format!("{token}/{} was acknowledged and is refused now (R15)", sent.key));
        }
        if refusal.code == RefusalCode::KeyReused && !self.key_has_two_uses(command) {
            return Err(format!("{token}/{} is refused as used before (R15)", sent.key));
        }
        if !sent.refused {
            *self.counts.refused.entry(sent.act.kind().name()).or_default() += 1;
            *self.counts.reasons.entry(refusal.code).or_default() += 1;
        }
        self.sent[command].refused = true;
        self.answered(command);
        Ok(())
    }

    pub(crate) fn busy(&mut self, reply: u64, which: Which) -> Result<(), Broken> {
        self.counts.note("answers that the server is busy");
        self.trace.line(self.now, || format!("command {reply}: busy"));
        let sent = &mut self.sent[usize::try_from(reply).unwrap_or(0)];
        if which == Which::Primary {
            sent.open = sent.open.saturating_sub(1);
        }
        if Closing::of(&sent.act).is_some() {
            return Err(format!("{} is turned away: closing always works (R17)", sent.act.kind().name()));
        }
        Ok(())
    }

    pub(crate) fn unconfirmed(&mut self, reply: u64, which: Which) {
        self.counts.note("answers that nobody knows");
        self.trace.line(self.now, || format!("command {reply}: unconfirmed"));
        let sent = &mut self.sent[usize::try_from(reply).unwrap_or(0)];
        if which == Which::Primary {
            sent.open = sent.open.saturating_sub(1);
            self.oracle.unconfirmed(&self.actors[sent.actor].token, &sent.key);
        }
    }

    /// A closing act took effect while the log cannot be written. The client goes on asking, until the log has it.
    pub(crate) fn closed_unlogged(
        &mut self,
        reply: Option<u64>,
        closed: ClosedUnlogged,
        entry: Entry,
        which: Which,
    ) -> Result<(), Broken> {
        self.counts.note("closing acts while the log was shut");
        self.trace
            .line(self.now, || format!("closed without the log: {:?} {:?}", entry.closing, entry.venues));
        if which != Which::Primary {
            return Ok(());
        }
        self.oracle.closed_unlogged(&entry);
        if !self.page.iter().any(|known| known.is(&entry)) && !self.random.chance(50) {
            self.page.push(entry);
        }
        let Some(reply) = reply else { return Ok(()) };
        let sent = &mut self.sent[usize::try_from(reply).unwrap_or(0)];
        sent.open = sent.open.saturating_sub(1);
        match sent.closed.replace(closed.at) {
            Some(before) if before != closed.at && sent.act.kind() != ActKind::End => {
                Err(format!("{} is said to have closed at {before:?}, then at {:?}", sent.key, closed.at))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The process died: what it closed and did not keep was never closed.
    pub(crate) fn forget_what_was_not_kept(&mut self) {
        for sent in self.sent.iter_mut().filter(|sent| sent.closed.is_some()) {
            let key = Some((&self.actors[sent.actor].token, &sent.key));
            let kept = self.page.iter().any(|entry| entry.by.key() == key);
            if !kept {
                sent.closed = None;
            }
        }
    }

    fn key_has_two_uses(&self, command: usize) -> bool {
        let sent = &self.sent[command];
        sent.reused
            || self
                .sent
                .iter()
                .any(|other| other.reused && other.actor == sent.actor && other.key == sent.key)
    }

    /// The answer reaches the client, unless it is lost; now and then the client asks once more all the same.
    fn answered(&mut self, command: usize) {
        if self.random.chance(self.weather.command_lost) {
            self.counts.note("answers lost");
            return;
        }
        if !std::mem::replace(&mut self.sent[command].done, true) && self.random.chance(40) {
            let after = self.random.between(MS, 5 * S);
            let reply = u64::try_from(command).unwrap_or(0);
            let (process, seen) = (self.process, self.tick_seen());
            self.at(after, Due::Command { command, reply, process, seen });
        }
    }

    /// Counts commands and those who gave them.
    pub(crate) fn note_clients(&mut self) {
        let count = |n: usize| u64::try_from(n).unwrap_or(0);
        self.counts.commands = count(self.sent.len());
        self.counts.commands_min = self.counts.commands;
        let gave = |actor: &usize| self.sent.iter().any(|sent| sent.actor == *actor);
        self.counts.actors_min = count((0..self.actors.len()).filter(gave).count());
    }
}
