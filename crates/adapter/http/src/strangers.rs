//! Places for those who have not shown who they are (R18). Nobody is kept out: whoever comes when there is none gets that of another, who has had
//! more time to say who it is.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::network::Network;

/// Of the places, the part that those from one network may take.
const PART: usize = 8;

/// Strangers of one network. None: nobody knows of which, as behind a proxy that does not say.
type From = Option<Network>;
/// When a stranger came: its number among all.
type Came = u64;

/// Places of a limit, shared out by network.
#[derive(Debug, Clone)]
pub(crate) struct Strangers(Arc<Mutex<Taken>>);

#[derive(Debug)]
struct Taken {
    max: usize,
    all: usize,
    next: Came,
    by: BTreeMap<From, BTreeMap<Came, watch::Sender<bool>>>,
    /// The networks by how many each has, and of those that have as many by who came first.
    ranks: BTreeSet<(usize, Reverse<Came>, From)>,
}

/// A place, until it is dropped or goes to another.
#[derive(Debug)]
pub(crate) struct Place {
    strangers: Strangers,
    from: From,
    came: Came,
    lost: watch::Receiver<bool>,
}

/// Tells that a place has gone to another.
#[derive(Debug, Clone)]
pub(crate) struct Lost(watch::Receiver<bool>);

impl Strangers {
    /// None is taken of so many.
    pub(crate) fn new(max: usize) -> Self {
        let (by, ranks) = (BTreeMap::new(), BTreeSet::new());
        Self(Arc::new(Mutex::new(Taken { max, all: 0, next: 0, by, ranks })))
    }

    /// A place for one of that network: that of its first, if it has as many as it may, or one as of [`make_room`](Self::make_room), if all are
    /// taken.
    pub(crate) fn take(&self, from: From) -> Place {
        let mut taken = self.taken();
        let each = (taken.max / PART).max(1);
        if from.is_some() && taken.by.get(&from).is_some_and(|own| own.len() >= each) {
            taken.end_first(from);
        } else if taken.all >= taken.max {
            taken.make_room();
        }
        let came = taken.next;
        taken.next += 1;
        let (ends, lost) = watch::channel(false);
        taken.change(from, |own| own.insert(came, ends).is_none());
        taken.all += 1;
        Place { strangers: self.clone(), from, came, lost }
    }

    /// Takes its place from the first stranger of the network that has most of them. False if there is no stranger.
    pub(crate) fn make_room(&self) -> bool {
        self.taken().make_room()
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // A holder of this lock does nothing that can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn make_room(&mut self) -> bool {
        let Some((_, _, from)) = self.ranks.last().copied() else { return false };
        self.end_first(from);
        true
    }

    fn end_first(&mut self, from: From) {
        let first = self.change(from, |own| own.pop_first());
        if let Some((_, ends)) = first {
            self.all -= 1;
            ends.send_replace(true);
        }
    }

    /// Changes who is there of a network, and its rank with it.
    fn change<R>(
        &mut self,
        from: From,
        change: impl FnOnce(&mut BTreeMap<Came, watch::Sender<bool>>) -> R,
    ) -> R {
        let mut own = self.by.remove(&from).unwrap_or_default();
        if let Some(rank) = rank(from, &own) {
            self.ranks.remove(&rank);
        }
        let changed = change(&mut own);
        if let Some(rank) = rank(from, &own) {
            self.ranks.insert(rank);
            self.by.insert(from, own);
        }
        changed
    }
}

fn rank(from: From, own: &BTreeMap<Came, watch::Sender<bool>>) -> Option<(usize, Reverse<Came>, From)> {
    let (first, _) = own.first_key_value()?;
    Some((own.len(), Reverse(*first), from))
}

impl Place {
    /// What tells that this place has gone to another.
    pub(crate) fn lost(&self) -> Lost {
        Lost(self.lost.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.strangers.taken();
        if taken.change(self.from, |own| own.remove(&self.came)).is_some() {
            taken.all -= 1;
        }
    }
}

impl Lost {
    /// Waits until the place has gone to another. It never does once the place was given back.
    pub(crate) async fn wait(&mut self) {
        if self.0.wait_for(|lost| *lost).await.is_err() {
            pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn of(n: u8) -> From {
        Some(IpAddr::from([192, 0, 2, n]).into())
    }

    fn has_lost(place: &Place) -> bool {
        *place.lost.borrow()
    }

    #[test]
    fn r18_those_of_one_network_take_an_eighth_and_the_first_goes_for_the_next() {
        let strangers = Strangers::new(16);
        let mut own = [strangers.take(of(1)), strangers.take(of(1))];
        let other = strangers.take(of(2));
        let next = strangers.take(of(1));
        assert_eq!(own.each_ref().map(has_lost), [true, false]);
        own[1] = strangers.take(of(1));
        assert!(!has_lost(&next) && !has_lost(&other));
        drop(own);
        drop(next);
        let taken = strangers.taken();
        assert_eq!((taken.all, taken.by.len(), taken.ranks.len()), (1, 1, 1), "places that are not kept");
    }

    #[test]
    fn r18_when_all_places_are_taken_the_first_of_the_network_with_most_goes() {
        let strangers = Strangers::new(16);
        let few: Vec<Place> = (0..4).map(|n| strangers.take(of(n))).collect();
        let many: Vec<Place> = (4..10).flat_map(|n| [n, n]).map(|n| strangers.take(of(n))).collect();
        assert!(many.iter().chain(&few).all(|place| !has_lost(place)));
        let new: Vec<Place> = (20..26).map(|n| strangers.take(of(n))).collect();
        let lost: Vec<bool> = many.iter().map(has_lost).collect();
        assert_eq!(lost, [true, false].repeat(6));
        assert!(few.iter().chain(&new).all(|place| !has_lost(place)));
        // Where each has one, whoever came first of all goes.
        let _last = [strangers.take(of(30)), strangers.take(None)];
        assert_eq!(few.iter().map(has_lost).collect::<Vec<_>>(), [true, true, false, false]);
        assert_eq!(strangers.taken().all, 16);
        assert!(strangers.make_room());
        assert_eq!(strangers.taken().all, 15);
        assert!(!Strangers::new(16).make_room());
    }
}
