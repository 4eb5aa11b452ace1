//! Views as sections, and the part of them that each role sees.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ::meeting::{
    By, Event, LeaseKind, Record, RemovedWhy, Scene, State, course, floor, keys, membership, preview,
    programme, queue,
};
use base::{Epoch, Mono, RequestKind, Sequence, VenueId, Wall};
use directory::policy::Role;
use screen::Viewer;
use screen::mirror::Mirror;
use service::alarm::{Alarm, AlarmCode};
use service::control::Moment;
use service::facts::PageReport;
use service::port::hop::{Fact, Measure, SourceState, What};
use wire::{Gate, Quality, Sections, Tally, VenueState};

use testing::small::{self, START, source_id, venue_id};

/// A moment in which these events have happened.
fn after(events: Vec<Event>) -> Moment {
    let mut moment = small::moment();
    let state = Arc::make_mut(&mut moment.state);
    let journal = Arc::make_mut(&mut moment.journal);
    let opened = Event::Membership(membership::Event::Opened(small::roster()));
    for (n, event) in std::iter::once(opened).chain(events).enumerate() {
        let seq = Sequence(n as u64 + 1);
        let record = Record { seq, at: Wall(START.0 + n as i64 * 1000), by: By::Server, event };
        state.apply(&record);
        journal.push_front(record);
    }
    moment
}

fn hear(moment: &mut Moment, what: impl Into<What>) {
    Arc::make_mut(&mut moment.facts).on_hop(Mono(0), START, &what.into());
}

fn source(source: &str, live: bool) -> Fact {
    let state = SourceState { live, layers: vec![180, 360], decodable: live };
    Fact::Source { source: source_id(source), state }
}

fn shown(scene: Scene) -> Fact {
    Fact::Shown { scene, at: Mono(0) }
}

fn gate(venue: &str, open: bool) -> Fact {
    Fact::Gate { venue: venue_id(venue), open, epoch: Epoch(1), sequence: Sequence(1) }
}

fn names(sections: &Sections) -> BTreeSet<String> {
    let value = serde_json::to_value(sections).unwrap();
    value.as_object().unwrap().keys().cloned().collect()
}

/// All sections, as the director sees them.
fn complete(moment: &Moment) -> Sections {
    seen(moment, &viewer(Role::Director, None))
}

fn seen(moment: &Moment, viewer: &Viewer) -> Sections {
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), moment);
    mirror.snapshot(viewer)
}

fn viewer(role: Role, venue: Option<&str>) -> Viewer {
    Viewer { role, venue: venue.map(venue_id) }
}

#[test]
fn each_role_sees_its_sections_and_no_other() {
    let check = |role, venue: Option<&str>, want: &[&str]| {
        let seen = seen(&small::moment(), &viewer(role, venue));
        assert_eq!(names(&seen), want.iter().map(|name| (*name).to_owned()).collect(), "{role:?}");
    };
    let all = [
        "alarms",
        "call_on",
        "directory",
        "floor",
        "journal",
        "meeting",
        "node",
        "preview",
        "programme",
        "queue",
        "rundown",
        "summary",
        "venue:a",
        "venue:b",
        "venue:c",
        "venue:main",
    ];
    check(Role::Director, None, &all);
    check(Role::Chair, None, &all);
    check(
        Role::Venue,
        Some("a"),
        &["call_on", "directory", "floor", "journal", "meeting", "programme", "rundown", "venue:a"],
    );
    check(Role::Watcher, None, &["call_on", "directory", "meeting", "programme", "rundown"]);
}

#[test]
fn technicians_and_search_keys_are_for_operators_and_people_for_those_who_need_the_name() {
    let seen = |role, venue| seen(&small::moment(), &viewer(role, venue)).directory.unwrap();
    let desk = seen(Role::Director, None);
    assert!(desk.venues.iter().all(|venue| venue.technician.is_some()));
    assert!(desk.venues[1].search.iter().any(|word| word == "a会场"));
    assert!(desk.venues[1].search.iter().any(|word| word == "py"));
    let hall = seen(Role::Venue, Some("a"));
    let known: Vec<_> =
        hall.venues.iter().filter(|v| v.technician.is_some()).map(|v| v.id.to_string()).collect();
    assert_eq!(known, ["a"]);
    let watcher = seen(Role::Watcher, None);
    assert!(watcher.venues.iter().all(|venue| venue.technician.is_none() && venue.search.is_empty()));
    assert_eq!(watcher.people.len(), 1, "the chair alone is named by the plan");
    assert_eq!(watcher.venues.len(), 4);
}

#[test]
fn the_directory_holds_what_takes_part_in_rank_order() {
    let directory = complete(&small::moment()).directory.unwrap();
    let venues: Vec<_> = directory.venues.iter().map(|v| v.id.as_str()).collect();
    let units: Vec<_> = directory.units.iter().map(|u| (u.id.as_str(), u.tier)).collect();
    assert_eq!(venues, ["main", "a", "b", "c"]);
    assert_eq!(units, [("top", 0), ("east", 1), ("west", 1)]);
}

#[test]
fn r4_the_gate_is_what_the_hop_reports_and_not_the_lease() {
    let lease = Event::Floor(floor::Event::Opened { venue: venue_id("a"), kind: LeaseKind::Open });
    let mut moment = after(vec![Event::Course(course::Event::Started), lease]);
    let section = |moment: &Moment| complete(moment).venues[&venue_id("a")].clone();
    assert_eq!((section(&moment).gate, section(&moment).lease), (Gate::Closed, true));
    hear(&mut moment, gate("a", true));
    assert_eq!((section(&moment).gate, section(&moment).lease), (Gate::Open, true));
    hear(&mut moment, gate("b", true));
    let b = complete(&moment).venues[&venue_id("b")].clone();
    assert_eq!((b.gate, b.lease), (Gate::Open, false));
}

#[test]
fn tally_follows_what_the_hop_shows_and_a_held_preview_may_return() {
    let preview =
        |source: &str, held| Event::Preview(preview::Event::Set { source: Some(source_id(source)), held });
    let programme = Event::Programme(programme::Event::Set { scene: Scene::Full(source_id("a.1")) });
    let check = |moment: &Moment, want: [Tally; 4]| {
        let sections = complete(moment);
        let tally = ["main", "a", "b", "c"].map(|venue| sections.venues[&venue_id(venue)].tally);
        assert_eq!(tally, want);
    };
    let mut moment =
        after(vec![Event::Course(course::Event::Started), preview("b.1", false), programme.clone()]);
    // Decided, but without a picture.
    check(&moment, [Tally::None, Tally::None, Tally::Next, Tally::None]);
    hear(&mut moment, source("a.1", true));
    // Decided, and about to be shown: no gap between next and air.
    check(&moment, [Tally::None, Tally::Next, Tally::Next, Tally::None]);
    hear(&mut moment, shown(Scene::Full(source_id("a.1"))));
    check(&moment, [Tally::None, Tally::Air, Tally::Next, Tally::None]);
    let mut moment = after(vec![Event::Course(course::Event::Started), preview("b.1", true), programme]);
    hear(&mut moment, shown(Scene::Full(source_id("main.2"))));
    check(&moment, [Tally::Air, Tally::None, Tally::Held, Tally::None]);
    let main = complete(&moment).venues[&venue_id("main")].clone();
    let sources: Vec<_> = main.sources.iter().map(|source| source.tally).collect();
    assert_eq!(sources, [Tally::None, Tally::Air]);
}

#[test]
fn on_air_and_in_preview_at_once_is_on_air() {
    let mut moment = after(vec![
        Event::Preview(preview::Event::Set { source: Some(source_id("a.1")), held: false }),
        Event::Programme(programme::Event::Set { scene: Scene::Full(source_id("a.1")) }),
    ]);
    hear(&mut moment, shown(Scene::Full(source_id("a.1"))));
    assert_eq!(complete(&moment).venues[&venue_id("a")].tally, Tally::Air);
}

#[test]
fn absent_lost_degraded_and_well_are_told_apart() {
    let mut moment = after(vec![
        Event::Membership(membership::Event::VenueJoined { venue: venue_id("a") }),
        Event::Membership(membership::Event::VenueJoined { venue: venue_id("b") }),
        Event::Membership(membership::Event::VenueJoined { venue: venue_id("c") }),
    ]);
    hear(&mut moment, source("b.1", true));
    hear(&mut moment, source("c.1", true));
    hear(&mut moment, source("c.1", false));
    let state = |moment: &Moment, venue: &str| {
        let section = complete(moment).venues[&venue_id(venue)].clone();
        (section.state, section.quality, section.reason)
    };
    assert_eq!(state(&moment, "main"), (VenueState::Absent, Quality::Lost, None));
    // Here before a restart of the server, and unseen since.
    assert_eq!(state(&moment, "a"), (VenueState::Lost, Quality::Lost, None));
    assert_eq!(state(&moment, "b"), (VenueState::Ok, Quality::Good, None));
    assert_eq!(state(&moment, "c"), (VenueState::Lost, Quality::Lost, None));
    // A page that is here and has no picture yet is no absent venue.
    let fact = Arc::make_mut(&mut moment.facts).venues.get_mut(&venue_id("a")).unwrap();
    fact.report = Some(PageReport::default());
    assert_eq!(state(&moment, "a"), (VenueState::Warn, Quality::Lost, Some(AlarmCode::NoPicture)));
    let alarm = |code| Alarm {
        code,
        venues: vec![venue_id("b")],
        unit: None,
        source: None,
        since: START,
        value: Some(9),
        acknowledged: None,
    };
    moment.alarms = Arc::new(vec![alarm(AlarmCode::Silent), alarm(AlarmCode::Loss)]);
    let quality = What::from(Measure::Quality { source: source_id("b.1"), loss_permille: 20, kbps: 9 });
    // While the source has just begun its losses are not shown.
    Arc::make_mut(&mut moment.facts).on_hop(Mono(0), START, &quality);
    assert_eq!(state(&moment, "b").1, Quality::Good);
    Arc::make_mut(&mut moment.facts).on_hop(Mono::from_millis(5_000), START, &quality);
    assert_eq!(state(&moment, "b"), (VenueState::Warn, Quality::Fair, Some(AlarmCode::Silent)));
    let alarms = complete(&moment).alarms.unwrap();
    assert_eq!((alarms.alarms.len(), alarms.pictures, alarms.gates_open), (2, 1, 0));
}

#[test]
fn a_return_line_is_the_slate_until_its_source_gives_a_picture() {
    let main = small::roster().chair_venue;
    let full = |source: &str| wire::Scene::Full { source: source_id(source) };
    let returned = |moment: &Moment, venue: &VenueId| complete(moment).venues[venue].returned.clone();
    let taken =
        |source: &str| Event::Programme(programme::Event::Set { scene: Scene::Full(source_id(source)) });

    let mut first = after(vec![taken("main.1")]);
    assert_eq!(returned(&first, &main), wire::Scene::Slate, "nobody else has been shown");
    assert_eq!(returned(&first, &venue_id("a")), wire::Scene::Slate, "the chair's camera is not there");
    hear(&mut first, source("main.1", true));
    assert_eq!(returned(&first, &venue_id("a")), full("main.1"));
    assert_eq!(returned(&first, &main), wire::Scene::Slate);

    let mut second = after(vec![taken("a.1"), taken("main.1")]);
    hear(&mut second, source("a.1", true));
    assert_eq!(returned(&second, &main), full("a.1"));
    hear(&mut second, source("a.1", false));
    assert_eq!(returned(&second, &main), wire::Scene::Slate);
}

#[test]
fn a_return_line_is_told_anew_when_its_source_comes_and_goes() {
    let main = small::roster().chair_venue;
    let taken =
        |source: &str| Event::Programme(programme::Event::Set { scene: Scene::Full(source_id(source)) });
    let mut mirror = Mirror::new();
    let mut moment = after(vec![taken("a.1"), taken("main.1")]);
    mirror.update(Mono(0), &moment);
    for live in [true, false] {
        for camera in ["main.1", "a.1"] {
            hear(&mut moment, source(camera, live));
        }
        mirror.update(Mono(0), &moment);
        let seen = mirror.snapshot(&viewer(Role::Director, None)).venues;
        for venue in [&main, &venue_id("a"), &venue_id("b")] {
            assert_eq!(seen[venue].returned != wire::Scene::Slate, live, "{venue}");
        }
    }
}

#[test]
fn r3_a_lost_venue_says_until_when_it_keeps_its_lease_and_the_chair_for_ever() {
    let open = |venue: &str, kind| Event::Floor(floor::Event::Opened { venue: venue_id(venue), kind });
    let mut moment = after(vec![
        Event::Course(course::Event::Started),
        open("main", LeaseKind::Standing),
        open("a", LeaseKind::Open),
    ]);
    let losing = BTreeMap::from([(venue_id("a"), Mono(0)), (venue_id("b"), Mono(0))]);
    Arc::make_mut(&mut moment.facts).note_losing(Mono(0), START, &losing);
    let until = |venue: &str| complete(&moment).venues[&venue_id(venue)].lease_until;
    assert_eq!(until("a"), Some(Wall(START.0 + 30_000)));
    assert_eq!(until("main"), None);
    assert_eq!(until("b"), None, "it has no lease any more");
}

#[test]
fn a_decided_source_without_a_picture_is_waited_for() {
    let mut moment =
        after(vec![Event::Programme(programme::Event::Set { scene: Scene::Full(source_id("a.1")) })]);
    let waiting = |moment: &Moment| complete(moment).programme.unwrap().waiting;
    assert!(waiting(&moment), "no packet of it came");
    hear(&mut moment, source("a.1", true));
    assert!(!waiting(&moment), "its key frame may come any moment");
    hear(&mut moment, Fact::Waiting { source: source_id("a.1") });
    assert!(waiting(&moment));
    hear(&mut moment, shown(Scene::Full(source_id("a.1"))));
    assert!(!waiting(&moment));
}

#[test]
fn the_floor_names_the_chair_first_and_the_queue_says_who_spoke_how_long() {
    let open = |venue: &str, kind| Event::Floor(floor::Event::Opened { venue: venue_id(venue), kind });
    let raise = |id: &str, venue: &str| {
        Event::Queue(queue::Event::Raised {
            request: base::RequestId::new(id).unwrap(),
            venue: venue_id(venue),
            person: None,
            kind: RequestKind::Remark,
        })
    };
    let mut moment = after(vec![
        Event::Course(course::Event::Started),
        open("b", LeaseKind::Open),
        open("a", LeaseKind::Open),
        open("main", LeaseKind::Standing),
        raise("r1", "c"),
        raise("r2", "a"),
    ]);
    let called = Event::Floor(floor::Event::CallOnBegan {
        venue: venue_id("a"),
        source: source_id("a.1"),
        person: None,
        request: None,
        limit_s: None,
    });
    let state = Arc::make_mut(&mut moment.state);
    for (event, after_ms) in
        [(called, 0), (Event::Floor(floor::Event::CallOnEnded { venue: venue_id("a") }), 61_900)]
    {
        let at = Wall(state.at.0 + after_ms);
        state.apply(&Record { seq: state.seq.next(), at, by: By::Server, event });
    }
    let sections = complete(&moment);
    let floor: Vec<_> = sections.floor.unwrap().open.iter().map(|lease| lease.venue.to_string()).collect();
    assert_eq!(floor, ["main", "b", "a"]);
    let queue: Vec<_> =
        sections.queue.unwrap().requests.iter().map(|r| (r.venue.to_string(), r.spoken_s)).collect();
    assert_eq!(queue, [("c".to_owned(), 0), ("a".to_owned(), 61)]);
    assert_eq!(sections.venues[&venue_id("a")].hand, Some(2));
}

#[test]
fn the_summary_comes_with_the_end_and_says_what_was_held() {
    let item = |id: &str| Event::Course(course::Event::ItemBegan { item: base::ItemId::new(id).unwrap() });
    let ann = base::PersonId::new("ann").unwrap();
    let mut events = vec![
        item("opening"),
        Event::Course(course::Event::Started),
        Event::Membership(membership::Event::VenueJoined { venue: venue_id("a") }),
        Event::Floor(floor::Event::CallOnBegan {
            venue: venue_id("a"),
            source: source_id("a.1"),
            person: Some(ann.clone()),
            request: None,
            limit_s: None,
        }),
        item("reports"),
        Event::Floor(floor::Event::CallOnEnded { venue: venue_id("a") }),
    ];
    let summary = |events: &[Event]| complete(&after(events.to_vec())).summary.unwrap().done.clone();
    assert_eq!(summary(&events), None, "it is not over");
    events.push(Event::Course(course::Event::Ended));
    // Each event is a second after the one before; the first stands behind `opened`.
    let at = |place: i64| Wall(START.0 + place * 1000);
    let done = summary(&events).unwrap();
    assert_eq!((done.from, done.to, done.venues, done.expected), (at(2), at(7), 1, 4));
    let held: Vec<_> = done.items.iter().map(|held| (held.item.as_str(), held.began, held.ended)).collect();
    assert_eq!(held, [("opening", at(2), at(5)), ("reports", at(5), at(7))]);
    assert_eq!(done.speeches.len(), 1);
    let speech = &done.speeches[0];
    assert_eq!((speech.venue.as_str(), &speech.person), ("a", &Some(ann)));
    assert_eq!((speech.began, speech.seconds), (at(4), 2));
    assert_eq!(speech.item.as_ref().map(base::ItemId::as_str), Some("opening"));
}

#[test]
fn the_journal_tells_each_act_once_and_a_venue_what_is_about_it() {
    let request = base::RequestId::new("r1").unwrap();
    let moment = after(vec![
        Event::Course(course::Event::Started),
        Event::Queue(queue::Event::Raised {
            request: request.clone(),
            venue: venue_id("a"),
            person: None,
            kind: RequestKind::Speech,
        }),
        Event::Preview(preview::Event::Set { source: Some(source_id("a.1")), held: false }),
        Event::Queue(queue::Event::Speaking { request: request.clone() }),
        Event::Programme(programme::Event::Set { scene: Scene::Full(source_id("a.1")) }),
        Event::Programme(programme::Event::Set { scene: Scene::Slate }),
        Event::Floor(floor::Event::Opened { venue: venue_id("b"), kind: LeaseKind::Open }),
        Event::Queue(queue::Event::Removed { request, why: RemovedWhy::Dropped }),
        Event::Keys(keys::Event::Unchanged),
    ]);
    let kinds = |sections: Sections| -> Vec<&str> {
        sections.journal.unwrap().lines.iter().map(|line| line.kind.name()).collect()
    };
    let want = [
        "unchanged",
        "dropped",
        "floor_opened",
        "slate",
        "programme",
        "preview",
        "raised",
        "started",
        "opened",
    ];
    assert_eq!(kinds(complete(&moment)), want);
    let own = seen(&moment, &viewer(Role::Venue, Some("a")));
    assert_eq!(kinds(own), ["dropped", "programme", "raised"], "never the preview");
    let other = seen(&moment, &viewer(Role::Venue, Some("c")));
    assert_eq!(kinds(other), [] as [&str; 0]);
}

#[test]
fn an_empty_state_has_sections_too() {
    let mut moment = small::moment();
    moment.state = Arc::new(State::default());
    let sections = complete(&moment);
    assert_eq!(sections.meeting.unwrap().phase, wire::Phase::Waiting);
    assert_eq!(sections.venues.len(), 4);
}
