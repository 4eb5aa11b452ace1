//! What there is to see, as sections: pure functions of a [`View`], and the part of them that a role sees.

mod directory;
mod journal;
mod role;
mod venue;

use std::collections::BTreeMap;

use ::directory::Venue;
use base::VenueId;
use meeting::Phase;
use service::control::View;
use wire::{
    AlarmEntry, AlarmsSection, CallOnEntry, CallOnSection, FloorSection, ItemEntry, LeaseEntry,
    MeetingSection, NodeSection, PreviewSection, ProgrammeSection, QueueEntry, QueueSection, RundownSection,
    Sections,
};

use crate::convert;
pub(crate) use role::named;
pub use role::{Viewer, part};

/// Name of the section of a venue.
#[must_use]
pub fn venue_section(venue: &VenueId) -> String {
    format!("venue:{venue}")
}

/// All sections. `directory` of an earlier time is taken over as it is, for it is long and rarely changes.
#[must_use]
pub fn complete(view: &View, directory: Option<wire::DirectorySection>) -> Sections {
    let kept = directory.filter(|kept| kept.generation == view.generation);
    Sections {
        meeting: Some(meeting(view)),
        directory: Some(kept.unwrap_or_else(|| directory::directory(view))),
        programme: Some(programme(view)),
        preview: Some(preview(view)),
        floor: Some(floor(view)),
        call_on: Some(call_on(view)),
        queue: Some(queue(view)),
        rundown: Some(rundown(view)),
        alarms: Some(alarms(view)),
        journal: Some(journal::journal(view)),
        node: Some(node(view)),
        venues: venues(view),
    }
}

fn meeting(view: &View) -> MeetingSection {
    let plan = &view.plan;
    let (phase, ended_at) = match view.state.phase() {
        Phase::Waiting => (wire::Phase::Waiting, None),
        Phase::Live { .. } => (wire::Phase::Live, None),
        Phase::Ended { ended, .. } => (wire::Phase::Ended, Some(ended)),
    };
    MeetingSection {
        id: plan.id.clone(),
        title: convert::text(&plan.title),
        phase,
        planned_start: plan.start,
        started_at: view.state.started(),
        ended_at,
        chair_venue: plan.chair_venue.clone(),
        chair: plan.chair.clone(),
        contact: plan.contact.as_ref().map(convert::contact),
        codec: plan.codec,
    }
}

/// A decided source waits when the hop does not show it and either said so or gets no packets of it.
fn programme(view: &View) -> ProgrammeSection {
    let (state, facts) = (&view.state, &view.facts);
    let decided = state.programme();
    let live = |source| facts.sources.get(source).is_some_and(|fact| fact.state.live);
    let waiting = decided.source().is_some_and(|source| {
        facts.shown != *decided && (facts.waiting.as_ref() == Some(source) || !live(source))
    });
    ProgrammeSection {
        scene: convert::scene(decided),
        shown: convert::scene(&facts.shown),
        shown_at: facts.shown_at,
        waiting,
    }
}

fn preview(view: &View) -> PreviewSection {
    let preview = view.state.preview();
    PreviewSection {
        source: preview.source.clone(),
        held: preview.held,
        ready: preview.source.as_ref().is_some_and(|source| view.facts.decodable(source)),
    }
}

fn floor(view: &View) -> FloorSection {
    let mut leases: Vec<_> = view.state.floor().iter().collect();
    // Stable: the others stay in the order of opening.
    leases.sort_by_key(|lease| Some(&lease.venue) != view.state.chair_venue());
    let open = leases
        .into_iter()
        .map(|lease| LeaseEntry { venue: lease.venue.clone(), kind: lease.kind, since: lease.since })
        .collect();
    FloorSection { open }
}

fn call_on(view: &View) -> CallOnSection {
    let running = view.state.call_on().map(|call_on| CallOnEntry {
        venue: call_on.venue.clone(),
        source: call_on.source.clone(),
        person: call_on.person.clone(),
        request: call_on.request.clone(),
        began: call_on.began,
        limit_s: call_on.limit_s,
    });
    CallOnSection { running }
}

fn queue(view: &View) -> QueueSection {
    let spoken_s = |venue| {
        let ms = view.state.spoken_ms(venue);
        u32::try_from(ms / 1000).unwrap_or(u32::MAX)
    };
    let requests = view
        .state
        .queue()
        .iter()
        .map(|request| QueueEntry {
            request: request.id.clone(),
            venue: request.venue.clone(),
            person: request.person.clone(),
            since: request.since,
            speaking: request.speaking,
            spoken_s: spoken_s(&request.venue),
        })
        .collect();
    QueueSection { requests }
}

fn rundown(view: &View) -> RundownSection {
    let state = &view.state;
    let items = view
        .plan
        .items
        .iter()
        .map(|item| ItemEntry {
            id: item.id.clone(),
            title: convert::text(&item.title),
            minutes: item.minutes,
            start: item.start,
            person: item.person.clone(),
            venue: item.venue.clone(),
            began: state.item_began(&item.id),
        })
        .collect();
    let current = state.item().cloned();
    let since = current.as_ref().and_then(|item| state.item_began(item));
    RundownSection { items, current, since }
}

fn alarms(view: &View) -> AlarmsSection {
    let facts = &view.facts;
    let taking_part = taking_part(view);
    let live = |venue: &&&Venue| {
        venue.sources.iter().any(|s| facts.sources.get(&s.id).is_some_and(|fact| fact.state.live))
    };
    let open = |venue: &&&Venue| facts.venue(&venue.id).is_some_and(|fact| fact.gate_open);
    AlarmsSection {
        alarms: view
            .alarms
            .iter()
            .map(|alarm| AlarmEntry {
                id: alarm.id(),
                code: alarm.code,
                venues: alarm.venues.clone(),
                unit: alarm.unit.clone(),
                source: alarm.source.clone(),
                since: alarm.since,
                value: alarm.value,
            })
            .collect(),
        pictures: count(taking_part.iter().filter(live).count()),
        gates_open: count(taking_part.iter().filter(open).count()),
        dropped: facts.dropped(),
        cleared_at: view.alarms_cleared,
    }
}

fn node(view: &View) -> NodeSection {
    let facts = &view.facts;
    NodeSection {
        clients: facts.clients,
        sessions: facts.sessions,
        dropped: facts.dropped(),
        in_kbps: facts.in_kbps,
        out_kbps: facts.out_kbps,
    }
}

fn venues(view: &View) -> BTreeMap<String, wire::VenueSection> {
    taking_part(view).into_iter().map(|v| (venue_section(&v.id), venue::venue(view, v))).collect()
}

/// The venues of the plan, in its order: rank order, the chair's first.
pub(crate) fn taking_part(view: &View) -> Vec<&Venue> {
    let by_id: BTreeMap<&VenueId, &Venue> = view.directory.venues().iter().map(|v| (&v.id, v)).collect();
    view.plan.venues.iter().filter_map(|id| by_id.get(id).copied()).collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
