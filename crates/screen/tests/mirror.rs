//! Deltas against snapshots, by seed.

use std::sync::Arc;

use ::meeting::{By, Event, LeaseKind, Record, Scene, floor, membership, preview, programme};
use base::random::Random;
use base::{Mono, Sequence, Wall};
use directory::policy::Role;
use screen::mirror::{Mirror, Reader};
use screen::projection::{Viewer, complete};
use service::control::View;
use service::port::hop::{Fact, Measure, SourceState, What};
use wire::Sections;

use testing::small::{self, START, source_id, venue_id};

const VENUES: [&str; 4] = ["main", "a", "b", "c"];
const SOURCES: [&str; 5] = ["main.1", "main.2", "a.1", "b.1", "c.1"];

fn happen(view: &mut View, event: Event) {
    let state = Arc::make_mut(&mut view.state);
    let record = Record { seq: state.seq.next(), at: Wall(state.at.0 + 1), by: By::Server, event };
    state.apply(&record);
    Arc::make_mut(&mut view.journal).push_front(record);
}

fn hear(view: &mut View, what: impl Into<What>) {
    Arc::make_mut(&mut view.facts).on_hop(Mono(0), START, &what.into());
}

fn anything(view: &mut View, chance: &mut Random) {
    let venue = venue_id(chance.pick::<&str>(&VENUES));
    let source = source_id(chance.pick::<&str>(&SOURCES));
    match chance.below(9) {
        0 => happen(view, Event::Floor(floor::Event::Opened { venue, kind: LeaseKind::Open })),
        1 => happen(view, Event::Membership(membership::Event::VenueJoined { venue })),
        2 => happen(
            view,
            Event::Preview(preview::Event::Set { source: Some(source), held: chance.below(2) == 0 }),
        ),
        3 => happen(view, Event::Programme(programme::Event::Set { scene: Scene::Full(source) })),
        4 => hear(view, Fact::Shown { scene: Scene::Full(source), at: Mono(0) }),
        5 => {
            let live = chance.below(2) == 0;
            let state = SourceState { live, layers: vec![180], decodable: live };
            hear(view, Fact::Source { source, state });
        }
        6 => hear(view, Fact::Dropped { venue, packets: chance.below(1_000) }),
        7 => {
            let loss_permille = u16::try_from(chance.below(80)).unwrap();
            hear(view, Measure::Quality { source, loss_permille, kbps: 500 });
        }
        _ => view.generation += u32::from(chance.below(20) == 0),
    }
}

/// What a page does with a delta.
fn merge(state: &mut Sections, set: Sections) {
    macro_rules! take {
        ($($name:ident),*) => { $( if set.$name.is_some() { state.$name = set.$name; } )* };
    }
    take!(meeting, directory, programme, preview, floor, call_on, queue, rundown, alarms, journal, node);
    state.venues.extend(set.venues);
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
        let mut view = small::view();
        happen(&mut view, Event::Membership(membership::Event::Opened(small::roster())));
        let mut mirror = Mirror::new();
        let mut now = Mono(0);
        mirror.update(now, &view);
        let mut pages: Vec<(Reader, u64, Sections)> = viewers()
            .into_iter()
            .map(|viewer| {
                let mut reader = Reader::new(viewer);
                let (rev, state) = reader.snapshot(&mirror);
                (reader, rev, state)
            })
            .collect();
        for _ in 0..200 {
            anything(&mut view, &mut chance);
            now = Mono(now.0 + chance.below(400_000));
            let before = mirror.rev();
            let new = mirror.update(now, &view);
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
                    merge(state, step.set);
                }
                assert_eq!(*state, mirror.snapshot(reader.viewer()), "seed {seed}");
            }
        }
    }
}

#[test]
fn nothing_new_is_no_revision_and_no_delta() {
    let view = small::view();
    let mut mirror = Mirror::new();
    assert!(mirror.update(Mono(0), &view));
    assert!(!mirror.update(Mono(1), &view));
    let mut reader = Reader::new(viewers()[0].clone());
    reader.snapshot(&mirror);
    assert_eq!(reader.step(&mirror), None);
}

#[test]
fn what_changes_all_the_time_is_published_once_a_second_and_acts_at_once() {
    let mut view = small::view();
    happen(&mut view, Event::Membership(membership::Event::Opened(small::roster())));
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), &view);
    let mut published = 0;
    for ms in (10..=5_000).step_by(10) {
        hear(&mut view, Fact::Dropped { venue: venue_id("a"), packets: ms / 10 });
        published += u32::from(mirror.update(Mono::from_millis(ms), &view));
    }
    assert!((4..=6).contains(&published), "{published} in 5 s");
    let due = mirror.deadline();
    happen(&mut view, Event::Floor(floor::Event::Opened { venue: venue_id("a"), kind: LeaseKind::Open }));
    hear(&mut view, Fact::Dropped { venue: venue_id("a"), packets: 9_999 });
    assert!(mirror.update(Mono::from_millis(5_005), &view), "the act is published at once");
    let director = &viewers()[0];
    let section = mirror.snapshot(director).venues["venue:a"].clone();
    assert!(section.lease && section.dropped < 9_999);
    let at = mirror.deadline().or(due).unwrap();
    assert!(mirror.update(at, &view), "and the count at its time, without another event");
    assert_eq!(mirror.snapshot(director), complete(&view, None));
    assert_eq!(mirror.deadline(), None);
}

#[test]
fn a_venue_is_not_told_of_acts_that_do_not_concern_it() {
    let mut view = small::view();
    happen(&mut view, Event::Membership(membership::Event::Opened(small::roster())));
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), &view);
    let mut reader = Reader::new(viewers()[2].clone());
    reader.snapshot(&mirror);
    happen(&mut view, Event::Membership(membership::Event::VenueJoined { venue: venue_id("b") }));
    happen(&mut view, Event::Preview(preview::Event::Set { source: Some(source_id("c.1")), held: false }));
    assert!(mirror.update(Mono::from_millis(10), &view));
    assert_eq!(reader.step(&mirror), None);
    happen(&mut view, Event::Membership(membership::Event::VenueJoined { venue: venue_id("a") }));
    mirror.update(Mono::from_millis(20), &view);
    let step = reader.step(&mirror).unwrap();
    assert_eq!((step.from, step.to), (1, 3));
    assert_eq!(step.set.journal.unwrap().lines.len(), 1);
}

#[test]
fn a_name_that_becomes_public_is_told_to_those_who_lack_it() {
    let mut view = small::view();
    happen(&mut view, Event::Membership(membership::Event::Opened(small::roster())));
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), &view);
    let mut reader = Reader::new(viewers()[3].clone());
    let (_, state) = reader.snapshot(&mirror);
    assert_eq!(state.directory.unwrap().people.len(), 1);
    happen(
        &mut view,
        Event::Floor(floor::Event::CallOnBegan {
            venue: venue_id("a"),
            source: source_id("a.1"),
            person: Some(base::PersonId::new("ann").unwrap()),
            request: None,
            limit_s: None,
        }),
    );
    mirror.update(Mono::from_millis(10), &view);
    let step = reader.step(&mirror).unwrap();
    assert_eq!(step.set.directory.unwrap().people.len(), 2);
    assert_eq!(Sequence(2), view.state.seq);
}
