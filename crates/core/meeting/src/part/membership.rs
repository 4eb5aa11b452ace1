//! Membership: which venues take part, and which have come. Written by the server alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::VenueId;

use crate::roster::Roster;

/// Who takes part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// None until the first event. Shared, since a venue that joins changes nothing of it.
    pub(crate) roster: Option<Arc<Roster>>,
    /// Venues that have published in this run.
    pub(crate) joined: BTreeSet<VenueId>,
}
