//! What was held: the items one after another, and who spoke for how long. It follows from course and floor, and no act writes it.

use base::limits::{SUMMARY_ITEMS_MAX, SUMMARY_SPEECHES_MAX};
use base::{ItemId, PersonId, VenueId, Wall};

use crate::part::{course, floor};

/// An item as it was held; one that was come back to is held twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldItem {
    /// Which.
    pub item: ItemId,
    /// When it began; not before the meeting did.
    pub began: Wall,
    /// When it ended; none while it is the current one.
    pub ended: Option<Wall>,
}

/// A speech: a call-on that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speech {
    /// The venue called.
    pub venue: VenueId,
    /// Who spoke.
    pub person: Option<PersonId>,
    /// When it began.
    pub began: Wall,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// The item at which it began.
    pub item: Option<ItemId>,
}

/// What was held so far. Both lists are bounded; what comes after stands in the log alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Items in the order in which they were held.
    pub items: Vec<HeldItem>,
    /// Speeches in the order in which they ended.
    pub speeches: Vec<Speech>,
    /// The one that runs.
    running: Option<Speech>,
}

impl Summary {
    /// What the course does.
    pub(crate) fn course(&mut self, event: &course::Event, at: Wall) {
        match event {
            // An item that was chosen before is held from here on.
            course::Event::Started => {
                self.items.retain(|held| held.ended.is_none());
                self.items.iter_mut().for_each(|held| held.began = at);
            }
            course::Event::ItemBegan { item } => {
                self.item_ends(at);
                if self.items.len() < SUMMARY_ITEMS_MAX {
                    self.items.push(HeldItem { item: item.clone(), began: at, ended: None });
                }
            }
            course::Event::Ended | course::Event::EndedAndClosed => self.item_ends(at),
            course::Event::ClockJumped { by_ms } => self.clock_jumped(*by_ms),
            course::Event::Closed | course::Event::LossAccepted { .. } => {}
        }
    }

    /// What the floor does, at that item.
    pub(crate) fn floor(&mut self, event: &floor::Event, item: Option<&ItemId>, at: Wall) {
        match event {
            floor::Event::CallOnBegan { venue, person, .. } => {
                let (venue, person, item) = (venue.clone(), person.clone(), item.cloned());
                self.running = Some(Speech { venue, person, began: at, ms: 0, item });
            }
            floor::Event::CallOnEnded { .. } => {
                let ended = self.running.take().filter(|_| self.speeches.len() < SUMMARY_SPEECHES_MAX);
                self.speeches.extend(ended.map(|speech| Speech { ms: at.since_ms(speech.began), ..speech }));
            }
            floor::Event::Opened { .. } | floor::Event::Closed { .. } => {}
        }
    }

    /// What runs is counted on; what is over keeps the hours that it had.
    fn clock_jumped(&mut self, by_ms: i64) {
        for held in self.items.iter_mut().filter(|held| held.ended.is_none()) {
            held.began = held.began.shifted_ms(by_ms);
        }
        if let Some(speech) = &mut self.running {
            speech.began = speech.began.shifted_ms(by_ms);
        }
    }

    fn item_ends(&mut self, at: Wall) {
        if let Some(held) = self.items.last_mut() {
            held.ended.get_or_insert(at);
        }
    }
}
