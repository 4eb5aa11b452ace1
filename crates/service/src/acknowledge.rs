//! Who has seen to which alarm. Kept with the alarm until it clears; nothing of it is logged, as no alarm is.

use std::collections::VecDeque;
use std::sync::Arc;

use base::{ActKind, CommandKey, Role, TokenId, Wall};
use directory::policy::{self, Permission};
use meeting::{Refusal, RefusalCode};

use crate::alarm::Alarm;
use crate::control::{Acked, Acknowledge};

/// Acknowledgements whose keys are remembered.
const KEYS_MAX: usize = 256;

/// Who has seen to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenTo {
    /// In which role.
    pub by: Role,
    /// When.
    pub at: Wall,
}

/// Answers to the last acknowledgements, by their keys.
#[derive(Debug, Default)]
pub(crate) struct Acknowledged {
    answers: VecDeque<(Acknowledge, Acked)>,
}

impl Acknowledged {
    /// What this key was used for, and the answer that it got.
    pub(crate) fn answer(&self, token: &TokenId, key: &CommandKey) -> Option<(&Acknowledge, Acked)> {
        let known = |said: &Acknowledge| said.actor.token == *token && said.key == *key;
        self.answers.iter().find(|(said, _)| known(said)).map(|(said, acked)| (said, *acked))
    }

    pub(crate) fn remember(&mut self, said: &Acknowledge, acked: Acked) {
        self.answers.push_front((said.clone(), acked));
        self.answers.truncate(KEYS_MAX);
    }
}

/// Notes with an alarm who has seen to it. The first who said so stays.
///
/// # Errors
/// A refusal: the role may not, or there is no such alarm.
pub fn note(alarms: &mut Arc<Vec<Alarm>>, said: &Acknowledge, at: Wall) -> Result<SeenTo, Refusal> {
    let by = said.actor.role;
    if policy::permission(by, ActKind::Acknowledge) == Permission::No {
        let may = policy::who_may(ActKind::Acknowledge);
        return Err(Refusal { code: RefusalCode::NoRight, holder: None, may });
    }
    let Some(place) = alarms.iter().position(|alarm| alarm.id() == said.alarm) else {
        let holder = Some(said.alarm.clone());
        return Err(Refusal { code: RefusalCode::UnknownAlarm, holder, may: vec![] });
    };
    if let Some(seen) = alarms[place].acknowledged {
        return Ok(seen);
    }
    let seen = SeenTo { by, at };
    Arc::make_mut(alarms)[place].acknowledged = Some(seen);
    Ok(seen)
}
