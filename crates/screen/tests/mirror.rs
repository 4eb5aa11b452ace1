//! Deltas against snapshots, by seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::meeting::{
    By, Event, FloorClosedWhy, LeaseKind, Record, RemovedWhy, Scene, course, floor, membership, preview,
    programme, queue,
};
use base::random::Random;
use base::{Epoch, ItemId, Mono, PersonId, RequestId, RequestKind, Sequence, Wall};
use directory::policy::Role;
use screen::Viewer;
use screen::mirror::{Mirror, Reader};
use service::alarm::{Alarm, AlarmCode};
use service::control::Moment;
use service::facts::PageReport;
use service::port::hop::{Fact, Measure, SourceState, Traffic, What};
use wire::Sections;

use testing::small::{self, START, source_id, venue_id};

const VENUES: [&str; 4] = ["main", "a", "b", "c"];
const SOURCES: [&str; 5] = ["main.1", "main.2", "a.1", "b.1", "c.1"];

fn happen(moment: &mut Moment, event: Event) {
    let state = Arc::make_mut(&mut moment.state);
    let record = Record { seq: state.seq.next(), at: Wall(state.at.0 + 1), by: By::Server, event };
    state.apply(&record);
    Arc::make_mut(&mut moment.journal).push_front(record);
}

fn hear(moment: &mut Moment, what: impl Into<What>) {
    Arc::make_mut(&mut moment.facts).on_hop(Mono(0), START, &what.into());
}

fn anything(moment: &mut Moment, chance: &mut Random) {
    match chance.below(3) {
        0 => any_event(moment, chance),
        1 => any_report(moment, chance),
        _ => anything_else(moment, chance),
    }
}

fn any_event(moment: &mut Moment, chance: &mut Random) {
    let venue = venue_id(chance.pick::<&str>(&VENUES));
    let source = source_id(chance.pick::<&str>(&SOURCES));
    let request = RequestId::new(chance.pick::<&str>(&["r1", "r2", "r3"])).unwrap();
    let person = (chance.below(2) == 0).then(|| PersonId::new("ann").unwrap());
    let event = match chance.below(14) {
        0 => Event::Floor(floor::Event::Opened { venue, kind: LeaseKind::Open }),
        1 => Event::Floor(floor::Event::Closed { venue, why: FloorClosedWhy::Closed }),
        2 => Event::Membership(membership::Event::VenueJoined { venue }),
        3 => Event::Preview(preview::Event::Set { source: Some(source), held: chance.below(2) == 0 }),
        4 => Event::Preview(preview::Event::Set { source: None, held: false }),
        5 => Event::Programme(programme::Event::Set { scene: Scene::Full(source) }),
        6 => Event::Programme(programme::Event::Set { scene: Scene::Slate }),
        7 => Event::Floor(floor::Event::CallOnBegan {
            venue,
            source,
            person,
            request: Some(request),
            limit_s: None,
        }),
        8 => Event::Floor(floor::Event::CallOnEnded { venue }),
        9 => Event::Queue(queue::Event::Raised { request, venue, person, kind: RequestKind::Speech }),
        10 => Event::Queue(queue::Event::Speaking { request }),
        11 => Event::Queue(queue::Event::Removed { request, why: RemovedWhy::Withdrawn }),
        12 => Event::Course(course::Event::ItemBegan {
            item: ItemId::new(chance.pick::<&str>(&["opening", "reports"])).unwrap(),
        }),
        _ => Event::Course(course::Event::Started),
    };
    happen(moment, event);
}

fn any_report(moment: &mut Moment, chance: &mut Random) {
    let venue = venue_id(chance.pick::<&str>(&VENUES));
    let source = source_id(chance.pick::<&str>(&SOURCES));
    match chance.below(8) {
        0 => hear(moment, Fact::Shown { scene: Scene::Full(source), at: Mono(0) }),
        1 => hear(moment, Fact::Shown { scene: Scene::Slate, at: Mono(0) }),
        2 => {
            let live = chance.below(2) == 0;
            let state = SourceState { live, layers: vec![180], decodable: live };
            hear(moment, Fact::Source { source, state });
        }
        3 => hear(moment, Fact::Dropped { venue, packets: chance.below(1_000) }),
        4 => {
            let loss_permille = u16::try_from(chance.below(80)).unwrap();
            hear(moment, Measure::Quality { source, loss_permille, kbps: 500 });
        }
        5 => hear(moment, Fact::Waiting { source }),
        6 => {
            let out_kbps = u32::try_from(chance.below(9)).unwrap();
            Arc::make_mut(&mut moment.facts)
                .on_node(Mono(0), Traffic { in_kbps: 1, out_kbps, given_up: 0, sessions: 3 });
        }
        _ => {
            let (open, sequence) = (chance.below(2) == 0, moment.state.seq);
            hear(moment, Fact::Gate { venue, open, epoch: Epoch(1), sequence });
        }
    }
}

fn anything_else(moment: &mut Moment, chance: &mut Random) {
    let venue = venue_id(chance.pick::<&str>(&VENUES));
    match chance.below(6) {
        0 => {
            let code = if chance.below(2) == 0 { AlarmCode::Silent } else { AlarmCode::Loss };
            let value = Some(i64::try_from(chance.below(3)).unwrap());
            let alarm = Alarm {
                code,
                venues: vec![venue],
                unit: None,
                source: None,
                since: START,
                value,
                acknowledged: None,
            };
            moment.alarms = Arc::new(vec![alarm]);
        }
        1 => (moment.alarms, moment.alarms_cleared) = (Arc::default(), Some(START)),
        2 => {
            let report = PageReport { hidden: Some(chance.below(2) == 0), ..PageReport::default() };
            Arc::make_mut(&mut moment.facts).on_report(&venue, &report);
        }
        3 => {
            let losing = BTreeMap::from([(venue, Mono(0))]);
            Arc::make_mut(&mut moment.facts).note_losing(Mono(0), START, &losing);
        }
        4 => {
            let mut plan = small::plan();
            plan.venues.truncate(3 + usize::from(chance.below(2) == 0));
            (moment.plan, moment.generation) = (Arc::new(plan), moment.generation + 1);
        }
        _ => moment.generation += u32::from(chance.below(20) == 0),
    }
}

/// A mirror that begins with this moment.
fn anew(moment: &Moment) -> Mirror {
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), moment);
    mirror
}

/// A delta takes nothing away: a page still has venues that left the plan.
fn without_gone(state: &Sections, whole: &Sections) -> Sections {
    let mut state = state.clone();
    state.venues.retain(|venue, _| whole.venues.contains_key(venue));
    state
}

/// A mirror that followed still tells the names of those who were called before.
fn without_called(mut followed: Sections, anew: &Sections) -> Sections {
    if let (Some(followed), Some(anew)) = (&mut followed.directory, &anew.directory) {
        Arc::make_mut(followed).people.retain(|person, _| anew.people.contains_key(person));
    }
    followed
}

fn viewers() -> [Viewer; 4] {
    let viewer = |role, venue: Option<&str>| Viewer { role, venue: venue.map(venue_id) };
    [
        viewer(Role::Director, None),
        viewer(Role::Chair, None),
        viewer(Role::Venue, Some("a")),
        viewer(Role::Watcher, None),
    ]
}

#[test]
fn deltas_taken_at_any_time_give_what_a_snapshot_would() {
    for seed in 1..=60 {
        let mut chance = Random::new(seed);
        let mut moment = small::moment();
        happen(&mut moment, Event::Membership(membership::Event::Opened(small::roster())));
        let mut mirror = Mirror::new();
        let mut now = Mono(0);
        mirror.update(now, &moment);
        let mut pages: Vec<(Reader, u64, Sections)> = viewers()
            .into_iter()
            .map(|viewer| {
                let mut reader = Reader::new(viewer);
                let (rev, state) = reader.snapshot(&mirror);
                (reader, rev, state)
            })
            .collect();
        for _ in 0..200 {
            anything(&mut moment, &mut chance);
            now = Mono(now.0 + chance.below(400_000));
            let before = mirror.rev();
            let new = mirror.update(now, &moment);
            assert_eq!(mirror.rev(), before + u64::from(new), "seed {seed}");
            for (reader, rev, state) in &mut pages {
                // A slow page reads seldom, and then gets the latest state in one step.
                if chance.below(3) > 0 {
                    continue;
                }
                if let Some(step) = reader.step(&mirror) {
                    assert_eq!(step.from, *rev, "seed {seed}: no gap");
                    assert!(step.to > step.from);
                    *rev = step.to;
                    state.merge(step.set);
                }
                let whole = mirror.snapshot(reader.viewer());
                assert_eq!(without_gone(state, &whole), whole, "seed {seed}");
            }
        }
    }
}

#[test]
fn a_mirror_that_followed_shows_what_a_new_one_does() {
    for seed in 1..=60 {
        let mut chance = Random::new(seed);
        let mut moment = small::moment();
        happen(&mut moment, Event::Membership(membership::Event::Opened(small::roster())));
        let mut mirror = Mirror::new();
        let mut now = Mono(0);
        mirror.update(now, &moment);
        for _ in 0..100 {
            for _ in 0..=chance.below(3) {
                anything(&mut moment, &mut chance);
                now = Mono(now.0 + chance.below(400_000));
                mirror.update(now, &moment);
            }
            now = mirror.deadline().unwrap_or(now);
            mirror.update(now, &moment);
            assert_eq!(mirror.deadline(), None, "seed {seed}: nothing waits");
            for viewer in viewers() {
                let anew = anew(&moment).snapshot(&viewer);
                assert_eq!(without_called(mirror.snapshot(&viewer), &anew), anew, "seed {seed}");
            }
        }
    }
}

#[test]
fn only_what_changed_is_in_a_delta_and_only_for_those_who_see_it() {
    let mut moment = small::moment();
    happen(&mut moment, Event::Membership(membership::Event::Opened(small::roster())));
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), &moment);
    happen(&mut moment, Event::Floor(floor::Event::Opened { venue: venue_id("b"), kind: LeaseKind::Open }));
    mirror.update(Mono::from_millis(10), &moment);
    let names = |viewer: &Viewer| {
        let set = serde_json::to_value(mirror.delta(viewer, 1)).unwrap();
        set.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let [director, chair, venue, watcher] = viewers();
    assert_eq!(names(&director), ["floor", "journal", "venue:b"]);
    assert_eq!(names(&chair), names(&director));
    assert_eq!(names(&venue), ["floor"]);
    assert_eq!(names(&watcher), [] as [&str; 0]);
}

#[test]
fn nothing_new_is_no_revision_and_no_delta() {
    let moment = small::moment();
    let mut mirror = Mirror::new();
    assert!(mirror.update(Mono(0), &moment));
    assert!(!mirror.update(Mono(1), &moment));
    let mut reader = Reader::new(viewers()[0].clone());
    reader.snapshot(&mirror);
    assert_eq!(reader.step(&mirror), None);
}

#[test]
fn what_changes_all_the_time_is_published_once_a_second_and_acts_at_once() {
    let mut moment = small::moment();
    happen(&mut moment, Event::Membership(membership::Event::Opened(small::roster())));
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), &moment);
    let mut published = 0;
    for ms in (10..=5_000).step_by(10) {
        hear(&mut moment, Fact::Dropped { venue: venue_id("a"), packets: ms / 10 });
        published += u32::from(mirror.update(Mono::from_millis(ms), &moment));
    }
    assert!((4..=6).contains(&published), "{published} in 5 s");
    let due = mirror.deadline();
    happen(&mut moment, Event::Floor(floor::Event::Opened { venue: venue_id("a"), kind: LeaseKind::Open }));
    hear(&mut moment, Fact::Dropped { venue: venue_id("a"), packets: 9_999 });
    assert!(mirror.update(Mono::from_millis(5_005), &moment), "the act is published at once");
    let director = &viewers()[0];
    let section = mirror.snapshot(director).venues[&venue_id("a")].clone();
    assert!(section.lease && section.dropped < 9_999);
    let at = mirror.deadline().or(due).unwrap();
    assert!(mirror.update(at, &moment), "and the count at its time, without another event");
    assert_eq!(mirror.snapshot(director), anew(&moment).snapshot(director));
    assert_eq!(mirror.deadline(), None);
}

#[test]
fn a_venue_is_not_told_of_acts_that_do_not_concern_it() {
    let mut moment = small::moment();
    happen(&mut moment, Event::Membership(membership::Event::Opened(small::roster())));
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), &moment);
    let mut reader = Reader::new(viewers()[2].clone());
    reader.snapshot(&mirror);
    happen(&mut moment, Event::Membership(membership::Event::VenueJoined { venue: venue_id("b") }));
    happen(&mut moment, Event::Preview(preview::Event::Set { source: Some(source_id("c.1")), held: false }));
    assert!(mirror.update(Mono::from_millis(10), &moment));
    assert_eq!(reader.step(&mirror), None);
    happen(&mut moment, Event::Membership(membership::Event::VenueJoined { venue: venue_id("a") }));
    mirror.update(Mono::from_millis(20), &moment);
    let step = reader.step(&mirror).unwrap();
    assert_eq!((step.from, step.to), (1, 3));
    assert_eq!(step.set.journal.unwrap().lines.len(), 1);
}

#[test]
fn a_name_that_becomes_public_is_told_to_those_who_lack_it() {
    let mut moment = small::moment();
    happen(&mut moment, Event::Membership(membership::Event::Opened(small::roster())));
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), &moment);
    let mut reader = Reader::new(viewers()[3].clone());
    let (_, state) = reader.snapshot(&mirror);
    assert_eq!(state.directory.unwrap().people.len(), 1);
    happen(&mut moment, call_on_of_ann());
    mirror.update(Mono::from_millis(10), &moment);
    let step = reader.step(&mirror).unwrap();
    assert_eq!(step.set.directory.unwrap().people.len(), 2);
    assert_eq!(Sequence(2), moment.state.seq);
}

#[test]
fn a_page_that_comes_between_two_call_ons_of_a_person_has_the_name_at_the_second() {
    let mut moment = small::moment();
    happen(&mut moment, Event::Membership(membership::Event::Opened(small::roster())));
    happen(&mut moment, call_on_of_ann());
    let mut mirror = anew(&moment);
    happen(&mut moment, Event::Floor(floor::Event::CallOnEnded { venue: venue_id("a") }));
    mirror.update(Mono::from_millis(10), &moment);
    let mut reader = Reader::new(viewers()[3].clone());
    let (_, mut state) = reader.snapshot(&mirror);
    happen(&mut moment, call_on_of_ann());
    mirror.update(Mono::from_millis(20), &moment);
    state.merge(reader.step(&mirror).unwrap().set);
    let ann = state.call_on.unwrap().running.clone().unwrap().person.unwrap();
    assert!(state.directory.unwrap().people.contains_key(&ann));
}

fn call_on_of_ann() -> Event {
    Event::Floor(floor::Event::CallOnBegan {
        venue: venue_id("a"),
        source: source_id("a.1"),
        person: Some(PersonId::new("ann").unwrap()),
        request: None,
        limit_s: None,
    })
}
