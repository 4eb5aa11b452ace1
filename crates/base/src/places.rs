//! Places of a limit, of which a share is kept for who matters (R18).

use crate::Role;

/// Places that only director and chair may take.
const FOR_DESKS: usize = 64;

/// Who has the places of a limit: watchers at most three quarters of them; the last 64, or of fewer than 512 an eighth, are for director and
/// chair. So a watcher's link, which everybody has, shuts out watchers at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    max: usize,
    all: usize,
    watchers: usize,
}

impl Places {
    /// None is taken of so many.
    #[must_use]
    pub const fn new(max: usize) -> Self {
        Self { max, all: 0, watchers: 0 }
    }

    /// How many there are.
    #[must_use]
    pub const fn max(&self) -> usize {
        self.max
    }

    /// How many are taken.
    #[must_use]
    pub const fn taken(&self) -> usize {
        self.all
    }

    /// How many watchers have taken.
    #[must_use]
    pub const fn watchers(&self) -> usize {
        self.watchers
    }

    /// Whether there is one for that role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        let desks = FOR_DESKS.min(self.max / 8);
        match role {
            Role::Director | Role::Chair => self.all < self.max,
            Role::Venue => self.all + desks < self.max,
            Role::Watcher => self.all + desks < self.max && self.watchers < self.max / 4 * 3,
        }
    }

    /// Takes one. False, and nothing is taken, if there is none for that role.
    #[must_use]
    pub fn take(&mut self, role: Role) -> bool {
        let has = self.has(role);
        if has {
            self.note(role);
        }
        has
    }

    /// Counts one that somebody else has given.
    pub fn note(&mut self, role: Role) {
        self.all += 1;
        self.watchers += usize::from(role == Role::Watcher);
    }

    /// Gives one back that was taken in that role.
    pub fn give_back(&mut self, role: Role) {
        self.all = self.all.saturating_sub(1);
        self.watchers = self.watchers.saturating_sub(usize::from(role == Role::Watcher));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(places: &mut Places, role: Role) -> usize {
        (0..).take_while(|_| places.take(role)).count()
    }

    #[test]
    fn r18_watchers_take_three_quarters_and_the_last_places_are_for_the_desk() {
        let check = |max: usize, watchers: usize, venues: usize, desks: usize| {
            let mut places = Places::new(max);
            let taken = [Role::Watcher, Role::Venue, Role::Chair].map(|role| fill(&mut places, role));
            assert_eq!(taken, [watchers, venues, desks], "of {max}");
            assert_eq!((places.taken(), places.watchers()), (max, watchers));
        };
        check(4_000, 3_000, 936, 64);
        check(2_048, 1_536, 448, 64);
        check(16, 12, 2, 2);
    }

    #[test]
    fn r18_a_place_that_is_given_back_is_free_for_its_role() {
        let mut places = Places::new(16);
        fill(&mut places, Role::Watcher);
        places.give_back(Role::Watcher);
        assert!(places.take(Role::Watcher) && !places.take(Role::Watcher));
        assert!(places.take(Role::Venue));
    }
}
