//! The part of the sections that a role sees.

use std::collections::BTreeSet;

use base::{PersonId, VenueId};
use directory::policy::Role;
use wire::{DirectorySection, JournalSection, Sections};

use super::venue_section;

/// Who looks: the claims of a token that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Role.
    pub role: Role,
    /// Venue, of a venue's token.
    pub venue: Option<VenueId>,
}

impl Viewer {
    /// Director and chair see the whole desk.
    #[must_use]
    pub fn sees_all(&self) -> bool {
        match self.role {
            Role::Director | Role::Chair => true,
            Role::Venue | Role::Watcher => false,
        }
    }
}

/// The sections whose name is `wanted`, as far as this viewer sees them.
///
/// Director and chair see all. A venue sees its own state, what is public, the floor, and the lines of the journal about itself; never
/// preview, alarms, node, the queue of others or their technicians. A watcher sees what is public: meeting, names, programme,
/// call-on and rundown.
#[must_use]
pub fn part(full: &Sections, viewer: &Viewer, wanted: impl Fn(&str) -> bool) -> Sections {
    let mut seen = Sections::default();
    public(full, viewer, &wanted, &mut seen);
    match viewer.role {
        Role::Director | Role::Chair => desk(full, &wanted, &mut seen),
        Role::Venue => {
            if let Some(venue) = &viewer.venue {
                own(full, venue, &wanted, &mut seen);
            }
        }
        Role::Watcher => {}
    }
    seen
}

fn public(full: &Sections, viewer: &Viewer, wanted: &impl Fn(&str) -> bool, seen: &mut Sections) {
    seen.meeting = full.meeting.clone().filter(|_| wanted("meeting"));
    seen.programme = full.programme.clone().filter(|_| wanted("programme"));
    seen.call_on = full.call_on.clone().filter(|_| wanted("call_on"));
    seen.rundown = full.rundown.clone().filter(|_| wanted("rundown"));
    if wanted("directory") {
        seen.directory = full.directory.as_ref().map(|directory| {
            if viewer.sees_all() { directory.clone() } else { names(full, directory, viewer.venue.as_ref()) }
        });
    }
}

fn desk(full: &Sections, wanted: &impl Fn(&str) -> bool, seen: &mut Sections) {
    seen.preview = full.preview.clone().filter(|_| wanted("preview"));
    seen.floor = full.floor.clone().filter(|_| wanted("floor"));
    seen.queue = full.queue.clone().filter(|_| wanted("queue"));
    seen.alarms = full.alarms.clone().filter(|_| wanted("alarms"));
    seen.journal = full.journal.clone().filter(|_| wanted("journal"));
    seen.node = full.node.clone().filter(|_| wanted("node"));
    let venues = full.venues.iter().filter(|(name, _)| wanted(name));
    seen.venues = venues.map(|(name, section)| (name.clone(), section.clone())).collect();
}

fn own(full: &Sections, venue: &VenueId, wanted: &impl Fn(&str) -> bool, seen: &mut Sections) {
    seen.floor = full.floor.clone().filter(|_| wanted("floor"));
    let name = venue_section(venue);
    if let Some(section) = full.venues.get(&name).filter(|_| wanted(&name)) {
        seen.venues.insert(name, section.clone());
    }
    if wanted("journal") {
        seen.journal = full.journal.as_ref().map(|journal| JournalSection {
            lines: journal
                .lines
                .iter()
                .filter(|line| line.venue.as_ref() == Some(venue) && line.kind != "preview")
                .cloned()
                .collect(),
        });
    }
}

/// The directory without what only operators need, and with the names of those alone who are named elsewhere.
fn names(full: &Sections, directory: &DirectorySection, own: Option<&VenueId>) -> DirectorySection {
    let mut shown = directory.clone();
    for venue in &mut shown.venues {
        venue.search.clear();
        if Some(&venue.id) != own {
            venue.technician = None;
        }
    }
    let named = named(full);
    shown.people.retain(|person, _| named.contains(person));
    shown
}

/// People whom the public sections name.
pub(crate) fn named(full: &Sections) -> BTreeSet<PersonId> {
    let chair = full.meeting.iter().filter_map(|meeting| meeting.chair.as_ref());
    let items =
        full.rundown.iter().flat_map(|rundown| &rundown.items).filter_map(|item| item.person.as_ref());
    let called = full.call_on.iter().filter_map(|c| c.running.as_ref()).filter_map(|c| c.person.as_ref());
    chair.chain(items).chain(called).cloned().collect()
}
