//! The last lines of the log, for screens.

use base::limits::JOURNAL_LINES_MAX;
use base::{RequestId, SourceId, VenueId};
use meeting::{By, Event, Record, RemovedWhy, course, floor, keys, membership, preview, programme, queue};
use service::control::View;
use wire::{JournalLine, JournalSection};

pub(super) fn journal(view: &View) -> JournalSection {
    let lines = view.journal.iter().filter_map(|record| line(view, record));
    JournalSection { lines: lines.take(JOURNAL_LINES_MAX).collect() }
}

/// None for an event that another line of the same act tells already.
fn line(view: &View, record: &Record) -> Option<JournalLine> {
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
        venue: source.and_then(|source| venue_of(view, source)),
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
            JournalLine { venue: requester(view, &record.by, request), ..plain(kind) }
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

fn venue_of(view: &View, source: &SourceId) -> Option<VenueId> {
    view.state.roster().and_then(|roster| roster.venue_of(source)).cloned()
}

/// A removed request is in no state any more: its venue is the one that took it back, or stands where it was raised.
fn requester(view: &View, by: &By, request: &RequestId) -> Option<VenueId> {
    if let By::Actor { venue: Some(venue), .. } = by {
        return Some(venue.clone());
    }
    view.journal.iter().find_map(|record| {
        let Event::Queue(queue::Event::Raised { request: raised, venue, .. }) = &record.event else {
            return None;
        };
        (raised == request).then(|| venue.clone())
    })
}
