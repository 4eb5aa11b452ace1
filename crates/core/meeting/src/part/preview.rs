//! The preview: what comes next. Written by the director.

use base::{JournalKind, SourceId};
use directory::policy::ActKind;

use crate::command::Refusal;
use crate::decide::Ground;
use crate::event::events;
use crate::roster::Roster;
use crate::told::Told;

/// What an actor asks of the preview alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Sets the preview; touching a held source makes it next.
    Set {
        /// The source, or none.
        source: Option<SourceId>,
    },
}

events! {
    /// What happens to the preview.
    writes Preview;

    /// The preview changed.
    "preview_set" v 1 => Set {
        /// The source that is in preview from now on.
        source: Option<SourceId>,
        /// It came there by a take, and is untold.
        held: bool,
    };
}

/// What comes next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The source in preview.
    pub source: Option<SourceId>,
    /// It came there by a take, and is untold.
    pub held: bool,
}

impl Act {
    pub(crate) fn kind(&self) -> ActKind {
        match self {
            Self::Set { .. } => ActKind::Preview,
        }
    }
}

impl Event {
    pub(crate) fn told(&self) -> Option<Told<'_>> {
        let Self::Set { source, .. } = self;
        Some(Told { source: source.as_ref(), ..Told::plain(JournalKind::Preview) })
    }
}

pub(crate) fn decide(ground: &Ground<'_>, act: &Act) -> Result<Vec<Event>, Refusal> {
    let Act::Set { source } = act;
    let source = source.as_ref().map(|named| ground.source(named)).transpose()?;
    let now = ground.state.preview();
    if now.source == source && !now.held {
        return Ok(vec![]);
    }
    Ok(vec![Event::Set { source, held: false }])
}

/// What was on air goes into preview, held.
pub(crate) fn hold(former: Option<&SourceId>) -> Event {
    Event::Set { source: former.cloned(), held: former.is_some() }
}

/// Empties the preview, where it is not empty already.
pub(crate) fn clear(state: &State) -> Option<Event> {
    state.source.as_ref().map(|_| Event::Set { source: None, held: false })
}

impl State {
    pub(crate) fn apply(&mut self, event: &Event) {
        let Event::Set { source, held } = event;
        *self = Self { source: source.clone(), held: *held };
    }

    pub(crate) fn broken(&self, roster: Option<&Roster>) -> Option<String> {
        let Some(source) = &self.source else {
            return self.held.then(|| "nothing is in preview, and held".into());
        };
        let unknown = roster.is_some_and(|roster| roster.venue_of(source).is_none());
        unknown.then(|| "an unknown source is in preview".into())
    }
}
