//! The last lines of the log, the newest first.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::JOURNAL_LINES_MAX;
use base::{RequestId, SourceId, VenueId};
use meeting::{By, Event, Record, RemovedWhy, course, floor, keys, membership, preview, programme, queue};
use wire::{JournalLine, JournalSection};

use super::{Audience, Pace, Section, Sight};
use crate::input::{self, Input, Shared};

pub(crate) struct Journal;

impl Section for Journal {
    type Shape = JournalSection;
    const AUDIENCE: Audience<Sight<JournalSection>> = Audience {
        director: Sight::Whole,
        chair: Sight::Whole,
        venue: Sight::Own { differing, cut: about },
        watcher: Sight::Nothing,
    };
    const PACE: Pace<JournalSection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        (Shared(&input.view.journal), Shared(&input.view.state.parts().membership))
    }

    fn of(input: &Input) -> JournalSection {
        let lines = input.view.journal.iter().filter_map(|record| line(input, record));
        JournalSection { lines: lines.take(JOURNAL_LINES_MAX).collect() }
    }
}

/// The venue that is told of a line. What is in preview is for the desk only.
fn told(line: &JournalLine) -> Option<&VenueId> {
    line.venue.as_ref().filter(|_| line.kind != "preview")
}

fn about(journal: &JournalSection, venue: &VenueId) -> JournalSection {
    let own = journal.lines.iter().filter(|line| told(line) == Some(venue));
    JournalSection { lines: own.cloned().collect() }
}

/// Venues of lines that only one of the two has.
fn differing(before: &JournalSection, now: &JournalSection) -> BTreeSet<VenueId> {
    let (before, now) = (by_sequence(before), by_sequence(now));
    let changed = input::differing(&before, &now);
    changed
        .flat_map(|seq| [before.get(seq), now.get(seq)])
        .flatten()
        .filter_map(|line| told(line))
        .cloned()
        .collect()
}

fn by_sequence(journal: &JournalSection) -> BTreeMap<u64, &JournalLine> {
    journal.lines.iter().map(|line| (line.seq, line)).collect()
}

/// None for an event that another line of the same act tells already.
fn line(input: &Input, record: &Record) -> Option<JournalLine> {
    let blank = JournalLine {
        seq: record.seq.0,
        at: record.at,
        kind: String::new(),
        actor: actor(&record.by),
        venue: None,
        source: None,
        person: None,
        item: None,
    };
    let plain = |kind: &str| JournalLine { kind: kind.to_owned(), ..blank.clone() };
    let of = |kind: &str, venue: &VenueId| JournalLine { venue: Some(venue.clone()), ..plain(kind) };
    let pictured = |kind: &str, source: Option<&SourceId>| JournalLine {
        source: source.cloned(),
        venue: source.and_then(|source| venue_of(input, source)),
        ..plain(kind)
    };
    Some(match &record.event {
        Event::Membership(membership::Event::Opened(_)) => plain("opened"),
        Event::Membership(membership::Event::RosterChanged(_)) => plain("roster"),
        Event::Course(course::Event::Started) => plain("started"),
        Event::Course(course::Event::Ended | course::Event::EndedAndClosed) => plain("ended"),
        Event::Course(course::Event::Closed) => plain("closed"),
        Event::Membership(membership::Event::VenueJoined { venue }) => of("joined", venue),
        Event::Preview(preview::Event::Set { source, .. }) => pictured("preview", source.as_ref()),
        Event::Programme(programme::Event::Set { scene }) => match scene.source() {
            Some(source) => pictured("programme", Some(source)),
            None => plain("slate"),
        },
        Event::Floor(floor::Event::Opened { venue, .. }) => of("floor_opened", venue),
        Event::Floor(floor::Event::Closed { venue, .. }) => of("floor_closed", venue),
        Event::Floor(floor::Event::CallOnBegan { venue, source, person, .. }) => {
            JournalLine { source: Some(source.clone()), person: person.clone(), ..of("call_on", venue) }
        }
        Event::Floor(floor::Event::CallOnEnded { venue }) => of("call_on_ended", venue),
        Event::Queue(queue::Event::Raised { venue, person, .. }) => {
            JournalLine { person: person.clone(), ..of("raised", venue) }
        }
        Event::Queue(queue::Event::Speaking { .. } | queue::Event::Waits { .. }) => return None,
        Event::Queue(queue::Event::Removed { request, why }) => {
            let kind = match why {
                RemovedWhy::Withdrawn => "withdrawn",
                RemovedWhy::Dropped => "dropped",
                RemovedWhy::Spoken | RemovedWhy::LeftRoster => return None,
            };
            JournalLine { venue: requester(input, &record.by, request), ..plain(kind) }
        }
        Event::Course(course::Event::ItemBegan { item }) => {
            JournalLine { item: Some(item.clone()), ..plain("item") }
        }
        Event::Keys(keys::Event::Unchanged) => plain("unchanged"),
    })
}

fn actor(by: &By) -> String {
    match by {
        By::Server => "server".to_owned(),
        By::Actor { role, .. } => role.name().to_owned(),
    }
}

fn venue_of(input: &Input, source: &SourceId) -> Option<VenueId> {
    input.view.state.roster().and_then(|roster| roster.venue_of(source)).cloned()
}

/// A removed request is in no state any more: its venue is the one that took it back, or stands where it was raised.
fn requester(input: &Input, by: &By, request: &RequestId) -> Option<VenueId> {
    if let By::Actor { venue: Some(venue), .. } = by {
        return Some(venue.clone());
    }
    input.view.journal.iter().find_map(|record| {
        let Event::Queue(queue::Event::Raised { request: raised, venue, .. }) = &record.event else {
            return None;
        };
        (raised == request).then(|| venue.clone())
    })
}
