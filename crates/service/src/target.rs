//! From a meeting's state to what the hop is to do.

use std::collections::{BTreeMap, BTreeSet};

use base::{SourceId, VenueId};
use directory::Directory;
use meeting::{Roster, Scene, State};

use crate::port::hop::MediaTarget;

/// The target that a state amounts to.
#[must_use]
pub fn target(state: &State) -> MediaTarget {
    let Some(roster) = state.roster() else { return MediaTarget::default() };
    let venue_of = |scene: &Scene| scene.source().and_then(|source| roster.venue_of(source)).cloned();
    let on_air = venue_of(state.programme());
    let next = state.preview().source.as_ref().filter(|_| !state.preview().held);
    let next = next.and_then(|source| roster.venue_of(source)).cloned();
    MediaTarget {
        chair: Some(roster.chair_venue.clone()),
        gates: state.floor().iter().map(|lease| lease.venue.clone()).collect(),
        programme: state.programme().clone(),
        preview: state.preview().source.clone(),
        returns: BTreeMap::from([(roster.chair_venue.clone(), state.return_picture(&roster.chair_venue))]),
        return_default: roster.chair_source().map_or(Scene::Slate, |source| Scene::Full(source.clone())),
        warm: on_air.into_iter().chain(next).collect::<BTreeSet<VenueId>>(),
        sources: sources(roster),
    }
}

/// Every source and its venue, the chair's first, in rank order.
#[must_use]
pub fn sources(roster: &Roster) -> Vec<(SourceId, VenueId)> {
    let (chair, others): (Vec<_>, Vec<_>) = roster.venues.iter().partition(|v| v.id == roster.chair_venue);
    chair
        .into_iter()
        .chain(others)
        .flat_map(|venue| venue.sources.iter().map(|source| (source.clone(), venue.id.clone())))
        .collect()
}

/// The roster that directory and plan amount to.
#[must_use]
pub fn roster(directory: &Directory, plan: &directory::Plan) -> Roster {
    let venues = plan.venues.iter().filter_map(|id| directory.venue(id));
    Roster {
        venues: venues
            .map(|venue| meeting::RosterVenue {
                id: venue.id.clone(),
                sources: venue.sources.iter().map(|source| source.id.clone()).collect(),
            })
            .collect(),
        chair_venue: plan.chair_venue.clone(),
        chair: plan.chair.clone(),
        items: plan.items.iter().map(|item| item.id.clone()).collect(),
        policy: directory::policy::VERSION,
    }
}
