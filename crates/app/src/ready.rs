//! The ready line: how scripts get in.

use base::Language;
use directory::policy::Role;
use directory::{Directory, Plan, Venue};
use service::office::links::Links;
use wire::{ReadyLine, ReadySource, ReadyVenue, Tokens};

/// The ready line of a server that has this meeting and these links to it.
#[must_use]
pub fn of_meeting(links: &Links, directory: &Directory, plan: &Plan, data: String) -> ReadyLine {
    let token = |role| links.token(role, None).to_owned();
    ReadyLine {
        meeting: Some(plan.id.clone()),
        api: links.api(),
        desk: Some(links.desk(Role::Director)),
        watch: Some(links.watch()),
        whep: Some(links.whep()),
        tokens: Some(Tokens {
            director: token(Role::Director),
            chair: token(Role::Chair),
            watcher: token(Role::Watcher),
        }),
        venues: plan
            .venues
            .iter()
            .filter_map(|venue| directory.venue(venue))
            .zip(1..)
            .map(|(venue, rank)| of_venue(links, venue, rank, plan.language()))
            .collect(),
        pid: std::process::id(),
        data,
    }
}

/// The ready line of a server with no single meeting; addresses begin with `base`.
#[must_use]
pub fn of_none(base: &str, data: String) -> ReadyLine {
    ReadyLine {
        meeting: None,
        api: format!("{base}/api/v1"),
        desk: None,
        watch: None,
        whep: None,
        tokens: None,
        venues: Vec::new(),
        pid: std::process::id(),
        data,
    }
}

fn of_venue(links: &Links, venue: &Venue, rank: u32, theirs: Option<&Language>) -> ReadyVenue {
    // Scripts read the line, so it is in English where there is English.
    let sources: Vec<ReadySource> = venue
        .sources
        .iter()
        .map(|source| ReadySource {
            id: source.id.clone(),
            name: source.name.pick(&Language::EN, theirs).to_owned(),
            whip: links.whip(&source.id),
        })
        .collect();
    ReadyVenue {
        id: venue.id.clone(),
        name: venue.name.pick(&Language::EN, theirs).to_owned(),
        rank,
        page: links.hall(&venue.id),
        whip: sources.first().map(|source| source.whip.clone()).unwrap_or_default(),
        whep: links.whep(),
        token: links.token(Role::Venue, Some(&venue.id)).to_owned(),
        sources,
    }
}
