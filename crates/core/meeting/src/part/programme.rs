//! The programme: what everybody is shown. Written by the director.

use crate::scene::Scene;

/// What everybody is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub(crate) scene: Scene,
}
