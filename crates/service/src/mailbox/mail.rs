//! What waits for a meeting. A machine without IO.

use std::collections::BTreeMap;

use base::{SourceId, VenueId};

use crate::control::{Answer, Inbox};
use crate::port::hop::{About, Measure, What};

/// Commands of a meeting that may wait to be read; there is no room for more.
pub const COMMANDS_MAX: usize = 1_000;

/// What a message is about. Only the latest message about a topic waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    Fact(About),
    Levels,
    Quality(SourceId),
    Traffic,
    Report(VenueId),
    ReportGone(VenueId),
    Clients,
    Desks,
    Directory,
}

/// Messages to one meeting, in the order in which they came.
///
/// Commands wait in that order, a bounded number of them. Everything else is the latest word on its topic: a newer one takes the place of the
/// older, behind all that came meanwhile, so that what is read is what happened, less what was overtaken. So nothing but commands is ever
/// turned away, and what waits is bounded by the size of the meeting: the last state of each gate, source and session is always there.
#[derive(Debug)]
pub struct Mail<A = Answer> {
    next: u64,
    waiting: BTreeMap<u64, Inbox<A>>,
    places: BTreeMap<Topic, u64>,
    commands: usize,
}

impl<A> Default for Mail<A> {
    fn default() -> Self {
        Self { next: 0, waiting: BTreeMap::new(), places: BTreeMap::new(), commands: 0 }
    }
}

impl<A> Mail<A> {
    /// Takes a message in. What comes back is a command for which there is no room, since [`COMMANDS_MAX`] wait already.
    #[must_use]
    pub fn put(&mut self, message: Inbox<A>) -> Option<Inbox<A>> {
        let Some(topic) = topic(&message) else {
            if self.commands >= COMMANDS_MAX {
                return Some(message);
            }
            self.commands += 1;
            self.append(message);
            return None;
        };
        if let Topic::ReportGone(venue) = &topic {
            // What the page reported before it went is no longer so.
            self.overtaken(&Topic::Report(venue.clone()));
        }
        let before = self.overtaken(&topic);
        let place = self.append(merged(before, message));
        self.places.insert(topic, place);
        None
    }

    /// The next message.
    pub fn take(&mut self) -> Option<Inbox<A>> {
        let (_, message) = self.waiting.pop_first()?;
        match topic(&message) {
            Some(topic) => {
                self.places.remove(&topic);
            }
            None => self.commands -= 1,
        }
        Some(message)
    }

    /// How many messages wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn overtaken(&mut self, topic: &Topic) -> Option<Inbox<A>> {
        let place = self.places.remove(topic)?;
        self.waiting.remove(&place)
    }

    fn append(&mut self, message: Inbox<A>) -> u64 {
        let place = self.next;
        self.next += 1;
        self.waiting.insert(place, message);
        place
    }
}

/// A report says what has changed since the one before, so the two are one.
fn merged<A>(before: Option<Inbox<A>>, message: Inbox<A>) -> Inbox<A> {
    match (before, message) {
        (Some(Inbox::Report(_, before)), Inbox::Report(venue, report)) => {
            Inbox::Report(venue, report.over(before))
        }
        (_, message) => message,
    }
}

/// None of a command: each is a topic of its own.
fn topic<A>(message: &Inbox<A>) -> Option<Topic> {
    Some(match message {
        Inbox::Command(..) | Inbox::Acknowledge(..) => return None,
        Inbox::Hop(What::Fact(fact)) => Topic::Fact(fact.about()),
        Inbox::Hop(What::Measure(Measure::Levels { .. })) => Topic::Levels,
        Inbox::Hop(What::Measure(Measure::Quality { source, .. })) => Topic::Quality(source.clone()),
        Inbox::Node(_) => Topic::Traffic,
        Inbox::Report(venue, _) => Topic::Report(venue.clone()),
        Inbox::ReportGone(venue) => Topic::ReportGone(venue.clone()),
        Inbox::Clients(_) => Topic::Clients,
        Inbox::Desks(_) => Topic::Desks,
        Inbox::Directory(..) => Topic::Directory,
    })
}
