//! The levels of all venues, as their frame.

use std::collections::BTreeMap;

use base::VenueId;
use service::control::Moment;
use wire::levels::{HEADER_BYTES, KIND, NO_SOUND};

use crate::input::in_rank;

/// Makes the frame: -dBov of each venue, as the hop hears it where the gate is open, else as its page reports it.
#[must_use]
pub fn frame(moment: &Moment, hop: &BTreeMap<VenueId, u8>, pages: &BTreeMap<VenueId, u8>) -> Vec<u8> {
    let venues = in_rank(&moment.directory, &moment.plan);
    let mut frame = vec![KIND];
    frame.extend(moment.generation.to_be_bytes());
    frame.extend(venues.into_iter().map(|place| {
        let venue = &moment.directory.venues()[place].id;
        let open = moment.facts.venue(venue).is_some_and(|fact| fact.gate_open);
        let heard = if open { hop.get(venue) } else { pages.get(venue) };
        heard.copied().unwrap_or(NO_SOUND)
    }));
    frame
}

/// The frame as a venue sees it: its own level, and nothing of the others.
#[must_use]
pub fn of_one(frame: &[u8], place: usize) -> Vec<u8> {
    let mut own = frame.to_vec();
    for (n, byte) in own.iter_mut().enumerate().skip(HEADER_BYTES) {
        if n - HEADER_BYTES != place {
            *byte = NO_SOUND;
        }
    }
    own
}
