//! What needs a look: a pure function of directory, state, facts and time.

use std::collections::BTreeMap;

pub use base::AlarmCode;
use base::{Mono, SourceId, UnitId, VenueId, Wall};
use directory::{Directory, Venue};
use meeting::State;

use crate::facts::{Facts, PAGE_RULES, SOURCE_RULES, SourceFact, Transport, VENUE_RULES, VenueFact};

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What it is.
    pub code: AlarmCode,
    /// The venues it is about, in rank order.
    pub venues: Vec<VenueId>,
    /// The unit whose venues these all are.
    pub unit: Option<UnitId>,
    /// The source it is about, where it is about one and not about the venue.
    pub source: Option<SourceId>,
    /// Since.
    pub since: Wall,
    /// A number, in the unit that the code says.
    pub value: Option<u64>,
}

impl Alarm {
    /// Stays the same while the alarm lasts.
    #[must_use]
    pub fn id(&self) -> String {
        let source = self.source.as_ref().map(SourceId::as_str);
        let about = source.or(self.unit.as_ref().map(UnitId::as_str));
        let about = about.or(self.venues.first().map(VenueId::as_str));
        format!("{:?}:{}", self.code, about.unwrap_or_default())
    }
}

/// All alarms now, lost first, then by rank. `before` are those of the last time, whose beginning is kept.
#[must_use]
pub fn alarms(
    directory: &Directory,
    state: &State,
    facts: &Facts,
    now: Mono,
    at: Wall,
    before: &[Alarm],
) -> Vec<Alarm> {
    let mut found = lost(directory, facts);
    for venue in directory.venues() {
        if let Some(fact) =
            facts.venue(&venue.id).filter(|fact| matches!(fact.transport, Transport::Up { .. }))
        {
            found.extend(of_venue(state, &venue.id, fact, now));
            found.extend(of_sources(venue, facts, now));
        }
    }
    if let Some(source) = &facts.waiting
        && state.programme().source() == Some(source)
        && let Some(venue) = state.roster().and_then(|roster| roster.venue_of(source))
    {
        found.push(alarm(AlarmCode::NoPicture, venue, None));
    }
    found.sort_by_key(|alarm| alarm.code);
    let since: BTreeMap<String, Wall> = before.iter().map(|alarm| (alarm.id(), alarm.since)).collect();
    for alarm in &mut found {
        if alarm.since == Wall(0) {
            alarm.since = since.get(&alarm.id()).copied().unwrap_or(at);
        }
    }
    found
}

fn alarm(code: AlarmCode, venue: &VenueId, value: Option<u64>) -> Alarm {
    Alarm { code, venues: vec![venue.clone()], unit: None, source: None, since: Wall(0), value }
}

/// Lost venues; where all that a unit and its lower units have are lost, and they are several, that is one alarm.
fn lost(directory: &Directory, facts: &Facts) -> Vec<Alarm> {
    let mut by_unit: BTreeMap<UnitId, (Vec<(VenueId, Wall)>, bool)> = BTreeMap::new();
    let mut order = Vec::new();
    for venue in directory.venues() {
        let city = city_of(directory, &venue.unit);
        let entry = by_unit.entry(city.clone()).or_insert_with(|| {
            order.push(city);
            (Vec::new(), true)
        });
        match facts.venue(&venue.id).map(|fact| fact.transport) {
            Some(Transport::Lost { since, .. }) => entry.0.push((venue.id.clone(), since)),
            Some(Transport::Up { .. }) => entry.1 = false,
            Some(Transport::Never) | None => {}
        }
    }
    let mut found = Vec::new();
    for city in order {
        let Some((venues, whole)) = by_unit.remove(&city) else { continue };
        if whole && venues.len() > 1 {
            let since = venues.iter().map(|(_, since)| *since).min().unwrap_or_default();
            let venues = venues.into_iter().map(|(venue, _)| venue).collect();
            let code = AlarmCode::Lost;
            found.push(Alarm { code, venues, unit: Some(city), source: None, since, value: None });
        } else {
            found.extend(
                venues
                    .into_iter()
                    .map(|(venue, since)| Alarm { since, ..alarm(AlarmCode::Lost, &venue, None) }),
            );
        }
    }
    found
}

/// The unit of the second tier above a unit, or the unit itself if it stands higher.
fn city_of(directory: &Directory, unit: &UnitId) -> UnitId {
    let mut unit = unit.clone();
    while directory.tier(&unit) > 1 {
        let upper = directory.units().iter().find(|u| u.id == unit).and_then(|u| u.upper.clone());
        match upper {
            Some(upper) => unit = upper,
            None => break,
        }
    }
    unit
}

fn of_venue(state: &State, venue: &VenueId, fact: &VenueFact, now: Mono) -> Vec<Alarm> {
    let of = OfVenue { state, venue, fact, now };
    let rules = VENUE_RULES.iter().chain(PAGE_RULES);
    rules.filter_map(|(code, rule)| Some(alarm(*code, venue, rule(&of).value()?))).collect()
}

fn of_sources(venue: &Venue, facts: &Facts, now: Mono) -> Vec<Alarm> {
    let mut found = Vec::new();
    for source in &venue.sources {
        let Some(fact) = facts.sources.get(&source.id) else { continue };
        let of = OfSource { fact, now };
        found.extend(SOURCE_RULES.iter().filter_map(|(code, rule)| {
            let about = alarm(*code, &venue.id, rule(&of).value()?);
            Some(Alarm { source: Some(source.id.clone()), ..about })
        }));
    }
    found
}

/// When what is known of a venue is an alarm of that code. The tables of rules stand beside what they are about, in [`crate::facts`].
pub(crate) type VenueRule = (AlarmCode, fn(&OfVenue<'_>) -> Finding);
/// When what is known of a source is an alarm of that code.
pub(crate) type SourceRule = (AlarmCode, fn(&OfSource<'_>) -> Finding);

/// What a rule on a venue that is here may look at.
#[derive(Debug)]
pub(crate) struct OfVenue<'a> {
    pub(crate) state: &'a State,
    pub(crate) venue: &'a VenueId,
    pub(crate) fact: &'a VenueFact,
    pub(crate) now: Mono,
}

/// What a rule on a source may look at.
#[derive(Debug)]
pub(crate) struct OfSource<'a> {
    pub(crate) fact: &'a SourceFact,
    pub(crate) now: Mono,
}

/// What a rule finds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Finding {
    /// All is well.
    Nothing,
    /// An alarm without a number.
    Alarm,
    /// An alarm with a number, in the unit that its code says.
    Number(u64),
}

impl Finding {
    pub(crate) fn when(so: bool) -> Self {
        if so { Self::Alarm } else { Self::Nothing }
    }

    pub(crate) fn counts(so: bool, number: u64) -> Self {
        if so { Self::Number(number) } else { Self::Nothing }
    }

    /// The value of the alarm, if there is one.
    fn value(self) -> Option<Option<u64>> {
        match self {
            Self::Nothing => None,
            Self::Alarm => Some(None),
            Self::Number(number) => Some(Some(number)),
        }
    }
}
