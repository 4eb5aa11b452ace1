//! What everybody is shown.

use base::{SourceId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;

declares!(Scene, ProgrammeSection);

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Scene {
    /// The slate.
    Slate,
    /// One source fills the picture.
    Full {
        /// Which.
        #[ts(type = "string")]
        source: SourceId,
    },
}

/// The programme: what was decided, and what the hop shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProgrammeSection {
    /// Decided.
    pub scene: Scene,
    /// What the hop shows: this is on air.
    pub shown: Scene,
    /// Since when the hop shows it.
    #[ts(type = "number")]
    pub shown_at: Wall,
    /// The decided source gives no picture, so the slate is shown, or the old picture stays.
    pub waiting: bool,
}
