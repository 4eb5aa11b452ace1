//! Answers to the last commands, so that a repeat gets the first one.

use std::collections::{BTreeMap, VecDeque};

use base::limits::COMMAND_KEYS_MAX;
use base::{CommandKey, JournalKind, Sequence, TokenId, Wall};
use directory::policy::ActKind;

use crate::act::Act;
use crate::command::By;
use crate::event::{Record, events};
use crate::told::Told;

events! {
    /// What happens to nothing but the keys.
    writes None;

    /// A keyed command changed nothing; its repeat is answered alike.
    "unchanged" v 1 => Unchanged;
}

impl Event {
    pub(crate) fn told(&self) -> Option<Told<'_>> {
        match self {
            Self::Unchanged => Some(Told::plain(JournalKind::Unchanged)),
        }
    }
}

/// What a command was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Sequence of its last event.
    pub seq: Sequence,
    /// When.
    pub at: Wall,
    /// What it was.
    pub act: ActKind,
    /// What its fields were, where the log says so.
    pub fields: Option<u32>,
}

impl Answer {
    /// Whether it is the answer to that act. Of a command whose fields the log does not tell, as those of earlier versions, the kind decides.
    #[must_use]
    pub fn is_of(&self, act: &Act) -> bool {
        self.act == act.kind() && (self.fields.is_none() || self.fields == act.fields())
    }
}

/// The last [`COMMAND_KEYS_MAX`] answers to each token. A key belongs to the token that used it, and no other token's commands push it out. They
/// follow from the log as the state does and stand beside it, for nothing is decided or shown by them, and a state is copied with every commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    of: BTreeMap<TokenId, Answers>,
}

/// Those to one token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Answers {
    answers: BTreeMap<CommandKey, Answer>,
    order: VecDeque<CommandKey>,
}

impl Keys {
    /// The answer to an earlier command.
    #[must_use]
    pub fn answer(&self, token: &TokenId, key: &CommandKey) -> Option<Answer> {
        self.of.get(token)?.answers.get(key).copied()
    }

    /// Notes the answer that an event is, if it is of a command.
    pub fn note(&mut self, record: &Record) {
        let By::Actor { token, key, act, fields, .. } = &record.by else { return };
        let answer = Answer { seq: record.seq, at: record.took_effect(), act: *act, fields: *fields };
        let Answers { answers, order } = self.of.entry(token.clone()).or_default();
        if answers.insert(key.clone(), answer).is_none() {
            order.push_back(key.clone());
            if order.len() > COMMAND_KEYS_MAX
                && let Some(oldest) = order.pop_front()
            {
                answers.remove(&oldest);
            }
        }
    }
}
