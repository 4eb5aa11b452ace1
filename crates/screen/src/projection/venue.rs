//! The section of a venue.

use base::{SourceId, Wall};
use directory::Venue;
use meeting::planted::{self, Bug};
use service::alarm::{Alarm, AlarmCode};
use service::control::View;
use service::facts::{Link, VenueFact};
use wire::{Gate, Quality, SourceSection, Tally, VenueSection, VenueState};

use crate::convert;

/// From this loss on a link is no longer good, per mille.
const FAIR_FROM: u16 = 10;
/// From this loss on it is poor.
const POOR_FROM: u16 = 50;

pub(super) fn venue(view: &View, venue: &Venue) -> VenueSection {
    let nothing = VenueFact::default();
    let fact = view.facts.venue(&venue.id).unwrap_or(&nothing);
    let health = health(view, venue, fact);
    let sources: Vec<_> = venue.sources.iter().map(|source| source_section(view, &source.id)).collect();
    let lease = view.state.lease(&venue.id).is_some();
    let open = if planted::active(Bug::GateFromLease) { lease } else { fact.gate_open };
    VenueSection {
        state: health.state,
        reason: health.reason,
        since: health.since,
        tally: sources.iter().map(|source| source.tally).max().unwrap_or(Tally::None),
        gate: if open { Gate::Open } else { Gate::Closed },
        lease,
        lease_until: fact.losing.filter(|_| lease).map(|(_, until)| until),
        hand: view.state.place(&venue.id).map(super::count),
        speaking: view.state.request_of(&venue.id).is_some_and(|request| request.speaking),
        quality: quality(fact),
        sources,
        dropped: fact.dropped,
        report: fact.report.as_ref().map(convert::report_entry),
    }
}

/// What is on air is what the hop shows; what is next is in preview and told (held is untold).
fn tally(view: &View, source: &SourceId) -> Tally {
    if view.facts.shown.source() == Some(source) {
        return Tally::Air;
    }
    let preview = view.state.preview();
    if preview.source.as_ref() == Some(source) && !preview.held { Tally::Next } else { Tally::None }
}

fn source_section(view: &View, source: &SourceId) -> SourceSection {
    let fact = view.facts.sources.get(source);
    SourceSection {
        id: source.clone(),
        tally: tally(view, source),
        live: fact.is_some_and(|fact| fact.state.live),
        layers: fact
            .map(|fact| fact.state.layers.iter().map(|h| u32::from(*h)).collect())
            .unwrap_or_default(),
    }
}

struct Health {
    state: VenueState,
    reason: Option<AlarmCode>,
    since: Option<Wall>,
}

/// A venue that has joined this run but of which this process knows nothing was there before a restart: it is lost, not absent.
fn health(view: &View, venue: &Venue, fact: &VenueFact) -> Health {
    let about = |alarm: &&Alarm| alarm.code != AlarmCode::Lost && alarm.venues.contains(&venue.id);
    match fact.link {
        Link::Up { since } => match view.alarms.iter().find(about) {
            Some(alarm) => {
                Health { state: VenueState::Warn, reason: Some(alarm.code), since: Some(alarm.since) }
            }
            None => Health { state: VenueState::Ok, reason: None, since: Some(since) },
        },
        Link::Lost { since, .. } => Health { state: VenueState::Lost, reason: None, since: Some(since) },
        Link::Never if view.state.has_joined(&venue.id) => {
            Health { state: VenueState::Lost, reason: None, since: None }
        }
        Link::Never => Health { state: VenueState::Absent, reason: None, since: None },
    }
}

fn quality(fact: &VenueFact) -> Quality {
    match fact.link {
        Link::Never | Link::Lost { .. } => Quality::Lost,
        Link::Up { .. } => match fact.losses.iter().copied().max().unwrap_or_default() {
            ..FAIR_FROM => Quality::Good,
            FAIR_FROM..POOR_FROM => Quality::Fair,
            POOR_FROM.. => Quality::Poor,
        },
    }
}
