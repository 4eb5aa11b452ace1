//! What is happening to a venue.

use std::collections::BTreeSet;

use base::limits::LOSS_FELT_PERMILLE;
use base::{CameraFault, SourceId, VenueId, Wall};
use directory::Venue as Entry;
use meeting::Scene;
use meeting::planted::{self, Bug};
use service::alarm::{Alarm, AlarmCode};
use service::control::Moment;
use service::facts::{Transport, VenueFact};
use wire::{Gate, Quality, SourceSection, Tally, VenueSection, VenueState};

use super::{Audience, Keyed, Pace, Reach, Touched, count};
use crate::convert;
use crate::input::{Input, Shared, differing};

/// From this loss on a line is no longer good, per mille.
const FAIR_FROM: u16 = 10;

pub(crate) struct Venue;

impl Keyed for Venue {
    type Key = VenueId;
    type Shape = VenueSection;
    const AUDIENCE: Audience<Reach<VenueId>> = Audience {
        director: Reach::All,
        chair: Reach::All,
        venue: Reach::Own(|viewer| viewer.venue.clone()),
        watcher: Reach::Nothing,
    };
    const PACE: Pace<VenueSection> = Pace::AtOnceBut(hold_back);

    fn keys(input: &Input) -> BTreeSet<VenueId> {
        input.venues.iter().map(|venue| venue.id.clone()).collect()
    }

    fn touched(before: &Input, now: &Input) -> Touched<VenueId> {
        if Shared(&before.venues) != Shared(&now.venues) {
            return Touched::All;
        }
        let mut touched = BTreeSet::new();
        by_facts(before, now, &mut touched);
        by_parts(before, now, &mut touched);
        by_returns(before, now, &mut touched);
        if Shared(&before.moment.withheld) != Shared(&now.moment.withheld) {
            let (old, new) = (&before.moment.withheld.venues, &now.moment.withheld.venues);
            touched.extend(old.symmetric_difference(new).cloned());
            let shown = now.moment.state.programme().source().and_then(|source| now.venues.of_source(source));
            touched.extend(shown.map(|venue| venue.id.clone()));
        }
        if Shared(&before.moment.alarms) != Shared(&now.moment.alarms) {
            let alarms = before.moment.alarms.iter().chain(now.moment.alarms.iter());
            touched.extend(alarms.flat_map(|alarm| &alarm.venues).cloned());
        }
        Touched::Some(touched)
    }

    fn of(input: &Input, key: &VenueId) -> Option<VenueSection> {
        let (moment, venue) = (&input.moment, input.venues.venue(key)?);
        let nothing = VenueFact::default();
        let fact = moment.facts.venue(&venue.id).unwrap_or(&nothing);
        let health = health(moment, venue, fact);
        let sources: Vec<_> = venue.sources.iter().map(|source| source_section(moment, &source.id)).collect();
        let withheld = moment.withheld.venues.contains(&venue.id);
        let lease = moment.state.lease(&venue.id).is_some() && !withheld;
        let open = if planted::active(Bug::GateFromLease) { lease } else { fact.gate_open };
        Some(VenueSection {
            state: health.state,
            reason: health.reason,
            since: health.since,
            tally: sources.iter().map(|source| source.tally).max().unwrap_or(Tally::None),
            gate: if open { Gate::Open } else { Gate::Closed },
            lease,
            withheld,
            lease_until: fact.losing.filter(|_| lease).map(|(_, until)| until),
            hand: moment.state.place(&venue.id).map(count),
            speaking: moment.state.request_of(&venue.id).is_some_and(|request| request.speaking),
            quality: quality(fact),
            returned: convert::scene(&returned(moment, &venue.id)),
            sources,
            dropped: fact.dropped,
            report: fact.report.as_ref().map(convert::report_entry),
        })
    }
}

fn by_facts(before: &Input, now: &Input, touched: &mut BTreeSet<VenueId>) {
    let (old, new) = (&before.moment.facts, &now.moment.facts);
    if Shared(old) == Shared(new) {
        return;
    }
    let of_source = |source: &SourceId| now.venues.of_source(source).map(|venue| venue.id.clone());
    touched.extend(differing(&old.venues, &new.venues).cloned());
    touched.extend(differing(&old.sources, &new.sources).filter_map(of_source));
    if old.shown != new.shown {
        let shown = [old.shown.source(), new.shown.source()];
        touched.extend(shown.into_iter().flatten().filter_map(of_source));
    }
}

fn by_parts(before: &Input, now: &Input, touched: &mut BTreeSet<VenueId>) {
    let (old, new) = (&before.moment.state, &now.moment.state);
    let (old_parts, new_parts) = (old.parts(), new.parts());
    if Shared(&old_parts.floor) != Shared(&new_parts.floor) {
        touched.extend(old.floor().iter().chain(new.floor()).map(|lease| lease.venue.clone()));
    }
    if Shared(&old_parts.queue) != Shared(&new_parts.queue) {
        touched.extend(old.queue().iter().chain(new.queue()).map(|request| request.venue.clone()));
    }
    if Shared(&old_parts.preview) != Shared(&new_parts.preview) {
        let sources = [&old.preview().source, &new.preview().source].into_iter().flatten();
        touched
            .extend(sources.filter_map(|source| now.venues.of_source(source)).map(|venue| venue.id.clone()));
    }
    if Shared(&old_parts.programme) != Shared(&new_parts.programme) {
        let sources = [old.programme().source(), new.programme().source()].into_iter().flatten();
        touched
            .extend(sources.filter_map(|source| now.venues.of_source(source)).map(|venue| venue.id.clone()));
    }
    if Shared(&old_parts.membership) != Shared(&new_parts.membership) {
        let venues = now.venues.iter().map(|venue| &venue.id);
        touched.extend(venues.filter(|venue| old.has_joined(venue) != new.has_joined(venue)).cloned());
    }
}

/// They follow from programme, roster and the sources that give a picture.
fn by_returns(before: &Input, now: &Input, touched: &mut BTreeSet<VenueId>) {
    let (old, new) = (&before.moment, &now.moment);
    let (old_parts, new_parts) = (old.state.parts(), new.state.parts());
    let changed = |venue: &&VenueId| returned(old, venue) != returned(new, venue);
    let venues = || now.venues.iter().map(|venue| &venue.id);
    if Shared(&old_parts.returns) != Shared(&new_parts.returns)
        || Shared(&old_parts.membership) != Shared(&new_parts.membership)
    {
        touched.extend(venues().filter(changed).cloned());
    } else if Shared(&old.facts) != Shared(&new.facts) {
        // Facts come all the time. Under one roster all branches see the same picture, so the first says it for the others.
        let chair = new.state.chair_venue();
        let branches = || venues().filter(|venue| Some(*venue) != chair);
        touched.extend(chair.filter(changed).cloned());
        if branches().next().is_some_and(|first| changed(&first)) {
            touched.extend(branches().cloned());
        }
    }
}

/// Counters and quality change all the time; a link that is lost, or no longer, is told at once.
fn hold_back(old: &VenueSection, new: &mut VenueSection) -> bool {
    let mut hidden = std::mem::replace(&mut new.dropped, old.dropped) != old.dropped;
    if old.state == new.state {
        hidden |= std::mem::replace(&mut new.quality, old.quality) != old.quality;
    }
    hidden
}

/// What is on air is what the hop shows. What is next stays so until the hop shows it, if it can; what is held may return.
fn tally(moment: &Moment, source: &SourceId) -> Tally {
    let (shown, preview) = (&moment.facts.shown, moment.state.preview());
    let previewed = preview.source.as_ref() == Some(source);
    let decided = moment.programme().source() == Some(source) && live(moment, source);
    if shown.source() == Some(source) {
        Tally::Air
    } else if decided || previewed && !preview.held {
        Tally::Next
    } else if previewed {
        Tally::Held
    } else {
        Tally::None
    }
}

/// The hop sends the slate down a return line whose source it does not have.
fn returned(moment: &Moment, venue: &VenueId) -> Scene {
    let scene = moment.state.return_picture(venue);
    if scene.source().is_some_and(|source| live(moment, source)) { scene } else { Scene::Slate }
}

fn live(moment: &Moment, source: &SourceId) -> bool {
    moment.facts.sources.get(source).is_some_and(|fact| fact.state.live)
}

fn source_section(moment: &Moment, source: &SourceId) -> SourceSection {
    let fact = moment.facts.sources.get(source);
    SourceSection {
        id: source.clone(),
        tally: tally(moment, source),
        live: fact.is_some_and(|fact| fact.state.live),
        layers: fact
            .map(|fact| fact.state.layers.iter().map(|h| u32::from(*h)).collect())
            .unwrap_or_default(),
        published_by: fact.and_then(|fact| fact.publisher.as_ref()).and_then(|(_, client)| client.clone()),
    }
}

struct Health {
    state: VenueState,
    reason: Option<AlarmCode>,
    since: Option<Wall>,
}

/// A venue that has joined this run but of which this process knows nothing was there before a restart: it is lost, not absent.
fn health(moment: &Moment, venue: &Entry, fact: &VenueFact) -> Health {
    let about = |alarm: &&Alarm| alarm.code != AlarmCode::Lost && alarm.venues.contains(&venue.id);
    match fact.transport {
        // Its page is here and says why nothing comes: neither lost nor absent.
        Transport::Lost { .. } | Transport::Never if fact.camera_fault().is_some() => {
            let reason = fact.camera_fault().map(camera_code);
            let alarm = moment.alarms.iter().filter(about).find(|alarm| Some(alarm.code) == reason);
            Health { state: VenueState::Warn, reason, since: alarm.map(|alarm| alarm.since) }
        }
        Transport::Up { since } => match moment.alarms.iter().find(about) {
            Some(alarm) => {
                Health { state: VenueState::Warn, reason: Some(alarm.code), since: Some(alarm.since) }
            }
            None => Health { state: VenueState::Ok, reason: None, since: Some(since) },
        },
        Transport::Lost { since, .. } => Health { state: VenueState::Lost, reason: None, since: Some(since) },
        // Its page is here, and its first picture on the way.
        Transport::Never if fact.report.is_some() => {
            Health { state: VenueState::Warn, reason: Some(AlarmCode::NoPicture), since: None }
        }
        Transport::Never if moment.state.has_joined(&venue.id) => {
            Health { state: VenueState::Lost, reason: None, since: None }
        }
        Transport::Never => Health { state: VenueState::Absent, reason: None, since: None },
    }
}

fn camera_code(fault: CameraFault) -> AlarmCode {
    match fault {
        CameraFault::Refused => AlarmCode::CameraRefused,
        CameraFault::Missing => AlarmCode::CameraMissing,
        CameraFault::InUse => AlarmCode::CameraInUse,
    }
}

fn quality(fact: &VenueFact) -> Quality {
    match fact.transport {
        Transport::Never | Transport::Lost { .. } => Quality::Lost,
        Transport::Up { .. } => match fact.losses.iter().copied().max().unwrap_or_default() {
            ..FAIR_FROM => Quality::Good,
            FAIR_FROM..LOSS_FELT_PERMILLE => Quality::Fair,
            LOSS_FELT_PERMILLE.. => Quality::Poor,
        },
    }
}
