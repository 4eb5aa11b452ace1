//! What was published of one meeting: the present sections and the revision at which each changed last.
//!
//! A machine without IO. A delta for a client that stands at some revision is all sections that changed after it, whole; so a client that
//! reads slowly is sent the latest state when it reads again, and nothing is kept for it meanwhile. What changes all the time (packet
//! counts, link quality, facts of the node) is published at most once a second; everything else at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base::{Mono, PersonId, VenueId};
use service::control::View;
use wire::{AlarmsSection, Sections, VenueSection};

use crate::projection::{self, Viewer, part};

/// How often what changes all the time is published.
pub const SOFT_EVERY: Duration = Duration::from_secs(1);

/// The published state of one meeting.
#[derive(Debug, Default)]
pub struct Mirror {
    rev: u64,
    full: Sections,
    /// Revision at which each section changed last.
    changed: BTreeMap<String, u64>,
    /// People whom those see that see no whole directory; it only grows until the directory is another.
    named: BTreeSet<PersonId>,
    /// When what changes all the time was published last.
    soft_at: Option<Mono>,
    /// Something that changes all the time waits until then.
    soft_due: Option<Mono>,
}

impl Mirror {
    /// Nothing published yet; revision 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Revision: how often something was published.
    #[must_use]
    pub fn rev(&self) -> u64 {
        self.rev
    }

    /// Something waits to be published at that time: call [`update`](Self::update) then, with the view of that moment.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.soft_due
    }

    /// Takes a view. True if there is a new revision.
    pub fn update(&mut self, now: Mono, view: &View) -> bool {
        let mut next = projection::complete(view, self.full.directory.clone());
        let soft_open = self.soft_at.is_none_or(|at| now.since(at) >= SOFT_EVERY);
        let waits = !soft_open && self.keep_soft(&mut next);
        let names = differing(&self.full, &next);
        self.soft_due = match (waits, self.soft_at) {
            (true, Some(at)) => Some(at + SOFT_EVERY),
            (true, None) | (false, _) => None,
        };
        if names.is_empty() {
            return false;
        }
        if soft_open {
            self.soft_at = Some(now);
        }
        self.publish(next, names);
        true
    }

    /// Place of a venue in rank order, which is that of the level frame, and the generation of that order.
    #[must_use]
    pub fn place(&self, venue: &VenueId) -> (u32, Option<usize>) {
        let Some(directory) = &self.full.directory else { return (0, None) };
        (directory.generation, directory.venues.iter().position(|entry| entry.id == *venue))
    }

    /// The whole state, as that viewer sees it.
    #[must_use]
    pub fn snapshot(&self, viewer: &Viewer) -> Sections {
        part(&self.full, viewer, |_| true)
    }

    /// What changed after revision `from`, as that viewer sees it. It may be empty.
    #[must_use]
    pub fn delta(&self, viewer: &Viewer, from: u64) -> Sections {
        part(&self.full, viewer, |name| self.changed.get(name).is_some_and(|rev| *rev > from))
    }

    fn publish(&mut self, next: Sections, names: Vec<String>) {
        self.rev += 1;
        let directory = names.iter().any(|name| name == "directory");
        for name in names {
            self.changed.insert(name, self.rev);
        }
        self.full = next;
        let named = projection::named(&self.full);
        if directory {
            self.named = named;
        } else if !named.is_subset(&self.named) {
            self.named.extend(named);
            self.changed.insert("directory".to_owned(), self.rev);
        }
        // A venue that left: its section is no longer in the state, and its name need not be remembered.
        let full = &self.full;
        self.changed.retain(|name, _| !name.starts_with("venue:") || full.venues.contains_key(name));
    }

    /// Puts what changes all the time back to what was published. True if that hides a change.
    fn keep_soft(&self, next: &mut Sections) -> bool {
        let mut hidden = false;
        if self.full.node.is_some() && self.full.node != next.node {
            next.node.clone_from(&self.full.node);
            hidden = true;
        }
        if let (Some(old), Some(new)) = (&self.full.alarms, &mut next.alarms) {
            hidden |= keep_soft_alarms(old, new);
        }
        for (name, new) in &mut next.venues {
            if let Some(old) = self.full.venues.get(name) {
                hidden |= keep_soft_venue(old, new);
            }
        }
        hidden
    }
}

/// Where one client stands.
#[derive(Debug)]
pub struct Reader {
    viewer: Viewer,
    rev: u64,
    /// The journal it was sent: sequence of the newest line, and how many lines.
    journal: (Option<u64>, usize),
}

/// Sections that follow on revision `from`.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What the client has.
    pub from: u64,
    /// What it has afterwards.
    pub to: u64,
    /// Whole sections.
    pub set: Sections,
}

impl Reader {
    /// Stands at nothing.
    #[must_use]
    pub fn new(viewer: Viewer) -> Self {
        Self { viewer, rev: 0, journal: (None, 0) }
    }

    /// As whom it reads.
    #[must_use]
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The whole state; deltas go on from there.
    pub fn snapshot(&mut self, mirror: &Mirror) -> (u64, Sections) {
        let state = mirror.snapshot(&self.viewer);
        self.rev = mirror.rev();
        self.journal = extent(&state);
        (self.rev, state)
    }

    /// What is new for this client, if anything. However much was published meanwhile, it is one step.
    pub fn step(&mut self, mirror: &Mirror) -> Option<Step> {
        if mirror.rev() == self.rev {
            return None;
        }
        let mut set = mirror.delta(&self.viewer, self.rev);
        // The journal changes with every act, what a venue sees of it seldom.
        if set.journal.is_some() && extent(&set) == self.journal {
            set.journal = None;
        }
        if set == Sections::default() {
            return None;
        }
        if set.journal.is_some() {
            self.journal = extent(&set);
        }
        let from = std::mem::replace(&mut self.rev, mirror.rev());
        Some(Step { from, to: self.rev, set })
    }
}

/// Lines are only added at the front and lost at the back, so these two say whether a journal is the same.
fn extent(sections: &Sections) -> (Option<u64>, usize) {
    let lines = sections.journal.iter().flat_map(|journal| &journal.lines);
    (lines.clone().next().map(|line| line.seq), lines.count())
}

fn keep_soft_alarms(old: &AlarmsSection, new: &mut AlarmsSection) -> bool {
    let mut hidden = std::mem::replace(&mut new.dropped, old.dropped) != old.dropped;
    for alarm in &mut new.alarms {
        if let Some(before) = old.alarms.iter().find(|before| before.id == alarm.id) {
            hidden |= std::mem::replace(&mut alarm.value, before.value) != before.value;
        }
    }
    hidden
}

/// A link that is lost, or no longer, is told at once.
fn keep_soft_venue(old: &VenueSection, new: &mut VenueSection) -> bool {
    let mut hidden = std::mem::replace(&mut new.dropped, old.dropped) != old.dropped;
    if old.state == new.state {
        hidden |= std::mem::replace(&mut new.quality, old.quality) != old.quality;
    }
    hidden
}

/// Names of the sections that are not equal. A section that is gone is not named: deltas set, they never remove.
fn differing(old: &Sections, new: &Sections) -> Vec<String> {
    let mut names = Vec::new();
    macro_rules! compare {
        ($($name:ident),*) => { $( if old.$name != new.$name { names.push(stringify!($name).to_owned()); } )* };
    }
    compare!(meeting, directory, programme, preview, floor, call_on, queue, rundown, alarms, journal, node);
    let venues = new.venues.iter().filter(|(name, section)| old.venues.get(*name) != Some(section));
    names.extend(venues.map(|(name, _)| name.clone()));
    names
}
