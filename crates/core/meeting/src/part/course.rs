//! The course of the meeting: where it is, and at which item. Written by the director; closed by the server.

use std::collections::BTreeMap;

use base::{ItemId, Wall};

/// Where the meeting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Not begun: every gate is closed, the programme is the slate.
    #[default]
    Waiting,
    /// Under way.
    Live {
        /// Since.
        started: Wall,
    },
    /// Over.
    Ended {
        /// Began.
        started: Wall,
        /// Ended.
        ended: Wall,
        /// The log has its last event: nothing is appended any more.
        closed: bool,
    },
}

/// Where the meeting is, and its items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub(crate) phase: Phase,
    /// The current item.
    pub(crate) item: Option<ItemId>,
    /// When each item began last.
    pub(crate) items_began: BTreeMap<ItemId, Wall>,
}
