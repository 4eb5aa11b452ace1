//! What is said of a run in fewer words where the page has no room for all of them. Whatever was closed stays closed; what is given up, the least first, is
//! who closed the same again, who closed it first, and which acts shut those microphones.
//!
//! The last entry of its kind is what closes: an earlier one may be in the log already, and what it closed may have been opened since.

use std::collections::{BTreeMap, BTreeSet};

use base::{RunId, VenueId};
use service::port::unlogged::{Closing, Entry};

type Step = fn(Vec<Entry>, &RunId) -> Vec<Entry>;

const STEPS: [Step; 3] = [first_and_last, last, folded];

/// The entries, in as many words as there is room for as JSON; none if there is no room for the fewest. The run that says the most is abridged first.
pub(super) fn to_fit(mut entries: Vec<Entry>, room: usize) -> serde_json::Result<Option<Vec<Entry>>> {
    if bytes(&entries)? <= room {
        return Ok(Some(entries));
    }
    for step in STEPS {
        for run in by_size(&entries)? {
            entries = step(entries, &run);
            if bytes(&entries)? <= room {
                return Ok(Some(entries));
            }
        }
    }
    Ok(None)
}

fn bytes(entries: &[Entry]) -> serde_json::Result<usize> {
    serde_json::to_vec(entries).map(|body| body.len())
}

/// The runs, the one with the longest entries first.
fn by_size(entries: &[Entry]) -> serde_json::Result<Vec<RunId>> {
    let mut sizes: BTreeMap<&RunId, usize> = BTreeMap::new();
    for entry in entries {
        *sizes.entry(&entry.run).or_default() += serde_json::to_vec(entry)?.len();
    }
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    Ok(sizes.into_iter().map(|(run, _)| run.clone()).collect())
}

/// Of those that close the same, the first, with who it was and when, and the last.
fn first_and_last(entries: Vec<Entry>, run: &RunId) -> Vec<Entry> {
    let first = places(entries.iter().enumerate().rev(), run);
    let last = places(entries.iter().enumerate(), run);
    retain(entries, run, |place| first.contains(&place) || last.contains(&place))
}

fn last(entries: Vec<Entry>, run: &RunId) -> Vec<Entry> {
    let last = places(entries.iter().enumerate(), run);
    retain(entries, run, |place| last.contains(&place))
}

/// Where the last of each kind stands, in that order.
fn places<'a>(entries: impl Iterator<Item = (usize, &'a Entry)>, run: &RunId) -> BTreeSet<usize> {
    let of_run = entries.filter(|(_, entry)| entry.run == *run);
    of_run.map(|(place, entry)| (&entry.closing, place)).collect::<BTreeMap<_, _>>().into_values().collect()
}

fn retain(entries: Vec<Entry>, run: &RunId, keeps: impl Fn(usize) -> bool) -> Vec<Entry> {
    let kept = entries.into_iter().enumerate().filter(|(place, entry)| entry.run != *run || keeps(*place));
    kept.map(|(_, entry)| entry).collect()
}

/// The microphones that single acts shut, as one entry of the server.
fn folded(entries: Vec<Entry>, run: &RunId) -> Vec<Entry> {
    let single = |entry: &Entry| {
        let single = matches!(entry.closing, Closing::CloseFloor(_) | Closing::LinkLost(_) | Closing::Venues);
        entry.run == *run && single
    };
    let (single, mut others): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(single);
    if let Some(at) = single.iter().map(|entry| entry.at).max() {
        let venues: BTreeSet<VenueId> = single.into_iter().flat_map(|entry| entry.venues).collect();
        others.push(Entry::of_venues(run.clone(), venues.into_iter().collect(), at));
    }
    others
}
