//! Places of a limit, of which a share is kept for who matters (R18).

use std::collections::BTreeMap;

use crate::{Role, TokenId};

/// Places that only director and chair may take.
const FOR_DESKS: usize = 64;
/// One venue may take one place of so many.
const VENUE_SHARE: usize = 64;
/// As many it may take where there are few.
const OF_A_VENUE_MIN: usize = 8;

/// Who has the places of a limit: watchers at most three quarters of them; the last 64, or of fewer than 512 an eighth, are for director and
/// chair. So a watcher's link, which everybody has, shuts out watchers at most. The link of one venue takes at most a 64th, or of fewer than
/// 512 eight, and shuts out nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    max: usize,
    all: usize,
    watchers: usize,
    /// Places that each venue's link has taken.
    venues: BTreeMap<TokenId, usize>,
}

impl Places {
    /// None is taken of so many.
    #[must_use]
    pub const fn new(max: usize) -> Self {
        Self { max, all: 0, watchers: 0, venues: BTreeMap::new() }
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

    /// Whether there is one for that role by that link.
    #[must_use]
    pub fn has(&self, role: Role, link: &TokenId) -> bool {
        let desks = FOR_DESKS.min(self.max / 8);
        match role {
            Role::Director | Role::Chair => self.all < self.max,
            Role::Venue => {
                let of_one = (self.max / VENUE_SHARE).max(OF_A_VENUE_MIN);
                self.all + desks < self.max && self.venues.get(link).is_none_or(|taken| *taken < of_one)
            }
            Role::Watcher => self.all + desks < self.max && self.watchers < self.max / 4 * 3,
        }
    }

    /// Takes one. False, and nothing is taken, if there is none for that role by that link.
    #[must_use]
    pub fn take(&mut self, role: Role, link: &TokenId) -> bool {
        let has = self.has(role, link);
        if has {
            self.note(role, link);
        }
        has
    }

    /// Counts one that somebody else has given.
    pub fn note(&mut self, role: Role, link: &TokenId) {
        self.all += 1;
        match role {
            Role::Watcher => self.watchers += 1,
            Role::Venue => *self.venues.entry(link.clone()).or_default() += 1,
            Role::Director | Role::Chair => {}
        }
    }

    /// Gives one back that was taken in that role by that link.
    pub fn give_back(&mut self, role: Role, link: &TokenId) {
        self.all = self.all.saturating_sub(1);
        match role {
            Role::Watcher => self.watchers = self.watchers.saturating_sub(1),
            Role::Venue => {
                if let Some(taken) = self.venues.get_mut(link) {
                    *taken -= 1;
                    if *taken == 0 {
                        self.venues.remove(link);
                    }
                }
            }
            Role::Director | Role::Chair => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(n: usize) -> TokenId {
        TokenId::new(&format!("t{n}")).expect("a token's id")
    }

    /// Takes all there is for a role by that link, or by links of which none takes a second.
    fn fill(places: &mut Places, role: Role, one: Option<usize>) -> usize {
        (0..).take_while(|n| places.take(role, &link(one.unwrap_or(*n)))).count()
    }

    #[test]
    fn r18_watchers_take_three_quarters_and_the_last_places_are_for_the_desk() {
        let check = |max: usize, watchers: usize, venues: usize, desks: usize| {
            let mut places = Places::new(max);
            let watching = fill(&mut places, Role::Watcher, Some(0));
            let taken =
                [watching, fill(&mut places, Role::Venue, None), fill(&mut places, Role::Chair, Some(0))];
            assert_eq!(taken, [watchers, venues, desks], "of {max}");
            assert_eq!((places.taken(), places.watchers()), (max, watchers));
        };
        check(4_000, 3_000, 936, 64);
        check(2_048, 1_536, 448, 64);
        check(16, 12, 2, 2);
    }

    #[test]
    fn r18_one_venue_takes_its_share_and_the_others_theirs() {
        let check = |max: usize, share: usize| {
            let mut places = Places::new(max);
            assert_eq!(fill(&mut places, Role::Venue, Some(0)), share, "of {max}");
            assert_eq!(fill(&mut places, Role::Venue, Some(1)), share, "of {max}");
            places.give_back(Role::Venue, &link(0));
            assert_eq!(fill(&mut places, Role::Venue, Some(1)), 0);
            assert_eq!(fill(&mut places, Role::Venue, Some(0)), 1);
        };
        check(8_000, 125);
        check(4_000, 62);
        check(64, 8);
    }

    #[test]
    fn r18_a_place_that_is_given_back_is_free_for_its_role() {
        let mut places = Places::new(16);
        fill(&mut places, Role::Watcher, Some(0));
        places.give_back(Role::Watcher, &link(0));
        assert!(places.take(Role::Watcher, &link(0)) && !places.take(Role::Watcher, &link(0)));
        assert!(places.take(Role::Venue, &link(1)));
    }
}
