//! Who looks, and what each role sees of a section.

use std::collections::BTreeSet;

use base::{PersonId, VenueId};
use directory::policy::Role;

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

/// What each role sees. Every section says it for every role.
pub(crate) struct Audience<S> {
    pub(crate) director: S,
    pub(crate) chair: S,
    pub(crate) venue: S,
    pub(crate) watcher: S,
}

impl<S> Audience<S> {
    /// What this viewer sees. A venue's token that names no venue sees what watchers see.
    pub(crate) fn sight(&self, viewer: &Viewer) -> &S {
        match (viewer.role, &viewer.venue) {
            (Role::Director, _) => &self.director,
            (Role::Chair, _) => &self.chair,
            (Role::Venue, Some(_)) => &self.venue,
            (Role::Venue, None) | (Role::Watcher, _) => &self.watcher,
        }
    }
}

impl<T> Audience<Sight<T>> {
    /// What is public.
    pub(crate) const EVERYBODY: Self =
        Self { director: Sight::Whole, chair: Sight::Whole, venue: Sight::Whole, watcher: Sight::Whole };
    /// What only director and chair see.
    pub(crate) const DESK: Self =
        Self { director: Sight::Whole, chair: Sight::Whole, venue: Sight::Nothing, watcher: Sight::Nothing };
}

/// How much a role sees of a section.
pub(crate) enum Sight<T> {
    Nothing,
    Whole,
    /// A part, cut for each who is sent it: for what changes seldom.
    Part(fn(&T, &Look<'_>) -> T),
    /// What is about the viewer's own venue, sent only when that changed.
    Own {
        /// The venues for which two successive sections are not the same.
        differing: fn(&T, &T) -> BTreeSet<VenueId>,
        /// What is about a venue.
        cut: fn(&T, &VenueId) -> T,
    },
}

/// How many sections of a kind a role sees.
pub(crate) enum Reach<K> {
    All,
    /// The one that is the viewer's own.
    Own(fn(&Viewer) -> Option<K>),
    Nothing,
}

/// One look at the sections.
pub(crate) struct Look<'a> {
    pub(crate) viewer: &'a Viewer,
    /// People whose names everybody may be told.
    pub(crate) named: &'a BTreeSet<PersonId>,
    /// Only what changed after this revision; everything if there is none.
    pub(crate) after: Option<u64>,
}

impl Look<'_> {
    /// The viewer's own venue.
    pub(crate) fn own(&self) -> Option<&VenueId> {
        self.viewer.venue.as_ref()
    }

    /// What changed at that revision is wanted.
    pub(crate) fn wants(&self, rev: u64) -> bool {
        self.after.is_none_or(|after| rev > after)
    }
}
