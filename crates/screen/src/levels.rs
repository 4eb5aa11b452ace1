//! The binary frame of levels: `0x01`, the directory's generation as u32 big-endian, one byte per venue in rank order.

use std::collections::BTreeMap;

use base::VenueId;
use service::control::View;

use crate::projection::taking_part;

/// Kind of the frame.
const KIND: u8 = 0x01;
/// No sound at all, or nothing known.
pub const NO_SOUND: u8 = 255;
/// Bytes before the first venue.
pub const HEADER_BYTES: usize = 5;

/// Makes the frame: -dBov of each venue, as the hop hears it where the gate is open, else as its page reports it.
#[must_use]
pub fn frame(view: &View, hop: &BTreeMap<VenueId, u8>, pages: &BTreeMap<VenueId, u8>) -> Vec<u8> {
    let venues = taking_part(view).into_iter().map(|venue| &venue.id);
    let mut frame = vec![KIND];
    frame.extend(view.generation.to_be_bytes());
    frame.extend(venues.map(|venue| {
        let open = view.facts.venue(venue).is_some_and(|fact| fact.gate_open);
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
