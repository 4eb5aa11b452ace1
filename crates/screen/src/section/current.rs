//! What is published of a section, and at which revision it changed last.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::BitOrAssign;
use std::sync::Arc;

use base::VenueId;

use super::{Keyed, Pace, Section, Touched};
use crate::audience::{Look, Reach, Sight};
use crate::input::Input;

/// One turn: from the input of the last one to that of now.
#[derive(Clone, Copy)]
pub(crate) struct Turn<'a> {
    pub(crate) before: Option<&'a Input>,
    pub(crate) now: &'a Input,
    /// What changes all the time is published in this turn.
    pub(crate) open: bool,
    /// Revision of what changes in this turn.
    pub(crate) rev: u64,
}

/// What a turn came to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Outcome {
    /// Something is another from this turn on.
    pub(crate) changed: bool,
    /// A change is held back until the second is over.
    pub(crate) waits: bool,
}

impl BitOrAssign for Outcome {
    fn bitor_assign(&mut self, other: Self) {
        self.changed |= other.changed;
        self.waits |= other.waits;
    }
}

/// Puts back what is not to be published in this turn. True if that hides a change.
fn hold_back<T: Clone + PartialEq>(pace: &Pace<T>, old: Option<&T>, next: &mut T) -> bool {
    match (pace, old) {
        (Pace::AtOnce, _) | (_, None) => false,
        (Pace::EachSecond, Some(old)) => {
            let differs = old != next;
            next.clone_from(old);
            differs
        }
        (Pace::AtOnceBut(hold_back), Some(old)) => hold_back(old, next),
    }
}

/// A section that there is once.
pub(crate) struct One<S: Section> {
    shape: Option<Arc<S::Shape>>,
    rev: u64,
    /// Revision at which a venue's own part changed last; for the others it is that of the first section.
    own: BTreeMap<VenueId, u64>,
    first: u64,
    waits: bool,
}

impl<S: Section> Default for One<S> {
    fn default() -> Self {
        Self { shape: None, rev: 0, own: BTreeMap::new(), first: 0, waits: false }
    }
}

impl<S: Section> One<S> {
    pub(crate) fn shape(&self) -> Option<&S::Shape> {
        self.shape.as_deref()
    }

    pub(crate) fn rev(&self) -> u64 {
        self.rev
    }

    /// It is sent again, as it is.
    pub(crate) fn again(&mut self, rev: u64) {
        self.rev = rev;
    }

    /// Makes the section anew, if what it reads is another or a change of it waited for this turn.
    pub(crate) fn take(&mut self, turn: Turn<'_>) -> Outcome {
        let same = turn.before.is_some_and(|before| S::reads(before) == S::reads(turn.now));
        if same && !(turn.open && self.waits) {
            return Outcome { changed: false, waits: self.waits };
        }
        let mut next = S::of(turn.now);
        self.waits = !turn.open && hold_back(&S::PACE, self.shape(), &mut next);
        let changed = self.shape() != Some(&next);
        if changed {
            self.publish(next, turn.rev);
        }
        Outcome { changed, waits: self.waits }
    }

    fn publish(&mut self, next: S::Shape, rev: u64) {
        match &self.shape {
            None => self.first = rev,
            Some(old) => {
                if let Sight::Own { differing, .. } = S::AUDIENCE.venue {
                    self.own.extend(differing(old, &next).into_iter().map(|venue| (venue, rev)));
                }
            }
        }
        (self.shape, self.rev) = (Some(Arc::new(next)), rev);
    }

    /// What a viewer sees of it, if anything, and if it is wanted.
    pub(crate) fn seen(&self, look: &Look<'_>) -> Option<Arc<S::Shape>> {
        let shape = self.shape.as_ref()?;
        match S::AUDIENCE.sight(look.viewer) {
            Sight::Nothing => None,
            Sight::Whole => look.wants(self.rev).then(|| Arc::clone(shape)),
            Sight::Part(cut) => look.wants(self.rev).then(|| Arc::new(cut(shape, look))),
            Sight::Own { cut, .. } => {
                let venue = look.own()?;
                let rev = self.own.get(venue).copied().unwrap_or(self.first);
                look.wants(rev).then(|| Arc::new(cut(shape, venue)))
            }
        }
    }
}

/// The sections of a kind, by key.
pub(crate) struct Many<S: Keyed> {
    shapes: BTreeMap<S::Key, (u64, Arc<S::Shape>)>,
    /// The highest of their revisions.
    rev: u64,
    /// Those of which a change is held back.
    wait: BTreeSet<S::Key>,
}

impl<S: Keyed> Default for Many<S> {
    fn default() -> Self {
        Self { shapes: BTreeMap::new(), rev: 0, wait: BTreeSet::new() }
    }
}

impl<S: Keyed> Many<S> {
    /// Makes those anew that may be others, and those of which a change waited for this turn.
    pub(crate) fn take(&mut self, turn: Turn<'_>) -> Outcome {
        let touched = turn.before.map_or(Touched::All, |before| S::touched(before, turn.now));
        let mut keys = match touched {
            Touched::Some(keys) => keys,
            Touched::All => {
                let keys = S::keys(turn.now);
                // Those that are gone: deltas set, they never remove.
                self.shapes.retain(|key, _| keys.contains(key));
                self.wait.retain(|key| keys.contains(key));
                keys
            }
        };
        if turn.open {
            keys.append(&mut self.wait);
        }
        let mut changed = false;
        for key in keys {
            changed |= self.take_one(turn, key);
        }
        Outcome { changed, waits: !self.wait.is_empty() }
    }

    fn take_one(&mut self, turn: Turn<'_>, key: S::Key) -> bool {
        let Some(mut next) = S::of(turn.now, &key) else { return false };
        let old = self.shapes.get(&key).map(|(_, shape)| shape.as_ref());
        let waits = !turn.open && hold_back(&S::PACE, old, &mut next);
        let changed = old != Some(&next);
        match waits {
            true => drop(self.wait.insert(key.clone())),
            false => drop(self.wait.remove(&key)),
        }
        if changed {
            self.rev = turn.rev;
            self.shapes.insert(key, (turn.rev, Arc::new(next)));
        }
        changed
    }

    /// What a viewer sees of them, as far as it is wanted.
    pub(crate) fn seen(&self, look: &Look<'_>) -> BTreeMap<S::Key, Arc<S::Shape>> {
        if !look.wants(self.rev) {
            return BTreeMap::new();
        }
        let wanted = |(key, (rev, shape)): (&S::Key, &(u64, Arc<S::Shape>))| {
            look.wants(*rev).then(|| (key.clone(), Arc::clone(shape)))
        };
        match S::AUDIENCE.sight(look.viewer) {
            Reach::Nothing => BTreeMap::new(),
            Reach::All => self.shapes.iter().filter_map(wanted).collect(),
            Reach::Own(own) => {
                let key = own(look.viewer);
                key.and_then(|key| self.shapes.get_key_value(&key)).and_then(wanted).into_iter().collect()
            }
        }
    }
}
