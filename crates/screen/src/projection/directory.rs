//! Units, venues and people of the meeting, in rank order.

use std::collections::{BTreeMap, BTreeSet};

use base::{PersonId, UnitId};
use directory::Venue;
use service::control::View;
use wire::{DirectorySection, SourceEntry, UnitEntry, VenueEntry};

use crate::convert;

/// The venues of the plan in its order, the units they hang from, and the people who may be named.
pub(super) fn directory(view: &View) -> DirectorySection {
    let directory = &view.directory;
    let venues = super::taking_part(view);
    let needed = with_upper_units(view, &venues);
    DirectorySection {
        generation: view.generation,
        organisation: convert::text(directory.organisation()),
        tiers: directory.tiers().iter().map(convert::text).collect(),
        units: directory
            .units()
            .iter()
            .filter(|unit| needed.contains(&unit.id))
            .map(|unit| UnitEntry {
                id: unit.id.clone(),
                upper: unit.upper.clone(),
                tier: directory.tier(&unit.id),
                name: convert::text(&unit.name),
                short: convert::text(&unit.short),
            })
            .collect(),
        venues: venues.into_iter().map(|venue| entry(view, venue)).collect(),
        people: people(view),
    }
}

fn with_upper_units(view: &View, venues: &[&Venue]) -> BTreeSet<UnitId> {
    let upper: BTreeMap<_, _> =
        view.directory.units().iter().map(|unit| (&unit.id, unit.upper.as_ref())).collect();
    let mut needed = BTreeSet::new();
    for venue in venues {
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

fn entry(view: &View, venue: &Venue) -> VenueEntry {
    VenueEntry {
        id: venue.id.clone(),
        unit: venue.unit.clone(),
        tier: view.directory.tier(&venue.unit),
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
fn people(view: &View) -> BTreeMap<PersonId, wire::Text> {
    let people = view.directory.people();
    people.iter().map(|(id, person)| (id.clone(), convert::text(&person.name))).collect()
}
