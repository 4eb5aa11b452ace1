//! Units, venues and people of the meeting, in rank order.

use std::collections::{BTreeMap, BTreeSet};

use base::{PersonId, UnitId};
use directory::Venue;
use wire::{
    CallOnSection, DirectorySection, MeetingSection, RundownSection, SourceEntry, UnitEntry, VenueEntry,
};

use super::{Audience, Look, Pace, Section, Sight};
use crate::convert;
use crate::input::{Input, Shared};

pub(crate) struct Names;

impl Section for Names {
    type Shape = DirectorySection;
    const AUDIENCE: Audience<Sight<DirectorySection>> = Audience {
        director: Sight::Whole,
        chair: Sight::Whole,
        venue: Sight::Part(names),
        watcher: Sight::Part(names),
    };
    const PACE: Pace<DirectorySection> = Pace::AtOnce;

    fn reads(input: &Input) -> impl PartialEq + '_ {
        (input.moment.generation, Shared(&input.venues))
    }

    /// The venues of the plan in its order, the units they hang from, and the people who may be named.
    fn of(input: &Input) -> DirectorySection {
        let directory = &input.moment.directory;
        let needed = with_upper_units(input);
        let units = directory.units().iter().filter(|unit| needed.contains(&unit.id)).map(|unit| UnitEntry {
            id: unit.id.clone(),
            upper: unit.upper.clone(),
            tier: directory.tier(&unit.id),
            name: convert::text(&unit.name),
            short: convert::text(&unit.short),
        });
        DirectorySection {
            generation: input.moment.generation,
            organisation: convert::text(directory.organisation()),
            tiers: directory.tiers().iter().map(convert::text).collect(),
            units: units.collect(),
            venues: input.venues.iter().map(|venue| entry(input, venue)).collect(),
            people: people(input),
        }
    }
}

/// Without what only operators need. Of people it keeps the names of those whom another section names.
fn names(directory: &DirectorySection, look: &Look<'_>) -> DirectorySection {
    let mut shown = directory.clone();
    for venue in &mut shown.venues {
        venue.search.clear();
        if Some(&venue.id) != look.own() {
            venue.technician = None;
        }
    }
    shown.people.retain(|person, _| look.named.contains(person));
    shown
}

/// People whom the public sections name.
pub(crate) fn named(
    meeting: Option<&MeetingSection>,
    rundown: Option<&RundownSection>,
    call_on: Option<&CallOnSection>,
) -> BTreeSet<PersonId> {
    let chair = meeting.and_then(|meeting| meeting.chair.as_ref());
    let items =
        rundown.into_iter().flat_map(|rundown| &rundown.items).filter_map(|item| item.person.as_ref());
    let called =
        call_on.and_then(|call_on| call_on.running.as_ref()).and_then(|call_on| call_on.person.as_ref());
    chair.into_iter().chain(items).chain(called).cloned().collect()
}

fn with_upper_units(input: &Input) -> BTreeSet<UnitId> {
    let upper: BTreeMap<_, _> =
        input.moment.directory.units().iter().map(|unit| (&unit.id, unit.upper.as_ref())).collect();
    let mut needed = BTreeSet::new();
    for venue in input.venues.iter() {
        let mut unit = Some(&venue.unit);
        while let Some(id) = unit {
            if !needed.insert(id.clone()) {
                break;
            }
            unit = upper.get(id).copied().flatten();
        }
    }
    needed
}

fn entry(input: &Input, venue: &Venue) -> VenueEntry {
    VenueEntry {
        id: venue.id.clone(),
        unit: venue.unit.clone(),
        tier: input.moment.directory.tier(&venue.unit),
        name: convert::text(&venue.name),
        short: convert::text(&venue.short),
        sources: venue
            .sources
            .iter()
            .map(|source| SourceEntry { id: source.id.clone(), name: convert::text(&source.name) })
            .collect(),
        technician: venue.technician.as_ref().map(convert::contact),
        search: search(venue),
    }
}

fn search(venue: &Venue) -> Vec<String> {
    let mut words = Vec::new();
    let names = venue.name.iter().chain(venue.short.iter()).map(|(_, name)| name);
    let own = std::iter::once(venue.id.as_str()).chain(names);
    for word in own.map(str::to_lowercase).chain(venue.search.iter().cloned()) {
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// All of them: any may be named by an act.
fn people(input: &Input) -> BTreeMap<PersonId, wire::Text> {
    let people = input.moment.directory.people();
    people.iter().map(|(id, person)| (id.clone(), convert::text(&person.name))).collect()
}
