//! The floor: who may be heard, and the call-on that runs. Written by the chair.

use std::collections::BTreeMap;

use base::{PersonId, RequestId, SourceId, VenueId, Wall};

use crate::event::LeaseKind;

/// A lease of the floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose.
    pub venue: VenueId,
    /// Why.
    pub kind: LeaseKind,
    /// Since.
    pub since: Wall,
}

/// The running call-on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOn {
    /// The venue called.
    pub venue: VenueId,
    /// Its source.
    pub source: SourceId,
    /// Who speaks.
    pub person: Option<PersonId>,
    /// The request that it answers.
    pub request: Option<RequestId>,
    /// Began.
    pub began: Wall,
    /// Seconds until the timer says that time is up.
    pub limit_s: Option<u32>,
}

/// Who has the floor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// In the order of opening.
    pub(crate) leases: Vec<Lease>,
    pub(crate) call_on: Option<CallOn>,
    /// Milliseconds that each venue has spoken on call-ons.
    pub(crate) spoken_ms: BTreeMap<VenueId, u64>,
}

impl State {
    pub(crate) fn open(&mut self, venue: &VenueId, kind: LeaseKind, at: Wall) {
        match self.leases.iter_mut().find(|lease| lease.venue == *venue) {
            Some(lease) => lease.kind = kind,
            None => self.leases.push(Lease { venue: venue.clone(), kind, since: at }),
        }
    }

    pub(crate) fn end_call_on(&mut self, venue: &VenueId, at: Wall) {
        if let Some(call_on) = self.call_on.take() {
            *self.spoken_ms.entry(venue.clone()).or_default() += at.since_ms(call_on.began);
        }
    }
}
