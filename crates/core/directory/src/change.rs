//! What separates two states of the organisation and of a meeting's plan.

use std::collections::{BTreeMap, BTreeSet};

use base::VenueId;

use crate::Text;
use crate::plan::{Item, Plan};
use crate::unit::{Directory, Person, Unit, Venue};

/// What becomes of a thing that has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Becomes<T> {
    /// It is new.
    Added(Box<T>),
    /// It stays, and something about it is another.
    Changed {
        /// As it was.
        old: Box<T>,
        /// As it is now.
        new: Box<T>,
    },
    /// It goes.
    Removed(Box<T>),
}

/// An item with its place in the rundown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedItem {
    /// Place, from 1.
    pub place: usize,
    /// The item.
    pub item: Item,
}

/// One change. All of them, in the order in which [`changes`] gives them, make the new state of the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The organisation has another name.
    Organisation {
        /// Name as it was, empty before the first file.
        old: Text,
        /// Name as it is now.
        new: Text,
    },
    /// The tiers have other names.
    Tiers {
        /// Names as they were, the upper first; none before the first file.
        old: Vec<Text>,
        /// Names as they are now.
        new: Vec<Text>,
    },
    /// A unit.
    Unit(Becomes<Unit>),
    /// A venue.
    Venue(Becomes<Venue>),
    /// A person.
    Person(Becomes<Person>),
    /// The plan, which never goes. Its venues and items have changes of their own and are left out here.
    Meeting(Becomes<Plan>),
    /// A venue takes part from now on.
    VenueJoins(VenueId),
    /// A venue takes part no more.
    VenueLeaves(VenueId),
    /// An item of the rundown.
    Item(Becomes<PlacedItem>),
}

/// What changes from one state to the other, none of both being there before the first meeting file. In the order organisation, units,
/// venues, people, meeting, rundown; of each, what comes or changes first, in the order of the new state, then what goes. Empty if both
/// states are the same.
#[must_use]
pub fn changes(
    old_directory: Option<&Directory>,
    old_plan: Option<&Plan>,
    directory: &Directory,
    plan: &Plan,
) -> Vec<Change> {
    let nothing = Directory::default();
    let old = old_directory.unwrap_or(&nothing);
    let mut changes = Vec::new();
    if old.organisation() != directory.organisation() {
        changes.push(Change::Organisation {
            old: old.organisation().clone(),
            new: directory.organisation().clone(),
        });
    }
    if old.tiers() != directory.tiers() {
        changes.push(Change::Tiers { old: old.tiers().to_vec(), new: directory.tiers().to_vec() });
    }
    let units = things(old.units(), directory.units(), |unit| &unit.id);
    changes.extend(units.into_iter().map(Change::Unit));
    let venues = things(old.venues(), directory.venues(), |venue| &venue.id);
    changes.extend(venues.into_iter().map(Change::Venue));
    let people = things(by_post(old), by_post(directory), |person| &person.id);
    changes.extend(people.into_iter().map(Change::Person));
    changes.extend(of_plan(old_plan, plan));
    changes
}

fn of_plan(old: Option<&Plan>, new: &Plan) -> Vec<Change> {
    let (old_head, new_head) = (old.map(head), head(new));
    let mut changes: Vec<Change> = things(&old_head, [&new_head], |plan| &plan.id)
        .into_iter()
        // A file of another meeting takes nothing from this one.
        .filter(|becomes| !matches!(becomes, Becomes::Removed(_)))
        .map(Change::Meeting)
        .collect();
    let old_venues: BTreeSet<&VenueId> = old.iter().flat_map(|plan| &plan.venues).collect();
    let new_venues: BTreeSet<&VenueId> = new.venues.iter().collect();
    let joins = new.venues.iter().filter(|venue| !old_venues.contains(venue));
    changes.extend(joins.cloned().map(Change::VenueJoins));
    let leaves = old.iter().flat_map(|plan| &plan.venues).filter(|venue| !new_venues.contains(venue));
    changes.extend(leaves.cloned().map(Change::VenueLeaves));
    let (old_items, new_items) = (old.map(placed).unwrap_or_default(), placed(new));
    changes.extend(things(&old_items, &new_items, |placed| &placed.item.id).into_iter().map(Change::Item));
    changes
}

/// What becomes of the things of two lists.
fn things<'a, T: Clone + PartialEq + 'a, K: Ord + 'a>(
    old: impl IntoIterator<Item = &'a T>,
    new: impl IntoIterator<Item = &'a T>,
    id: impl Fn(&'a T) -> &'a K,
) -> Vec<Becomes<T>> {
    let (old, new): (Vec<&T>, Vec<&T>) = (old.into_iter().collect(), new.into_iter().collect());
    let old_by_id: BTreeMap<&K, &T> = old.iter().map(|thing| (id(thing), *thing)).collect();
    let stay: BTreeSet<&K> = new.iter().map(|thing| id(thing)).collect();
    let comes = new.iter().filter_map(|thing| match old_by_id.get(id(thing)) {
        None => Some(Becomes::Added(Box::new((*thing).clone()))),
        Some(before) if before == thing => None,
        Some(before) => {
            Some(Becomes::Changed { old: Box::new((*before).clone()), new: Box::new((*thing).clone()) })
        }
    });
    let goes = old.iter().filter(|thing| !stay.contains(id(thing)));
    comes.chain(goes.map(|thing| Becomes::Removed(Box::new((*thing).clone())))).collect()
}

/// People in the order of posts.
fn by_post(directory: &Directory) -> Vec<&Person> {
    let mut people: Vec<&Person> = directory.people().values().collect();
    people.sort_by_key(|person| (person.rank, &person.id));
    people
}

fn head(plan: &Plan) -> Plan {
    Plan { venues: Vec::new(), items: Vec::new(), ..plan.clone() }
}

fn placed(plan: &Plan) -> Vec<PlacedItem> {
    (1..).zip(&plan.items).map(|(place, item)| PlacedItem { place, item: item.clone() }).collect()
}
