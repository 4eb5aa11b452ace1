//! What sections are made of, and what of it has changed.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use base::{SourceId, VenueId};
use directory::{Directory, Plan, Venue};
use service::control::Moment;

/// A moment, and the venues that take part in it.
pub(crate) struct Input {
    pub(crate) moment: Moment,
    pub(crate) venues: Arc<Ranked>,
}

impl Input {
    /// The venues are those of `before` as long as directory and plan are.
    pub(crate) fn new(moment: Moment, before: Option<&Self>) -> Self {
        let kept = before.map(|before| &before.venues).filter(|venues| {
            Arc::ptr_eq(&venues.directory, &moment.directory) && Arc::ptr_eq(&venues.plan, &moment.plan)
        });
        let venues = kept.map_or_else(
            || Arc::new(Ranked::new(Arc::clone(&moment.directory), Arc::clone(&moment.plan))),
            Arc::clone,
        );
        Self { moment, venues }
    }
}

/// The venues of the plan that the directory knows, in the plan's order: rank order, the chair's first.
pub(crate) struct Ranked {
    directory: Arc<Directory>,
    plan: Arc<Plan>,
    /// Places in the directory.
    order: Vec<usize>,
    /// Places in the directory, by venue and by source.
    pub(crate) by_venue: BTreeMap<VenueId, usize>,
    pub(crate) by_source: BTreeMap<SourceId, usize>,
}

impl Ranked {
    fn new(directory: Arc<Directory>, plan: Arc<Plan>) -> Self {
        let all = directory.venues();
        let order = in_rank(&directory, &plan);
        let by_venue = order.iter().map(|place| (all[*place].id.clone(), *place)).collect();
        let sources = |place: &usize| {
            let place = *place;
            all[place].sources.iter().map(move |source| (source.id.clone(), place))
        };
        let by_source = order.iter().flat_map(sources).collect();
        Self { order, by_venue, by_source, directory, plan }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Venue> {
        self.order.iter().map(|place| &self.directory.venues()[*place])
    }

    pub(crate) fn venue(&self, id: &VenueId) -> Option<&Venue> {
        self.by_venue.get(id).map(|place| &self.directory.venues()[*place])
    }

    /// The venue of a source.
    pub(crate) fn of_source(&self, source: &SourceId) -> Option<&Venue> {
        self.by_source.get(source).map(|place| &self.directory.venues()[*place])
    }
}

/// The venues of the plan that the directory knows, in the plan's order, as their places in the directory.
pub(crate) fn in_rank(directory: &Directory, plan: &Plan) -> Vec<usize> {
    let places: BTreeMap<&VenueId, usize> =
        directory.venues().iter().map(|venue| &venue.id).zip(0..).collect();
    plan.venues.iter().filter_map(|id| places.get(id).copied()).collect()
}

/// Something that is shared until it changes: equal to another handle of the same.
pub(crate) struct Shared<'a, T>(pub(crate) &'a Arc<T>);

impl<T> PartialEq for Shared<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.0, other.0)
    }
}

/// Walks two maps side by side: each key with its value in either.
pub(crate) fn side_by_side<'a, K: Ord, V, W>(
    left: &'a BTreeMap<K, V>,
    right: &'a BTreeMap<K, W>,
) -> impl Iterator<Item = (&'a K, Option<&'a V>, Option<&'a W>)> {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((l, _)), Some((r, _))) => l.cmp(r),
        };
        let of_left = if order.is_le() { left.next() } else { None };
        let of_right = if order.is_ge() { right.next() } else { None };
        let key = of_left.map(|(key, _)| key).or(of_right.map(|(key, _)| key))?;
        Some((key, of_left.map(|(_, value)| value), of_right.map(|(_, value)| value)))
    })
}

/// Keys whose values differ, or that only one has.
pub(crate) fn differing<'a, K: Ord, V: PartialEq>(
    before: &'a BTreeMap<K, V>,
    now: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = &'a K> {
    side_by_side(before, now).filter(|(_, before, now)| before != now).map(|(key, _, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_differ_where_a_value_does_and_where_one_has_no_key() {
        let map = |pairs: &[(u8, &'static str)]| pairs.iter().copied().collect::<BTreeMap<_, _>>();
        let check = |before: &[(u8, &'static str)], now: &[(u8, &'static str)], want: &[u8]| {
            let (before, now) = (map(before), map(now));
            assert_eq!(differing(&before, &now).copied().collect::<Vec<_>>(), want);
        };
        check(&[], &[], &[]);
        check(&[(1, "a"), (2, "b")], &[(1, "a"), (2, "b")], &[]);
        check(&[(1, "a"), (2, "b"), (4, "d")], &[(2, "x"), (3, "c"), (4, "d")], &[1, 2, 3]);
        check(&[(1, "a")], &[], &[1]);
        check(&[], &[(9, "z")], &[9]);
    }
}
