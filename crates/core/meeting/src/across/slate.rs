//! The slate: nothing is on air. What was comes back with one take; the floor is not touched (R1).

use crate::decide::Ground;
use crate::event::Event;
use crate::part::{preview, programme};
use crate::scene::Scene;

/// What was on air takes the place of whatever was prepared: the way back is worth more than what was to come.
pub(super) fn slate(ground: &Ground<'_>) -> Vec<Event> {
    match ground.state.programme().source() {
        Some(former) => {
            vec![programme::Event::Set { scene: Scene::Slate }.into(), preview::hold(Some(former)).into()]
        }
        None => vec![],
    }
}
