//! Units, venues, people.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::{PEOPLE_MAX, SOURCES_PER_VENUE_MAX, TIERS_MAX, UNITS_MAX, VENUES_MAX};
use base::{PersonId, SourceId, UnitId, VenueId};

use base::Text;

use crate::{Contact, is_short};

/// A unit 单位 of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Id.
    pub id: UnitId,
    /// Upper unit; none for the organisation's own head.
    pub upper: Option<UnitId>,
    /// Place among its sisters.
    pub rank: u32,
    /// Name.
    pub name: Text,
    /// Short name: at most [`SHORT_COLUMNS_MAX`](crate::SHORT_COLUMNS_MAX) columns.
    pub short: Text,
}

/// A camera position 机位 of a venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Id: the venue's id, a dot and the position, as in `main.2`.
    pub id: SourceId,
    /// Name, as in "podium".
    pub name: Text,
}

/// A venue 会场. A unit is not a venue: several units may share one, a unit may have several or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Venue {
    /// Id.
    pub id: VenueId,
    /// The unit whose room it is.
    pub unit: UnitId,
    /// Place among the venues of its unit.
    pub rank: u32,
    /// Full name.
    pub name: Text,
    /// Short name: at most [`SHORT_COLUMNS_MAX`](crate::SHORT_COLUMNS_MAX) columns.
    pub short: Text,
    /// Camera positions, the first first; at least one.
    pub sources: Vec<Source>,
    /// Who stands at the machine 值机人员.
    pub technician: Option<Contact>,
    /// Further words that a search finds it by, lower case: code, pinyin, pinyin initials.
    pub search: Vec<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// Unit.
    pub unit: UnitId,
    /// Place in the order of posts 职务排序.
    pub rank: u32,
    /// Name.
    pub name: Text,
}

/// Why units, venues and people do not make a directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// More than the limit.
    #[error("{count} {what}, at most {max} are taken")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// Two things have one id.
    #[error("{what} {id} is there twice")]
    Twice {
        /// What.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// Something names a unit that is not there.
    #[error("{what} {id} names the unit {unit}, which is not there")]
    NoUnit {
        /// What.
        what: &'static str,
        /// Which.
        id: String,
        /// The unit named.
        unit: UnitId,
    },
    /// Units are each other's upper unit, or the tree is deeper than there are tiers.
    #[error("unit {0} stands deeper than the tiers that are named")]
    TooDeep(UnitId),
    /// A venue without a camera position.
    #[error("venue {0} has no camera position")]
    NoSource(VenueId),
    /// A short name that does not fit its chip.
    #[error(
        "{what} {id}: the short name {short:?} is longer than 12 letters, of which a Han character counts as two"
    )]
    LongShort {
        /// What.
        what: &'static str,
        /// Which.
        id: String,
        /// The name.
        short: String,
    },
}

/// The organisation as it is now. Lists are in rank order: a unit before its lower units, sisters by rank.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    organisation: Text,
    tiers: Vec<Text>,
    units: Vec<Unit>,
    tier_of: BTreeMap<UnitId, u8>,
    venues: Vec<Venue>,
    people: BTreeMap<PersonId, Person>,
}

impl Directory {
    /// Checks and orders what is given.
    ///
    /// # Errors
    /// [`DirectoryError`] names the first thing that is wrong.
    pub fn new(
        organisation: Text,
        tiers: Vec<Text>,
        units: Vec<Unit>,
        venues: Vec<Venue>,
        people: Vec<Person>,
    ) -> Result<Self, DirectoryError> {
        at_most("tiers", tiers.len(), TIERS_MAX)?;
        at_most("units", units.len(), UNITS_MAX)?;
        at_most("venues", venues.len(), VENUES_MAX)?;
        at_most("people", people.len(), PEOPLE_MAX)?;
        let (units, tier_of) = order_units(units, tiers.len())?;
        let venues = order_venues(venues, &units)?;
        let people = index_people(people, &tier_of)?;
        Ok(Self { organisation, tiers, units, tier_of, venues, people })
    }

    /// Name of the organisation.
    #[must_use]
    pub fn organisation(&self) -> &Text {
        &self.organisation
    }

    /// Names of the tiers, the upper first.
    #[must_use]
    pub fn tiers(&self) -> &[Text] {
        &self.tiers
    }

    /// Units in rank order.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Tier of a unit, 0 the upper one.
    #[must_use]
    pub fn tier(&self, unit: &UnitId) -> u8 {
        self.tier_of.get(unit).copied().unwrap_or(0)
    }

    /// Venues in rank order.
    #[must_use]
    pub fn venues(&self) -> &[Venue] {
        &self.venues
    }

    /// A venue.
    #[must_use]
    pub fn venue(&self, id: &VenueId) -> Option<&Venue> {
        self.venues.iter().find(|v| v.id == *id)
    }

    /// A person may speak from a venue of a meeting: one of those that [`Directory::people_of`] names.
    #[must_use]
    pub fn speaks_from(&self, person: &PersonId, venue: &Venue, meeting: &[VenueId]) -> bool {
        let person = self.people.get(person);
        person.is_some_and(|person| self.units_of(venue, meeting).contains_key(&person.unit))
    }

    /// People who may speak from a venue of a meeting, in the order of their units and of their posts: those of its unit, and those of lower units
    /// that come to no venue of `meeting` of their own.
    #[must_use]
    pub fn people_of(&self, venue: &Venue, meeting: &[VenueId]) -> Vec<&Person> {
        let places = self.units_of(venue, meeting);
        let place = |person: &Person| places.get(&person.unit).copied();
        let mut people: Vec<&Person> = self.people.values().filter(|p| place(p).is_some()).collect();
        people.sort_by_key(|person| (place(person), person.rank, &person.id));
        people
    }

    /// The unit of a venue, and lower units that come to no venue of `meeting` of their own, each with its place.
    fn units_of<'a>(&'a self, venue: &'a Venue, meeting: &[VenueId]) -> BTreeMap<&'a UnitId, usize> {
        let meets: BTreeSet<&VenueId> = meeting.iter().collect();
        let housed: BTreeSet<&UnitId> =
            self.venues.iter().filter(|venue| meets.contains(&venue.id)).map(|venue| &venue.unit).collect();
        // Units stand behind their upper one.
        let mut places = BTreeMap::from([(&venue.unit, 0)]);
        for (place, unit) in self.units.iter().enumerate() {
            let comes = unit.upper.as_ref().is_some_and(|upper| places.contains_key(upper));
            if comes && !housed.contains(&unit.id) {
                places.insert(&unit.id, place);
            }
        }
        places
    }

    /// People by id.
    #[must_use]
    pub fn people(&self) -> &BTreeMap<PersonId, Person> {
        &self.people
    }
}

fn at_most(what: &'static str, count: usize, max: usize) -> Result<(), DirectoryError> {
    if count > max { Err(DirectoryError::TooMany { what, count, max }) } else { Ok(()) }
}

fn check_short(what: &'static str, id: &str, short: &Text) -> Result<(), DirectoryError> {
    match short.iter().find(|(_, text)| !is_short(text)) {
        Some((_, text)) => Err(DirectoryError::LongShort { what, id: id.to_owned(), short: text.to_owned() }),
        None => Ok(()),
    }
}

fn order_units(units: Vec<Unit>, tiers: usize) -> Result<(Vec<Unit>, BTreeMap<UnitId, u8>), DirectoryError> {
    let mut ids = BTreeSet::new();
    for unit in &units {
        if !ids.insert(unit.id.clone()) {
            return Err(DirectoryError::Twice { what: "unit", id: unit.id.to_string() });
        }
        check_short("unit", unit.id.as_str(), &unit.short)?;
    }
    let mut lower: BTreeMap<Option<UnitId>, Vec<Unit>> = BTreeMap::new();
    for unit in units {
        if let Some(upper) = &unit.upper
            && !ids.contains(upper)
        {
            return Err(DirectoryError::NoUnit {
                what: "unit",
                id: unit.id.to_string(),
                unit: upper.clone(),
            });
        }
        lower.entry(unit.upper.clone()).or_default().push(unit);
    }
    for sisters in lower.values_mut() {
        sisters.sort_by(|a, b| (b.rank, &b.id).cmp(&(a.rank, &a.id)));
    }
    let mut ordered = Vec::with_capacity(ids.len());
    let mut tier_of = BTreeMap::new();
    // A stack of units still to be placed; sisters lie on it in reverse order.
    let mut stack: Vec<(Unit, usize)> =
        lower.remove(&None).unwrap_or_default().into_iter().map(|u| (u, 0)).collect();
    while let Some((unit, depth)) = stack.pop() {
        if depth >= tiers {
            return Err(DirectoryError::TooDeep(unit.id));
        }
        tier_of.insert(unit.id.clone(), u8::try_from(depth).unwrap_or(u8::MAX));
        let below = lower.remove(&Some(unit.id.clone())).unwrap_or_default();
        stack.extend(below.into_iter().map(|u| (u, depth + 1)));
        ordered.push(unit);
    }
    // What was not reached from the top hangs in a ring of units that are each other's upper unit.
    match lower.into_values().flatten().next() {
        Some(unit) => Err(DirectoryError::TooDeep(unit.id)),
        None => Ok((ordered, tier_of)),
    }
}

fn order_venues(mut venues: Vec<Venue>, units: &[Unit]) -> Result<Vec<Venue>, DirectoryError> {
    let place: BTreeMap<&UnitId, usize> = units.iter().enumerate().map(|(n, u)| (&u.id, n)).collect();
    let mut venue_ids = BTreeSet::new();
    let mut source_ids = BTreeSet::new();
    for venue in &venues {
        if !venue_ids.insert(venue.id.as_str()) {
            return Err(DirectoryError::Twice { what: "venue", id: venue.id.to_string() });
        }
        if !place.contains_key(&venue.unit) {
            return Err(DirectoryError::NoUnit {
                what: "venue",
                id: venue.id.to_string(),
                unit: venue.unit.clone(),
            });
        }
        if venue.sources.is_empty() {
            return Err(DirectoryError::NoSource(venue.id.clone()));
        }
        at_most("camera positions of a venue", venue.sources.len(), SOURCES_PER_VENUE_MAX)?;
        check_short("venue", venue.id.as_str(), &venue.short)?;
        for source in &venue.sources {
            if !source_ids.insert(source.id.as_str()) {
                return Err(DirectoryError::Twice { what: "source", id: source.id.to_string() });
            }
        }
    }
    // A venue's id also names its first source, so no source may carry the id of a venue.
    if let Some(id) = source_ids.intersection(&venue_ids).next() {
        return Err(DirectoryError::Twice { what: "venue and source", id: (*id).to_owned() });
    }
    venues.sort_by(|a, b| (place.get(&a.unit), a.rank, &a.id).cmp(&(place.get(&b.unit), b.rank, &b.id)));
    Ok(venues)
}

fn index_people(
    people: Vec<Person>,
    tier_of: &BTreeMap<UnitId, u8>,
) -> Result<BTreeMap<PersonId, Person>, DirectoryError> {
    let mut index = BTreeMap::new();
    for person in people {
        if !tier_of.contains_key(&person.unit) {
            return Err(DirectoryError::NoUnit {
                what: "person",
                id: person.id.to_string(),
                unit: person.unit,
            });
        }
        let id = person.id.clone();
        if index.insert(id.clone(), person).is_some() {
            return Err(DirectoryError::Twice { what: "person", id: id.to_string() });
        }
    }
    Ok(index)
}
