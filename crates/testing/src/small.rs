//! A small organisation with one meeting, for tests that look at single cases.

use std::collections::VecDeque;
use std::sync::Arc;

use base::{ClientId, ItemId, MeetingId, PersonId, SourceId, UnitId, VenueId, Wall};
use directory::{Codec, Contact, Directory, Item, Person, Plan, Source, Text, Unit, Venue};
use meeting::{Roster, RosterVenue, State};
use service::control::{LogSeen, Moment};
use service::facts::Facts;

/// When the meeting is planned to begin.
pub const START: Wall = Wall(1_700_000_000_000);

/// Id of a venue.
#[must_use]
pub fn venue_id(id: &str) -> VenueId {
    named(id, VenueId::new)
}

/// Id of a source.
#[must_use]
pub fn source_id(id: &str) -> SourceId {
    named(id, SourceId::new)
}

/// Id of the meeting.
#[must_use]
pub fn meeting_id() -> MeetingId {
    named("m1", MeetingId::new)
}

/// Id of a client.
#[must_use]
pub fn client_id(id: &str) -> ClientId {
    named(id, ClientId::new)
}

fn unit(id: &str, upper: Option<&str>, rank: u32) -> Unit {
    Unit {
        id: named(id, UnitId::new),
        upper: upper.map(|u| named(u, UnitId::new)),
        rank,
        name: Text::new(format!("{id}单位"), format!("{id} unit")),
        short: Text::new("短", id),
    }
}

fn venue(id: &str, unit: &str, rank: u32, sources: u32) -> Venue {
    let source =
        |n| Source { id: source_id(&format!("{id}.{n}")), name: Text::new("机位", format!("camera {n}")) };
    Venue {
        id: venue_id(id),
        unit: named(unit, UnitId::new),
        rank,
        name: Text::new(format!("{id}会场"), format!("{id} hall")),
        short: Text::new("会场", id),
        sources: (1..=sources).map(source).collect(),
        technician: Some(Contact {
            name: Text::new("值机", format!("technician of {id}")),
            phone: "100".into(),
        }),
        search: vec!["py".into()],
    }
}

fn person(id: &str, unit: &str) -> Person {
    let unit = named(unit, UnitId::new);
    Person { id: named(id, PersonId::new), unit, rank: 1, name: Text::new("某人", id) }
}

/// `main` with two sources, `a` and `b` in one city, `c` in another; a unit and a venue that do not take part.
#[must_use]
pub fn directory() -> Directory {
    Directory::new(
        Text::new("组织", "Organisation"),
        vec![Text::new("上", "upper"), Text::new("中", "middle"), Text::new("下", "lower")],
        vec![
            unit("top", None, 1),
            unit("east", Some("top"), 1),
            unit("west", Some("top"), 2),
            unit("south", Some("top"), 3),
        ],
        vec![
            venue("main", "top", 1, 2),
            venue("a", "east", 1, 1),
            venue("b", "east", 2, 1),
            venue("c", "west", 1, 1),
            venue("z", "south", 1, 1),
        ],
        vec![person("chair", "top"), person("ann", "east"), person("bob", "west"), person("zoe", "south")],
    )
    .expect("the fixture is a directory")
}

/// Four venues, the chair's first, and two items.
#[must_use]
pub fn plan() -> Plan {
    let item = |id: &str, person: Option<&str>| Item {
        id: named(id, ItemId::new),
        title: Text::new("环节", id),
        minutes: 10,
        start: None,
        person: person.map(|p| named(p, PersonId::new)),
        venue: Some(venue_id("main")),
    };
    Plan {
        id: meeting_id(),
        title: Text::new("会议", "Meeting"),
        start: Some(START),
        zone: "Asia/Shanghai".to_owned(),
        chair_venue: venue_id("main"),
        chair: Some(named("chair", PersonId::new)),
        contact: None,
        codec: Codec::Vp8,
        venues: ["main", "a", "b", "c"].map(venue_id).to_vec(),
        items: vec![item("opening", Some("chair")), item("reports", None)],
    }
}

/// Who takes part by that plan.
#[must_use]
pub fn roster() -> Roster {
    let directory = directory();
    let plan = plan();
    let venues = plan.venues.iter().filter_map(|id| directory.venue(id));
    Roster {
        venues: venues
            .map(|v| RosterVenue {
                id: v.id.clone(),
                sources: v.sources.iter().map(|s| s.id.clone()).collect(),
            })
            .collect(),
        chair_venue: plan.chair_venue.clone(),
        chair: plan.chair.clone(),
        items: plan.items.iter().map(|item| item.id.clone()).collect(),
        policy: directory::policy::VERSION,
    }
}

/// What is known when nothing was reported yet.
#[must_use]
pub fn facts() -> Facts {
    let mut facts = Facts::default();
    let sources: Vec<_> =
        roster().venues.iter().flat_map(|v| v.sources.iter().map(|s| (s.clone(), v.id.clone()))).collect();
    facts.set_sources(&sources);
    facts
}

/// A moment of a meeting in which nothing has happened.
#[must_use]
pub fn moment() -> Moment {
    Moment {
        generation: 1,
        directory: Arc::new(directory()),
        plan: Arc::new(plan()),
        state: Arc::new(State::default()),
        journal: Arc::new(VecDeque::new()),
        facts: Arc::new(facts()),
        alarms: Arc::new(Vec::new()),
        alarms_cleared: None,
        log: LogSeen::default(),
        withheld: Arc::default(),
    }
}

fn named<T, E: std::fmt::Debug>(text: &str, new: impl Fn(&str) -> Result<T, E>) -> T {
    new(text).expect("letters, digits and dots are an id")
}
