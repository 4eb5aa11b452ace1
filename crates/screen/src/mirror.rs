//! What was published of one meeting: the present sections and the revision at which each changed last.
//!
//! A machine without IO. A delta for a client that stands at some revision is all sections that changed after it, whole; so a client that
//! reads slowly is sent the latest state when it reads again, and nothing is kept for it meanwhile. What changes all the time (packet
//! counts, link quality, facts of the node) is published at most once a second; everything else at once. A section is made anew only
//! when something that it reads is another.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use base::{Mono, PersonId, VenueId};
use service::control::Moment;
use wire::Sections;

use crate::audience::{Look, Viewer};
use crate::input::Input;
use crate::section::{Current, Turn, directory};

/// How often what changes all the time is published.
pub const SOFT_EVERY: Duration = Duration::from_secs(1);

/// The published state of one meeting.
#[derive(Default)]
pub struct Mirror {
    rev: u64,
    sections: Current,
    /// What the sections were made of last.
    before: Option<Input>,
    /// People whose names those are told that see no whole directory: whom the public sections name, or named since the directory changed.
    told: BTreeSet<PersonId>,
    /// When what changes all the time was published last.
    soft_at: Option<Mono>,
    /// Something that changes all the time waits until then.
    soft_due: Option<Mono>,
}

impl fmt::Debug for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mirror")
            .field("rev", &self.rev)
            .field("soft_due", &self.soft_due)
            .finish_non_exhaustive()
    }
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

    /// Something waits to be published at that time: call [`update`](Self::update) then, with what there is to see then.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.soft_due
    }

    /// Takes a moment. True if there is a new revision.
    pub fn update(&mut self, now: Mono, moment: &Moment) -> bool {
        let input = Input::new(moment.clone(), self.before.as_ref());
        let open = self.soft_at.is_none_or(|at| now.since(at) >= SOFT_EVERY);
        let rev = self.rev + 1;
        let turn = Turn { before: self.before.as_ref(), now: &input, open, rev };
        let outcome = self.sections.take(turn);
        self.before = Some(input);
        self.soft_due = self.soft_at.filter(|_| outcome.waits).map(|at| at + SOFT_EVERY);
        if !outcome.changed {
            return false;
        }
        if open {
            self.soft_at = Some(now);
        }
        self.rev = rev;
        self.name_people();
        true
    }

    /// Place of a venue in rank order, which is that of the level frame, and the generation of that order.
    #[must_use]
    pub fn place(&self, venue: &VenueId) -> (u32, Option<usize>) {
        let Some(directory) = self.sections.directory.shape() else { return (0, None) };
        (directory.generation, directory.venues.iter().position(|entry| entry.id == *venue))
    }

    /// The whole state, as that viewer sees it.
    #[must_use]
    pub fn snapshot(&self, viewer: &Viewer) -> Sections {
        self.sections.seen(&Look { viewer, named: &self.told, after: None })
    }

    /// What changed after revision `from`, as that viewer sees it. It may be empty.
    #[must_use]
    pub fn delta(&self, viewer: &Viewer, from: u64) -> Sections {
        self.sections.seen(&Look { viewer, named: &self.told, after: Some(from) })
    }

    /// A name that becomes public is told to those who lack it: the directory is sent again.
    fn name_people(&mut self) {
        let Current { meeting, rundown, call_on, directory, .. } = &mut self.sections;
        let revs = [meeting.rev(), rundown.rev(), call_on.rev(), directory.rev()];
        if !revs.contains(&self.rev) {
            return;
        }
        let named = directory::named(meeting.shape(), rundown.shape(), call_on.shape());
        if directory.rev() == self.rev {
            self.told = named;
        } else if !named.is_subset(&self.told) {
            self.told.extend(named);
            directory.again(self.rev);
        }
    }
}

/// Where one client stands.
#[derive(Debug)]
pub struct Reader {
    viewer: Viewer,
    rev: u64,
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
        Self { viewer, rev: 0 }
    }

    /// As whom it reads.
    #[must_use]
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The whole state; deltas go on from there.
    pub fn snapshot(&mut self, mirror: &Mirror) -> (u64, Sections) {
        self.rev = mirror.rev();
        (self.rev, mirror.snapshot(&self.viewer))
    }

    /// What is new for this client, if anything. However much was published meanwhile, it is one step.
    pub fn step(&mut self, mirror: &Mirror) -> Option<Step> {
        if mirror.rev() == self.rev {
            return None;
        }
        let set = mirror.delta(&self.viewer, self.rev);
        if set.is_empty() {
            return None;
        }
        let from = std::mem::replace(&mut self.rev, mirror.rev());
        Some(Step { from, to: self.rev, set })
    }
}
