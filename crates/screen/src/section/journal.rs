//! The last lines of the log, the newest first.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::JOURNAL_LINES_MAX;
use base::{JournalKind, RequestId, SourceId, VenueId};
use meeting::{By, Event, Record, queue};
use service::port::unlogged::{Closing, Entry};
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
        (
            Shared(&input.moment.journal),
            Shared(&input.moment.state.parts().membership),
            Shared(&input.moment.withheld),
        )
    }

    fn of(input: &Input) -> JournalSection {
        let lines = input.moment.journal.iter().filter_map(|record| line(input, record));
        let entries = input.moment.withheld.entries.iter().rev();
        JournalSection {
            lines: lines.take(JOURNAL_LINES_MAX).collect(),
            unlogged: entries.flat_map(unlogged).take(JOURNAL_LINES_MAX).collect(),
        }
    }
}

/// The venue that is told of a line. What is in preview is for the desk only.
fn told(line: &JournalLine) -> Option<&VenueId> {
    line.venue.as_ref().filter(|_| line.kind != JournalKind::Preview)
}

fn about(journal: &JournalSection, venue: &VenueId) -> JournalSection {
    let own = journal.lines.iter().filter(|line| told(line) == Some(venue));
    let unlogged = journal.unlogged.iter().filter(|line| told(line) == Some(venue));
    JournalSection { lines: own.cloned().collect(), unlogged: unlogged.cloned().collect() }
}

/// Venues of lines that only one of the two has.
fn differing(before: &JournalSection, now: &JournalSection) -> BTreeSet<VenueId> {
    let (unlogged_before, unlogged_now) = (&before.unlogged, &now.unlogged);
    let only = |of: &[JournalLine], other: &[JournalLine]| -> Vec<VenueId> {
        of.iter().filter(|line| !other.contains(line)).filter_map(told).cloned().collect()
    };
    let unlogged = [only(unlogged_before, unlogged_now), only(unlogged_now, unlogged_before)].concat();
    let (before, now) = (by_sequence(before), by_sequence(now));
    let changed = input::differing(&before, &now);
    changed
        .flat_map(|seq| [before.get(seq), now.get(seq)])
        .flatten()
        .filter_map(|line| told(line))
        .cloned()
        .chain(unlogged)
        .collect()
}

fn by_sequence(journal: &JournalSection) -> BTreeMap<u64, &JournalLine> {
    journal.lines.iter().map(|line| (line.seq, line)).collect()
}

/// None for an event that another line of the same act tells already.
fn line(input: &Input, record: &Record) -> Option<JournalLine> {
    let told = record.event.told()?;
    let named = || told.source.and_then(|source| venue_of(input, source));
    let requester = || told.request.and_then(|request| requester(input, &record.by, request));
    Some(JournalLine {
        seq: record.seq.0,
        at: record.took_effect(),
        kind: told.kind,
        actor: actor(&record.by),
        venue: told.venue.cloned().or_else(named).or_else(requester),
        source: told.source.cloned(),
        person: told.person.cloned(),
        item: told.item.cloned(),
    })
}

/// A line for each thing that an act closed.
fn unlogged(entry: &Entry) -> Vec<JournalLine> {
    let line = |kind, venue: Option<&VenueId>| JournalLine {
        seq: 0,
        at: entry.at,
        kind,
        actor: actor(&entry.by),
        venue: venue.cloned(),
        source: None,
        person: None,
        item: None,
    };
    let slate = (entry.closing == Closing::Slate).then(|| line(JournalKind::Slate, None));
    let closed = entry.venues.iter().map(|venue| line(JournalKind::FloorClosed, Some(venue)));
    slate.into_iter().chain(closed).collect()
}

fn actor(by: &By) -> String {
    match by {
        By::Server => "server".to_owned(),
        By::Actor { role, .. } => role.name().to_owned(),
    }
}

fn venue_of(input: &Input, source: &SourceId) -> Option<VenueId> {
    input.moment.state.roster().and_then(|roster| roster.venue_of(source)).cloned()
}

/// A removed request is in no state any more: its venue is the one that took it back, or stands where it was raised.
fn requester(input: &Input, by: &By, request: &RequestId) -> Option<VenueId> {
    if let By::Actor { venue: Some(venue), .. } = by {
        return Some(venue.clone());
    }
    input.moment.journal.iter().find_map(|record| {
        let Event::Queue(queue::Event::Raised { request: raised, venue, .. }) = &record.event else {
            return None;
        };
        (raised == request).then(|| venue.clone())
    })
}
