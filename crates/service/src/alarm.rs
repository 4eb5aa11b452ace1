//! What needs a look: a pure function of directory, state, facts and time.

use std::collections::BTreeMap;
use std::time::Duration;

pub use base::AlarmCode;
use base::{LogCondition, Mono, SourceId, UnitId, VenueId, Wall};
use directory::{Directory, Venue};
use meeting::{Phase, State};

use crate::acknowledge::SeenTo;
use crate::control::LogSeen;
use crate::facts::{Facts, PAGE_RULES, SOURCE_RULES, SourceFact, Transport, VENUE_RULES, VenueFact};

/// Venues that are lost together before that counts as most of them: fewer are told one by one.
const MANY: usize = 4;
/// How long it is told that the clock jumped.
const CLOCK_TOLD_FOR: Duration = Duration::from_secs(600);

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
    /// A number, in the unit that the code says; below 0 for a clock that went back.
    pub value: Option<i64>,
    /// Who has seen to it.
    pub acknowledged: Option<SeenTo>,
}

impl Alarm {
    /// Its times as the clock has them now that it jumped. A jump that was told before is none any more: there is another.
    pub(crate) fn at_new_clock(self, by_ms: i64) -> Option<Self> {
        let acknowledged = self.acknowledged.map(|seen| SeenTo { at: seen.at.shifted_ms(by_ms), ..seen });
        let since = self.since.shifted_ms(by_ms);
        (self.code != AlarmCode::Clock).then_some(Self { since, acknowledged, ..self })
    }

    /// Stays the same while the alarm lasts.
    #[must_use]
    pub fn id(&self) -> String {
        let source = self.source.as_ref().map(SourceId::as_str);
        let about = source.or(self.unit.as_ref().map(UnitId::as_str));
        let about = about.or(self.venues.first().filter(|_| !self.is_of_most()).map(VenueId::as_str));
        format!("{:?}:{}", self.code, about.unwrap_or_default())
    }
}

impl Alarm {
    /// It is about most of the venues at once, of no unit more than of others.
    fn is_of_most(&self) -> bool {
        self.unit.is_none() && self.venues.len() > 1
    }
}

/// What alarms are found in.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// Units and venues.
    pub directory: &'a Directory,
    /// What the log amounts to.
    pub state: &'a State,
    /// What hop and pages report.
    pub facts: &'a Facts,
    /// How it stands with the log.
    pub log: &'a LogSeen,
}

/// How urgent an alarm is, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// The server itself is concerned, and with it every venue.
    Node,
    /// The main venue is concerned.
    Main,
    /// Somebody is lost.
    Lost,
    /// A venue on air or in preview is concerned.
    Shown,
    Other,
}

/// All alarms now: those of the server first, then those of the main venue, then who is lost, then what is on air or next, then the others; each by code and rank.
/// `before` are those of the last time, whose beginning is kept, and who has seen to them.
#[must_use]
pub fn alarms(ground: &Ground<'_>, now: Mono, at: Wall, before: &[Alarm]) -> Vec<Alarm> {
    let Ground { directory, state, facts, .. } = *ground;
    // After the end halls leave, as they should.
    let ended = matches!(state.phase(), Phase::Ended { .. });
    let mut found = of_node(ground, now);
    found.extend(if ended { Vec::new() } else { lost(directory, facts) });
    for venue in directory.venues() {
        let Some(fact) = facts.venue(&venue.id) else { continue };
        let of = OfVenue { state, venue: &venue.id, fact, now };
        // What a page reports is so whether its pictures arrive or not.
        found.extend(of_venue(&of, PAGE_RULES));
        if matches!(fact.transport, Transport::Up { .. }) {
            found.extend(of_venue(&of, VENUE_RULES));
            found.extend(of_sources(venue, facts, now));
        }
    }
    if let Some(source) = &facts.waiting
        && state.programme().source() == Some(source)
        && let Some(venue) = state.roster().and_then(|roster| roster.venue_of(source))
    {
        found.push(alarm(AlarmCode::NoPicture, venue, None));
    }
    let shown = shown(state, facts);
    found.sort_by_key(|alarm| (urgency(alarm, state.chair_venue(), &shown), alarm.code));
    let before: BTreeMap<String, &Alarm> = before.iter().map(|alarm| (alarm.id(), alarm)).collect();
    for alarm in &mut found {
        let before = before.get(&alarm.id());
        if alarm.since == Wall(0) {
            alarm.since = before.map_or(at, |before| before.since);
        }
        alarm.acknowledged = before.and_then(|before| before.acknowledged);
    }
    found
}

/// What is wrong with the server itself.
fn of_node(ground: &Ground<'_>, now: Mono) -> Vec<Alarm> {
    let of = |code, since, value| Alarm { venues: vec![], since, value, ..alarm_of(code) };
    let log = ground.log;
    let shut = log.since.filter(|_| log.condition == LogCondition::Shut);
    let theirs = log.theirs.map(|epoch| count(epoch.0));
    let jumped = ground.facts.node.clock_jumped.filter(|(when, _)| now.since(*when) < CLOCK_TOLD_FOR);
    let jumped = jumped.map(|(_, by_ms)| of(AlarmCode::Clock, Wall(0), Some(by_ms / 1_000)));
    let behind = ground.facts.node.falls_behind(now);
    let behind = behind.map(|datagrams| of(AlarmCode::Network, Wall(0), Some(count(datagrams))));
    let shut = shut.map(|since| of(AlarmCode::Log, since, theirs));
    shut.into_iter().chain(jumped).chain(behind).collect()
}

/// The venues that are on air or in preview.
fn shown(state: &State, facts: &Facts) -> Vec<VenueId> {
    let sources = [facts.shown.source(), state.preview().source.as_ref()].into_iter().flatten();
    sources.filter_map(|source| state.roster()?.venue_of(source).cloned()).collect()
}

fn urgency(alarm: &Alarm, main: Option<&VenueId>, shown: &[VenueId]) -> Urgency {
    let about = |venue: &VenueId| alarm.venues.contains(venue);
    if alarm.venues.is_empty() {
        Urgency::Node
    } else if main.is_some_and(about) {
        Urgency::Main
    } else if alarm.code == AlarmCode::Lost {
        Urgency::Lost
    } else if shown.iter().any(about) {
        Urgency::Shown
    } else {
        Urgency::Other
    }
}

fn alarm(code: AlarmCode, venue: &VenueId, value: Option<i64>) -> Alarm {
    Alarm { venues: vec![venue.clone()], value, ..alarm_of(code) }
}

/// A count as the value of an alarm.
fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn alarm_of(code: AlarmCode) -> Alarm {
    Alarm { code, venues: vec![], unit: None, source: None, since: Wall(0), value: None, acknowledged: None }
}

/// Lost venues. Where these are over half of all that were here, that is one alarm, for it is our own line rather than theirs.
fn lost(directory: &Directory, facts: &Facts) -> Vec<Alarm> {
    let lost = |fact: &VenueFact| match fact.transport {
        // A page that says why there is no picture is there.
        Transport::Lost { since, .. } if fact.camera_fault().is_none() => Some(since),
        Transport::Lost { .. } | Transport::Up { .. } | Transport::Never => None,
    };
    let here = facts.venues.values().filter(|fact| fact.transport != Transport::Never).count();
    let ids = directory.venues().iter().map(|venue| &venue.id);
    let gone: Vec<(VenueId, Wall)> =
        ids.filter_map(|id| Some((id.clone(), lost(facts.venue(id)?)?))).collect();
    if gone.len() < MANY || gone.len() * 2 <= here {
        return lost_by_unit(directory, facts, &gone.into_iter().collect());
    }
    let since = gone.iter().map(|(_, since)| *since).min().unwrap_or_default();
    let venues: Vec<VenueId> = gone.into_iter().map(|(venue, _)| venue).collect();
    let merged = alarm(AlarmCode::Lost, &venues[0], Some(count(here as u64)));
    vec![Alarm { venues, since, ..merged }]
}

/// Where all that a unit and its lower units have are lost, and they are several, that is one alarm.
fn lost_by_unit(directory: &Directory, facts: &Facts, gone: &BTreeMap<VenueId, Wall>) -> Vec<Alarm> {
    let mut by_unit: BTreeMap<UnitId, (Vec<(VenueId, Wall)>, bool)> = BTreeMap::new();
    let mut order = Vec::new();
    for venue in directory.venues() {
        let city = city_of(directory, &venue.unit);
        let entry = by_unit.entry(city.clone()).or_insert_with(|| {
            order.push(city);
            (Vec::new(), true)
        });
        match (gone.get(&venue.id), facts.venue(&venue.id).map(|fact| fact.transport)) {
            (Some(since), _) => entry.0.push((venue.id.clone(), *since)),
            (None, Some(Transport::Up { .. } | Transport::Lost { .. })) => entry.1 = false,
            (None, Some(Transport::Never) | None) => {}
        }
    }
    let mut found = Vec::new();
    for city in order {
        let Some((venues, whole)) = by_unit.remove(&city) else { continue };
        if whole && venues.len() > 1 {
            let since = venues.iter().map(|(_, since)| *since).min().unwrap_or_default();
            let venues: Vec<VenueId> = venues.into_iter().map(|(venue, _)| venue).collect();
            let of_all = alarm(AlarmCode::Lost, &venues[0], None);
            found.push(Alarm { venues, unit: Some(city), since, ..of_all });
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

fn of_venue(of: &OfVenue<'_>, rules: &[VenueRule]) -> Vec<Alarm> {
    rules.iter().filter_map(|(code, rule)| Some(alarm(*code, of.venue, rule(of).value()?))).collect()
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
    fn value(self) -> Option<Option<i64>> {
        match self {
            Self::Nothing => None,
            Self::Alarm => Some(None),
            Self::Number(number) => Some(Some(count(number))),
        }
    }
}
