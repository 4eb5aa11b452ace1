//! What needs a look: a pure function of directory, state, facts and time.

use std::collections::BTreeMap;
use std::time::Duration;

pub use base::AlarmCode;
use base::limits::LOSS_FELT_PERMILLE;
use base::{Mono, SourceId, UnitId, VenueId, Wall};
use directory::{Directory, Venue};
use meeting::State;

use crate::facts::{Facts, Transport, VenueFact};

/// How long a disagreement or an intruding sound may last before it is an alarm.
const GRACE: Duration = Duration::from_secs(1);
/// How long a venue may have the floor without a sound.
const SILENCE: Duration = Duration::from_secs(20);
/// How long an alarm stands after the last packet that was too large: an encoder may send such with its key frames alone.
const TOO_LARGE: Duration = Duration::from_secs(10);

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
        if let Some(fact) = facts.venue(&venue.id) {
            of_venue(state, &venue.id, fact, now, &mut found);
            of_sources(venue, fact, facts, now, &mut found);
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

fn of_venue(state: &State, venue: &VenueId, fact: &VenueFact, now: Mono, found: &mut Vec<Alarm>) {
    if !matches!(fact.transport, Transport::Up { .. }) {
        return;
    }
    let lease = state.lease(venue).is_some();
    if fact.disagreeing.is_some_and(|since| now.since(since) >= GRACE) {
        found.push(alarm(AlarmCode::MicrophoneDisagrees, venue, None));
    }
    if let Some((last, since)) = fact.dropping
        && last.since(since) >= GRACE
        && now.since(last) < 2 * GRACE
    {
        found.push(alarm(AlarmCode::AudioDropped, venue, Some(fact.dropped)));
    }
    if lease && fact.gate_open && now.since(fact.heard) >= SILENCE {
        found.push(alarm(AlarmCode::Silent, venue, Some(now.since(fact.heard).as_secs())));
    }
    if let Some(report) = &fact.report {
        if report.sound_blocked == Some(true) {
            found.push(alarm(AlarmCode::SoundBlocked, venue, None));
        }
        if report.hidden == Some(true) {
            found.push(alarm(AlarmCode::PageHidden, venue, None));
        }
    }
    let worst = fact.losses.iter().copied().max().unwrap_or_default();
    if worst >= LOSS_FELT_PERMILLE {
        found.push(alarm(AlarmCode::Loss, venue, Some(u64::from(worst))));
    }
}

fn of_sources(venue: &Venue, fact: &VenueFact, facts: &Facts, now: Mono, found: &mut Vec<Alarm>) {
    if !matches!(fact.transport, Transport::Up { .. }) {
        return;
    }
    for source in &venue.sources {
        if let Some(fact) = facts.sources.get(&source.id)
            && fact.too_large_at.is_some_and(|at| now.since(at) < TOO_LARGE)
        {
            let about = alarm(AlarmCode::PacketsTooLarge, &venue.id, Some(fact.too_large));
            found.push(Alarm { source: Some(source.id.clone()), ..about });
        }
    }
}
