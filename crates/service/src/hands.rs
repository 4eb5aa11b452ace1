//! How often hands go up and down: a venue that does nothing else must not fill log and journal.

use std::collections::BTreeMap;
use std::time::Duration;

use base::limits::HANDS_PER_MINUTE_MAX;
use base::{ActKind, Mono, VenueId};
use meeting::Command;

use crate::bucket::Bucket;

/// The hands of all venues of a meeting.
#[derive(Debug, Default)]
pub(crate) struct Hands(BTreeMap<VenueId, Bucket>);

impl Hands {
    /// Whether this command, which would be carried out, comes too soon after others of its venue.
    pub(crate) fn too_often(&mut self, command: &Command, now: Mono) -> bool {
        let (ActKind::Raise | ActKind::Withdraw, Some(venue)) = (command.act.kind(), &command.actor.venue)
        else {
            return false;
        };
        let fresh = || Bucket::new(HANDS_PER_MINUTE_MAX, Duration::from_secs(60), HANDS_PER_MINUTE_MAX, now);
        !self.0.entry(venue.clone()).or_insert_with(fresh).take(now)
    }
}
