//! Stored events, version 1. Their form outlives the code: what was written once must be readable for ever, so these files never change. A new
//! form is a new version with files of its own beside these.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use base::{
    CommandKey, Epoch, ItemId, PersonId, RequestId, RunId, Sequence, SourceId, TokenId, VenueId, Wall,
};
use directory::policy::{ActKind, Role};
use meeting::{By, Event, FloorClosedWhy, LeaseKind, Record, RemovedWhy, Roster, RosterVenue, Scene};
use service::log::StoredEvent;
use service::record;

/// Kinds of event; the match of [`place`] has no wildcard, so a new kind does not compile until it has its files.
const KINDS: usize = 17;

fn place(event: &Event) -> usize {
    match event {
        Event::Opened(_) => 0,
        Event::RosterChanged(_) => 1,
        Event::Started => 2,
        Event::Ended => 3,
        Event::VenueJoined { .. } => 4,
        Event::PreviewSet { .. } => 5,
        Event::ProgrammeSet { .. } => 6,
        Event::FloorOpened { .. } => 7,
        Event::FloorClosed { .. } => 8,
        Event::CallOnBegan { .. } => 9,
        Event::CallOnEnded { .. } => 10,
        Event::RequestRaised { .. } => 11,
        Event::RequestSpeaking { .. } => 12,
        Event::RequestWaits { .. } => 13,
        Event::RequestRemoved { .. } => 14,
        Event::ItemBegan { .. } => 15,
        Event::Unchanged => 16,
    }
}

fn venue(id: &str) -> VenueId {
    VenueId::new(id).unwrap()
}

fn source(id: &str) -> SourceId {
    SourceId::new(id).unwrap()
}

fn person() -> PersonId {
    PersonId::new("p-017").unwrap()
}

fn request() -> RequestId {
    RequestId::new("r42").unwrap()
}

fn item() -> ItemId {
    ItemId::new("item-3").unwrap()
}

fn roster(chair: Option<PersonId>) -> Roster {
    let room = |id: &str, sources: &[&str]| RosterVenue {
        id: venue(id),
        sources: sources.iter().map(|id| source(id)).collect(),
    };
    Roster {
        venues: vec![room("main", &["main.1", "main.2"]), room("v001", &["v001.1"])],
        chair_venue: venue("main"),
        chair,
        people: [person(), PersonId::new("p-018").unwrap()].into(),
        items: vec![item()],
        policy: 1,
    }
}

fn by(role: Role, venue: Option<VenueId>, acting_for: Option<Role>, act: ActKind) -> By {
    By::Actor {
        role,
        venue,
        token: TokenId::new("t-9Fq").unwrap(),
        acting_for,
        key: CommandKey::new("01JABCDEF").unwrap(),
        act,
    }
}

/// Every kind of event in every form of its fields, by the name of its file.
#[expect(clippy::too_many_lines, reason = "a table with a row for each form")]
fn every_event() -> Vec<(String, Record)> {
    use ActKind as A;
    let director = |act| by(Role::Director, None, None, act);
    let desk = |act| by(Role::Director, None, Some(Role::Chair), act);
    let chair = |act| by(Role::Chair, None, None, act);
    let hall = |act| by(Role::Venue, Some(venue("v001")), None, act);
    let floor_opened = |kind| Event::FloorOpened { venue: venue("v001"), kind };
    let floor_closed = |why| Event::FloorClosed { venue: venue("v001"), why };
    let removed = |why| Event::RequestRemoved { request: request(), why };
    let forms = vec![
        (By::Server, Event::Opened(roster(Some(person())))),
        (By::Server, Event::Opened(roster(None))),
        (By::Server, Event::RosterChanged(roster(None))),
        (director(A::Start), Event::Started),
        (director(A::End), Event::Ended),
        (By::Server, Event::VenueJoined { venue: venue("v001") }),
        (director(A::Preview), Event::PreviewSet { source: Some(source("v001.1")), held: false }),
        (director(A::Take), Event::PreviewSet { source: Some(source("v001.1")), held: true }),
        (director(A::Preview), Event::PreviewSet { source: None, held: false }),
        (director(A::Take), Event::ProgrammeSet { scene: Scene::Full(source("main.2")) }),
        (director(A::Slate), Event::ProgrammeSet { scene: Scene::Slate }),
        (director(A::Start), floor_opened(LeaseKind::Standing)),
        (desk(A::CallOn), floor_opened(LeaseKind::CallOn)),
        (chair(A::OpenFloor), floor_opened(LeaseKind::Open)),
        (chair(A::CloseFloor), floor_closed(FloorClosedWhy::Closed)),
        (desk(A::CallOn), floor_closed(FloorClosedWhy::Exclusive)),
        (desk(A::EndCallOn), floor_closed(FloorClosedWhy::CallOnEnded)),
        (desk(A::MuteAll), floor_closed(FloorClosedWhy::MutedAll)),
        (By::Server, floor_closed(FloorClosedWhy::LinkLost)),
        (director(A::End), floor_closed(FloorClosedWhy::MeetingEnded)),
        (By::Server, floor_closed(FloorClosedWhy::LeftRoster)),
        (
            desk(A::CallOn),
            Event::CallOnBegan {
                venue: venue("v001"),
                source: source("v001.1"),
                person: Some(person()),
                request: Some(request()),
                limit_s: Some(180),
            },
        ),
        (
            chair(A::CallOn),
            Event::CallOnBegan {
                venue: venue("v001"),
                source: source("v001.1"),
                person: None,
                request: None,
                limit_s: None,
            },
        ),
        (desk(A::EndCallOn), Event::CallOnEnded { venue: venue("v001") }),
        (
            hall(A::Raise),
            Event::RequestRaised { request: request(), venue: venue("v001"), person: Some(person()) },
        ),
        (hall(A::Raise), Event::RequestRaised { request: request(), venue: venue("v001"), person: None }),
        (desk(A::CallOn), Event::RequestSpeaking { request: request() }),
        (desk(A::MuteAll), Event::RequestWaits { request: request() }),
        (hall(A::Withdraw), removed(RemovedWhy::Withdrawn)),
        (chair(A::Drop), removed(RemovedWhy::Dropped)),
        (desk(A::EndCallOn), removed(RemovedWhy::Spoken)),
        (By::Server, removed(RemovedWhy::LeftRoster)),
        (director(A::Item), Event::ItemBegan { item: item() }),
        (desk(A::MuteAll), Event::Unchanged),
    ];
    let mut named: Vec<(String, Record)> = Vec::new();
    for (by, event) in forms {
        let kind = event.kind();
        let n = named.iter().filter(|(_, record)| record.event.kind() == kind).count() + 1;
        let record = Record { seq: Sequence(7), at: Wall(1_793_696_400_000), by, event };
        named.push((format!("{kind}.{n}.json"), record));
    }
    named
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

fn golden(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    let mut bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(bytes.pop(), Some(b'\n'), "{name} ends with its line");
    bytes
}

fn stored(record: &Record, body: Vec<u8>) -> StoredEvent {
    StoredEvent {
        seq: record.seq,
        epoch: Epoch(1),
        at: record.at,
        kind: record.event.kind().to_owned(),
        ver: 1,
        alg: "sha256".to_owned(),
        body,
        prev: vec![],
        hash: vec![],
    }
}

#[test]
fn every_kind_of_event_has_its_files_and_no_file_is_without_its_event() {
    let events = every_event();
    let places: BTreeSet<usize> = events.iter().map(|(_, record)| place(&record.event)).collect();
    assert_eq!(places, (0..KINDS).collect());
    let names: BTreeSet<String> = events.into_iter().map(|(name, _)| name).collect();
    let files: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, names);
}

#[test]
fn every_event_ever_written_is_read_as_it_was_meant() {
    for (name, record) in every_event() {
        let read =
            record::read(&stored(&record, golden(&name))).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read, record, "{name}");
    }
}

#[test]
fn the_writer_still_makes_the_same_bytes() {
    let run = RunId::new("annual.held").unwrap();
    for (name, record) in every_event() {
        let made = record::seal(&run, Epoch(1), b"before", &record);
        assert_eq!((made.ver, made.kind.as_str()), (1, record.event.kind()));
        assert_eq!(String::from_utf8_lossy(&made.body), String::from_utf8_lossy(&golden(&name)), "{name}");
    }
}

#[test]
fn an_event_of_a_newer_version_or_of_another_kind_is_not_taken_for_this_one() {
    let (name, record) = every_event().pop().unwrap();
    let good = stored(&record, golden(&name));
    let newer = StoredEvent { ver: 2, ..good.clone() };
    assert_eq!(
        record::read(&newer).unwrap_err().to_string(),
        "event 7 (unchanged, version 2) cannot be read"
    );
    let other = StoredEvent { kind: "started".to_owned(), ..good };
    assert_eq!(record::read(&other).unwrap_err().to_string(), "event 7 (started, version 1) cannot be read");
}

#[test]
fn what_is_not_an_event_is_refused_by_its_place_and_kind() {
    let (_, record) = every_event().remove(0);
    for body in [&b""[..], b"{}", b"[]", br#"{"by":"server","event":"sang"}"#, b"\xff"] {
        let error = record::read(&stored(&record, body.to_vec())).unwrap_err();
        assert_eq!(error.to_string(), "event 7 (opened, version 1) cannot be read");
    }
}
