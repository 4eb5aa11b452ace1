//! Each section as each role sees it, against committed files: `tests/snapshot/SECTION.json`, a value for each role, those of all venues in one file.
//!
//! `ONEHALL_SNAPSHOTS=write cargo test -p onehall-screen` writes them anew; the difference is then read like any other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base::{ItemId, MicrophoneReport, Mono, PersonId, RequestKind, VenueId};
use directory::policy::Role;
use directory::{Contact, Text};
use meeting::{Act, Scene, across, course, preview, queue};
use screen::Viewer;
use screen::mirror::Mirror;
use serde_json::{Map, Value};
use service::facts::PageReport;
use service::port::hop::{Fact, Measure, SourceState, Traffic};
use testing::held::Held;
use testing::small::{self, START, source_id, venue_id};

/// A call-on of `a` for the request it raised, `b` waits, `c` was here and is lost, an item has begun, and a packet without a lease was dropped.
fn fixture() -> Held {
    let mut plan = small::plan();
    plan.contact = Some(Contact { name: Text::new("总值机", "hotline"), phone: "12".into() });
    plan.items[0].start = Some(START);
    let mut held = Held::new(small::directory(), plan).unwrap();
    let [a, b, c] = ["a", "b", "c"].map(venue_id);
    for source in ["main.1", "main.2", "a.1", "b.1", "c.1"] {
        held.hop(source_state(source, true)).unwrap();
    }
    held.pass_ms(1_000);
    director(&mut held, Act::Across(across::Act::Start));
    director(&mut held, Act::Course(course::Act::Item { item: ItemId::new("opening").unwrap() }));
    held.act(
        Role::Venue,
        Some(&a),
        Act::Queue(queue::Act::Raise {
            person: Some(PersonId::new("ann").unwrap()),
            kind: RequestKind::Question,
        }),
    )
    .unwrap();
    held.pass_ms(1_000);
    held.act(
        Role::Venue,
        Some(&b),
        Act::Queue(queue::Act::Raise { person: None, kind: RequestKind::Speech }),
    )
    .unwrap();
    let request = held.moment().state.queue()[0].id.clone();
    let (venue, person) = (a.clone(), Some(PersonId::new("ann").unwrap()));
    director(
        &mut held,
        Act::Across(across::Act::CallOn {
            venue,
            source: None,
            person,
            limit_s: Some(300),
            request: Some(request),
        }),
    );
    held.gate(&a, true).unwrap();
    held.gate(&venue_id("main"), true).unwrap();
    let scene = Scene::Full(source_id("a.1"));
    held.hop(Fact::Shown { scene, at: Mono(0) }).unwrap();
    director(&mut held, Act::Preview(preview::Act::Set { source: Some(source_id("b.1")) }));
    held.hop(source_state("c.1", false)).unwrap();
    held.hop(Fact::Dropped { venue: b.clone(), packets: 7 }).unwrap();
    held.node(Traffic { in_kbps: 5_000, out_kbps: 9_000, given_up: 0, sessions: 6 }).unwrap();
    let report = PageReport {
        level: Some(-30),
        microphone: Some(MicrophoneReport::Open),
        sound_blocked: Some(true),
        hidden: Some(false),
        camera: Some([1280, 720, 25]),
        camera_fault: None,
    };
    held.report(&a, report).unwrap();
    held.pass_ms(1_000);
    let (source, loss_permille) = (source_id("b.1"), 20);
    held.hop(Measure::Quality { source, loss_permille, kbps: 900 }).unwrap();
    held.tick().unwrap();
    assert!(held.moment().facts.venue(&c).is_some());
    held
}

fn director(held: &mut Held, act: Act) {
    held.act(Role::Director, None, act).unwrap();
}

fn source_state(source: &str, live: bool) -> Fact {
    let layers = if live { vec![180, 360] } else { vec![] };
    let state = SourceState { live, layers, decodable: live };
    Fact::Source { source: source_id(source), state }
}

const ROLES: [(&str, Role, Option<&str>); 4] = [
    ("director", Role::Director, None),
    ("chair", Role::Chair, None),
    ("venue a", Role::Venue, Some("a")),
    ("watcher", Role::Watcher, None),
];

/// Sections by name, then by role. Sections of one kind are together.
fn seen() -> BTreeMap<String, Map<String, Value>> {
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), &fixture().moment());
    let mut sections: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (role_name, role, venue) in ROLES {
        let viewer = Viewer { role, venue: venue.map(|venue| VenueId::new(venue).unwrap()) };
        let Value::Object(state) = serde_json::to_value(mirror.snapshot(&viewer)).unwrap() else { continue };
        for (name, value) in state {
            match name.split_once(':') {
                None => drop(sections.entry(name).or_default().insert(role_name.to_owned(), value)),
                Some((kind, key)) => {
                    let roles = sections.entry(kind.to_owned()).or_default();
                    let of_role = roles.entry(role_name).or_insert(Value::Object(Map::new()));
                    of_role.as_object_mut().unwrap().insert(key.to_owned(), value);
                }
            }
        }
    }
    sections
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshot")
}

#[test]
fn each_role_is_shown_each_section_as_the_committed_file_says() {
    let seen = seen();
    if std::env::var_os("ONEHALL_SNAPSHOTS").is_some_and(|word| word == "write") {
        std::fs::create_dir_all(folder()).unwrap();
        for (name, roles) in &seen {
            let text = serde_json::to_string_pretty(roles).unwrap() + "\n";
            std::fs::write(folder().join(format!("{name}.json")), text).unwrap();
        }
    }
    let committed: BTreeMap<String, Map<String, Value>> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), serde_json::from_str(&text).unwrap())
        })
        .collect();
    assert_eq!(
        seen.keys().collect::<Vec<_>>(),
        committed.keys().collect::<Vec<_>>(),
        "a file for each section"
    );
    for (name, roles) in &seen {
        assert_eq!(roles, &committed[name], "section {name}; if this is meant: ONEHALL_SNAPSHOTS=write");
    }
}
