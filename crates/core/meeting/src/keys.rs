//! Answers to the last commands, so that a repeat gets the first one.

use std::collections::{BTreeMap, VecDeque};

use base::limits::COMMAND_KEYS_MAX;
use base::{CommandKey, JournalKind, Sequence, TokenId, Wall};
use directory::policy::ActKind;

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
}

/// The last [`COMMAND_KEYS_MAX`] answers. A key belongs to the token that used it. They follow from the log as the state does and stand beside it, for
/// nothing is decided or shown by them, and a state is copied with every commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    answers: BTreeMap<(TokenId, CommandKey), Answer>,
    order: VecDeque<(TokenId, CommandKey)>,
}

impl Keys {
    /// The answer to an earlier command.
    #[must_use]
    pub fn answer(&self, token: &TokenId, key: &CommandKey) -> Option<Answer> {
        self.answers.get(&(token.clone(), key.clone())).copied()
    }

    /// Notes the answer that an event is, if it is of a command.
    pub fn note(&mut self, record: &Record) {
        let By::Actor { token, key, act, .. } = &record.by else { return };
        let answer = Answer { seq: record.seq, at: record.at, act: *act };
        let id = (token.clone(), key.clone());
        if self.answers.insert(id.clone(), answer).is_none() {
            self.order.push_back(id);
            if self.order.len() > COMMAND_KEYS_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.answers.remove(&oldest);
            }
        }
    }
}
