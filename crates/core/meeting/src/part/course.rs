//! The course of the meeting: where it is, and at which item. Written by the director; closed by the server.

use std::collections::BTreeMap;

use base::{ItemId, JournalKind, Sequence, Wall};
use directory::policy::ActKind;

use crate::command::{Refusal, RefusalCode};
use crate::decide::Ground;
use crate::event::events;
use crate::told::Told;

/// What an actor asks of the course alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Makes that item the current one.
    Item {
        /// An item of the roster.
        item: ItemId,
    },
}

events! {
    /// What happens to the course.
    writes Course;

    /// The meeting began.
    "started" v 1 => Started;
    /// The meeting ended. What the server still owes the log may follow, then [`Event::Closed`].
    "ended" v 2 => Ended;
    /// The last event of a run: nothing follows.
    "closed" v 1 => Closed;
    /// An item became the current one.
    "item_began" v 1 => ItemBegan {
        /// The item.
        item: ItemId,
    };
    /// The clock of the server jumped: what was counted from an hour before is counted from that hour as the clock now has it.
    "clock_jumped" v 1 => ClockJumped {
        /// By so many milliseconds, forward or back.
        by_ms: i64,
    };

    /// The log had lost events, and somebody said to go on from what was left (R19).
    "loss_accepted" v 1 => LossAccepted {
        /// Sequence of the last event that had been stored.
        had: Sequence,
        /// Sequence of the last event that was there.
        has: Sequence,
    };

    older {
        /// `ended` as its first version meant it: nothing is owed, and the run is closed where it stops.
        ///
        /// A run must be known as closed or not by what its log says, for a crash may part `ended` from `closed`, and a server of the first
        /// release wrote no `closed` at all: it wrote version 1 of `ended`, and a roster may even follow there. Whoever writes version 2 owes
        /// `closed`, also in a run that the first release began. The bytes of both versions are the same.
        "ended" v 1 => EndedAndClosed;
    }
}

/// Where the meeting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Not begun: every gate is closed, the programme is the slate.
    #[default]
    Waiting,
    /// Under way.
    Live {
        /// Since when.
        started: Wall,
    },
    /// Over.
    Ended {
        /// When it began.
        started: Wall,
        /// When it ended.
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
    /// When each item began last; not before the meeting did, once it has.
    pub(crate) items_began: BTreeMap<ItemId, Wall>,
    /// By how much the clock of the server has jumped so far, in milliseconds.
    pub(crate) jumped_ms: i64,
}

impl Act {
    pub(crate) fn kind(&self) -> ActKind {
        match self {
            Self::Item { .. } => ActKind::Item,
        }
    }
}

impl Event {
    pub(crate) fn told(&self) -> Option<Told<'_>> {
        Some(match self {
            Self::Started => Told::plain(JournalKind::Started),
            Self::Ended | Self::EndedAndClosed => Told::plain(JournalKind::Ended),
            Self::Closed => Told::plain(JournalKind::Closed),
            Self::LossAccepted { .. } => Told::plain(JournalKind::LossAccepted),
            Self::ItemBegan { item } => Told { item: Some(item), ..Told::plain(JournalKind::Item) },
            Self::ClockJumped { .. } => Told::plain(JournalKind::ClockJumped),
        })
    }
}

pub(crate) fn decide(ground: &Ground<'_>, act: &Act) -> Result<Vec<Event>, Refusal> {
    match act {
        Act::Item { item } if !ground.roster.items.contains(item) => {
            Err(Refusal::held(RefusalCode::UnknownItem, item, vec![]))
        }
        Act::Item { item } if ground.state.item() == Some(item) => Ok(vec![]),
        Act::Item { item } => Ok(vec![Event::ItemBegan { item: item.clone() }]),
    }
}

/// The server owes the log nothing more: a run that has ended is closed.
pub(crate) fn close(state: &State) -> Vec<Event> {
    match state.phase {
        Phase::Ended { closed: false, .. } => vec![Event::Closed],
        Phase::Waiting | Phase::Live { .. } | Phase::Ended { closed: true, .. } => vec![],
    }
}

impl State {
    pub(crate) fn apply(&mut self, event: &Event, at: Wall) {
        match event {
            Event::Started => {
                self.phase = Phase::Live { started: at };
                // What was chosen before is held from here on.
                self.items_began.values_mut().for_each(|began| *began = at);
            }
            Event::Ended => self.end(at, false),
            Event::EndedAndClosed => self.end(at, true),
            Event::Closed => {
                if let Phase::Ended { closed, .. } = &mut self.phase {
                    *closed = true;
                }
            }
            // What is left holds; what is lost changed nothing here.
            Event::LossAccepted { .. } => {}
            Event::ItemBegan { item } => {
                if self.phase == Phase::Waiting {
                    // What is left before the start was not held.
                    self.items_began.clear();
                }
                self.item = Some(item.clone());
                self.items_began.insert(item.clone(), at);
            }
            Event::ClockJumped { by_ms } => self.clock_jumped(*by_ms),
        }
    }

    /// When the meeting began.
    pub(crate) fn started(&self) -> Option<Wall> {
        match self.phase {
            Phase::Waiting => None,
            Phase::Live { started } | Phase::Ended { started, .. } => Some(started),
        }
    }

    pub(crate) fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live { .. })
    }

    pub(crate) fn broken(&self) -> Option<String> {
        let current = self.item.as_ref().filter(|item| !self.items_began.contains_key(item));
        current.map(|item| format!("{item} is the current item and never began"))
    }

    fn clock_jumped(&mut self, by_ms: i64) {
        self.jumped_ms = self.jumped_ms.saturating_add(by_ms);
        match &mut self.phase {
            Phase::Live { started } => *started = started.shifted_ms(by_ms),
            Phase::Waiting | Phase::Ended { .. } => {}
        }
        self.items_began.values_mut().for_each(|began| *began = began.shifted_ms(by_ms));
    }

    fn end(&mut self, at: Wall, closed: bool) {
        self.phase = Phase::Ended { started: self.started().unwrap_or(at), ended: at, closed };
    }
}
