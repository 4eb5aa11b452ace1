//! The programme: what everybody is shown. Written by the director. A take and the slate set the preview too: see [`crate::across`].

use base::JournalKind;

use crate::event::events;
use crate::roster::Roster;
use crate::scene::Scene;
use crate::told::Told;

events! {
    /// What happens to the programme.
    writes Programme;

    /// The programme changed.
    "programme_set" v 1 => Set {
        /// What everybody is shown from now on.
        scene: Scene,
    };
}

/// What everybody is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub(crate) scene: Scene,
}

impl Event {
    pub(crate) fn told(&self) -> Option<Told<'_>> {
        let Self::Set { scene } = self;
        Some(match scene {
            Scene::Full(source) => Told { source: Some(source), ..Told::plain(JournalKind::Programme) },
            Scene::Slate => Told::plain(JournalKind::Slate),
        })
    }
}

/// Shows a scene, where it is not shown already.
pub(crate) fn show(state: &State, scene: Scene) -> Vec<Event> {
    if state.scene == scene { vec![] } else { vec![Event::Set { scene }] }
}

impl State {
    pub(crate) fn apply(&mut self, event: &Event) {
        let Event::Set { scene } = event;
        self.scene = scene.clone();
    }

    pub(crate) fn broken(&self, roster: Option<&Roster>) -> Option<String> {
        let source = self.scene.source()?;
        let unknown = roster.is_some_and(|roster| roster.venue_of(source).is_none());
        unknown.then(|| "an unknown source is on air".into())
    }
}
