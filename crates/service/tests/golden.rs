//! Stored events. Their form outlives the code: what was written once must be readable for ever, so these files never change. A new form is a new
//! version with files of its own, in the folder of its number.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::PathBuf;

use base::{
    CommandKey, Epoch, ItemId, PersonId, RequestId, RequestKind, RunId, Sequence, SourceId, TokenId, VenueId,
    Wall,
};
use directory::policy::{ActKind, Role};
use meeting::{
    Act, By, Event, FloorClosedWhy, LeaseKind, Record, RemovedWhy, Roster, RosterVenue, Scene, course, floor,
    keys, membership, preview, programme, queue,
};
use service::port::log::StoredEvent;
use service::record;

/// Kinds of event; the match of [`place`] has no wildcard, so a new kind does not compile until it has its files.
const KINDS: usize = 21;

fn place(event: &Event) -> usize {
    match event {
        Event::Membership(membership::Event::Opened(_)) => 0,
        Event::Membership(membership::Event::RosterChanged(_)) => 1,
        Event::Course(course::Event::Started) => 2,
        Event::Course(course::Event::Ended) => 3,
        Event::Membership(membership::Event::VenueJoined { .. }) => 4,
        Event::Preview(preview::Event::Set { .. }) => 5,
        Event::Programme(programme::Event::Set { .. }) => 6,
        Event::Floor(floor::Event::Opened { .. }) => 7,
        Event::Floor(floor::Event::Closed { .. }) => 8,
        Event::Floor(floor::Event::CallOnBegan { .. }) => 9,
        Event::Floor(floor::Event::CallOnEnded { .. }) => 10,
        Event::Queue(queue::Event::Raised { .. }) => 11,
        Event::Queue(queue::Event::Speaking { .. }) => 12,
        Event::Queue(queue::Event::Waits { .. }) => 13,
        Event::Queue(queue::Event::Removed { .. }) => 14,
        Event::Course(course::Event::ItemBegan { .. }) => 15,
        Event::Keys(keys::Event::Unchanged) => 16,
        Event::Course(course::Event::EndedAndClosed) => 17,
        Event::Course(course::Event::Closed) => 18,
        Event::Course(course::Event::ClockJumped { .. }) => 19,
        Event::Course(course::Event::LossAccepted { .. }) => 20,
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
        items: vec![item()],
        policy: 1,
    }
}

fn raised(person: Option<PersonId>, kind: RequestKind) -> Event {
    Event::Queue(queue::Event::Raised { request: request(), venue: venue("v001"), person, kind })
}

fn by(role: Role, venue: Option<VenueId>, acting_for: Option<Role>, act: ActKind) -> By {
    By::Actor {
        role,
        venue,
        token: TokenId::new("t-9Fq").unwrap(),
        acting_for,
        key: CommandKey::new("01JABCDEF").unwrap(),
        act,
        effective: None,
        fields: None,
    }
}

/// As it is written since the log tells acts of a kind apart.
fn by_of(role: Role, venue: Option<VenueId>, act: &Act) -> By {
    match by(role, venue, None, act.kind()) {
        By::Actor { role, venue, token, acting_for, key, act: kind, effective, .. } => {
            By::Actor { role, venue, token, acting_for, key, act: kind, effective, fields: act.fields() }
        }
        By::Server => By::Server,
    }
}

/// It took effect four minutes before it could be stored.
fn late(by: By) -> By {
    let By::Actor { role, venue, token, acting_for, key, act, fields, .. } = by else { return by };
    By::Actor { role, venue, token, acting_for, key, act, fields, effective: Some(Wall(1_793_696_160_000)) }
}

/// What a file holds.
struct Golden {
    /// Version of the event's form, and folder of the file.
    ver: u16,
    name: String,
    record: Record,
}

/// Every kind of event in every form of its fields, as it is written.
#[expect(clippy::too_many_lines, reason = "a table with a row for each form")]
fn written() -> Vec<Golden> {
    use ActKind as A;
    let director = |act| by(Role::Director, None, None, act);
    let desk = |act| by(Role::Director, None, Some(Role::Chair), act);
    let chair = |act| by(Role::Chair, None, None, act);
    let hall = |act| by(Role::Venue, Some(venue("v001")), None, act);
    let floor_opened = |kind| Event::Floor(floor::Event::Opened { venue: venue("v001"), kind });
    let floor_closed = |why| Event::Floor(floor::Event::Closed { venue: venue("v001"), why });
    let removed = |why| Event::Queue(queue::Event::Removed { request: request(), why });
    let forms = vec![
        (By::Server, Event::Membership(membership::Event::Opened(roster(Some(person()))))),
        (By::Server, Event::Membership(membership::Event::Opened(roster(None)))),
        (By::Server, Event::Membership(membership::Event::RosterChanged(roster(None)))),
        (director(A::Start), Event::Course(course::Event::Started)),
        (director(A::End), Event::Course(course::Event::Ended)),
        (director(A::End), Event::Course(course::Event::EndedAndClosed)),
        (By::Server, Event::Course(course::Event::Closed)),
        (By::Server, Event::Course(course::Event::LossAccepted { had: Sequence(33), has: Sequence(28) })),
        (By::Server, Event::Membership(membership::Event::VenueJoined { venue: venue("v001") })),
        (
            director(A::Preview),
            Event::Preview(preview::Event::Set { source: Some(source("v001.1")), held: false }),
        ),
        (
            director(A::Take),
            Event::Preview(preview::Event::Set { source: Some(source("v001.1")), held: true }),
        ),
        (director(A::Preview), Event::Preview(preview::Event::Set { source: None, held: false })),
        (director(A::Take), Event::Programme(programme::Event::Set { scene: Scene::Full(source("main.2")) })),
        (director(A::Slate), Event::Programme(programme::Event::Set { scene: Scene::Slate })),
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
            Event::Floor(floor::Event::CallOnBegan {
                venue: venue("v001"),
                source: source("v001.1"),
                person: Some(person()),
                request: Some(request()),
                limit_s: Some(180),
            }),
        ),
        (
            chair(A::CallOn),
            Event::Floor(floor::Event::CallOnBegan {
                venue: venue("v001"),
                source: source("v001.1"),
                person: None,
                request: None,
                limit_s: None,
            }),
        ),
        (desk(A::EndCallOn), Event::Floor(floor::Event::CallOnEnded { venue: venue("v001") })),
        (hall(A::Raise), raised(Some(person()), RequestKind::Speech)),
        (hall(A::Raise), raised(None, RequestKind::Question)),
        (hall(A::Raise), raised(None, RequestKind::Remark)),
        (hall(A::Raise), raised(None, RequestKind::PointOfOrder)),
        (desk(A::CallOn), Event::Queue(queue::Event::Speaking { request: request() })),
        (desk(A::MuteAll), Event::Queue(queue::Event::Waits { request: request() })),
        (hall(A::Withdraw), removed(RemovedWhy::Withdrawn)),
        (chair(A::Drop), removed(RemovedWhy::Dropped)),
        (desk(A::EndCallOn), removed(RemovedWhy::Spoken)),
        (By::Server, removed(RemovedWhy::LeftRoster)),
        (director(A::Item), Event::Course(course::Event::ItemBegan { item: item() })),
        (desk(A::MuteAll), Event::Keys(keys::Event::Unchanged)),
        (By::Server, floor_closed(FloorClosedWhy::Unconfirmed)),
        (By::Server, Event::Course(course::Event::ClockJumped { by_ms: -8_640_000 })),
        (late(desk(A::MuteAll)), floor_closed(FloorClosedWhy::MutedAll)),
        (
            by_of(Role::Director, None, &preview::Act::Set { source: Some(source("v001.1")) }.into()),
            Event::Preview(preview::Event::Set { source: Some(source("v001.1")), held: false }),
        ),
        (
            by_of(
                Role::Venue,
                Some(venue("v001")),
                &queue::Act::Raise { person: Some(person()), kind: RequestKind::Remark }.into(),
            ),
            raised(Some(person()), RequestKind::Remark),
        ),
    ];
    let mut goldens: Vec<Golden> = Vec::new();
    for (by, event) in forms {
        let ver = event.version();
        goldens.push(golden_of(ver, by, event, &goldens));
    }
    goldens
}

/// Forms that are not written any more, each as what it means.
fn read_only() -> Vec<Golden> {
    let hall = || by(Role::Venue, Some(venue("v001")), None, ActKind::Raise);
    let mut goldens = Vec::new();
    for (by, event) in [
        (By::Server, Event::Membership(membership::Event::Opened(roster(Some(person()))))),
        (By::Server, Event::Membership(membership::Event::Opened(roster(None)))),
        (By::Server, Event::Membership(membership::Event::RosterChanged(roster(None)))),
        (hall(), raised(Some(person()), RequestKind::Speech)),
        (hall(), raised(None, RequestKind::Speech)),
    ] {
        goldens.push(golden_of(1, by, event, &goldens));
    }
    goldens
}

/// The next golden of this kind and version.
fn golden_of(ver: u16, by: By, event: Event, before: &[Golden]) -> Golden {
    let same = |golden: &&Golden| golden.ver == ver && golden.record.event.kind() == event.kind();
    let name = format!("{}.{}.json", event.kind(), before.iter().filter(same).count() + 1);
    let record = Record { seq: Sequence(7), at: Wall(1_793_696_400_000), by, event };
    Golden { ver, name, record }
}

fn every_golden() -> Vec<Golden> {
    written().into_iter().chain(read_only()).collect()
}

impl Golden {
    fn path(&self) -> PathBuf {
        folder().join(format!("v{}", self.ver)).join(&self.name)
    }

    fn bytes(&self) -> Vec<u8> {
        let path = self.path();
        let mut bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(bytes.pop(), Some(b'\n'), "{} ends with its line", path.display());
        bytes
    }

    fn stored(&self) -> StoredEvent {
        stored(&self.record, self.ver, self.bytes())
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn stored(record: &Record, ver: u16, body: Vec<u8>) -> StoredEvent {
    StoredEvent {
        seq: record.seq,
        epoch: Epoch(1),
        at: record.at,
        kind: record.event.kind().to_owned(),
        ver,
        alg: "sha256".to_owned(),
        body,
        prev: vec![],
        hash: vec![],
    }
}

#[test]
fn every_kind_of_event_has_its_files_and_no_file_is_without_its_event() {
    let goldens = every_golden();
    let places: BTreeSet<usize> = goldens.iter().map(|golden| place(&golden.record.event)).collect();
    assert_eq!(places, (0..KINDS).collect());
    let paths: BTreeSet<PathBuf> = goldens.iter().map(Golden::path).collect();
    assert_eq!(paths.len(), goldens.len(), "each has a file of its own");
    let entries = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: BTreeSet<PathBuf> = entries(folder()).flat_map(entries).collect();
    assert_eq!(files, paths);
}

#[test]
fn every_event_ever_written_is_read_as_it_was_meant() {
    for golden in every_golden() {
        let name = golden.path();
        let name = name.display();
        let read = record::read(&golden.stored()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read, golden.record, "{name}");
    }
}

#[test]
fn the_writer_still_makes_the_same_bytes() {
    let run = RunId::new("annual.held").unwrap();
    for golden in written() {
        let (name, record) = (golden.path(), &golden.record);
        let made = record::seal(&run, Epoch(1), b"before", record);
        assert_eq!((made.ver, made.kind.as_str()), (golden.ver, record.event.kind()));
        let (made, kept) = (String::from_utf8_lossy(&made.body), golden.bytes());
        assert_eq!(made, String::from_utf8_lossy(&kept), "{}", name.display());
    }
}

#[test]
fn an_event_of_a_newer_version_or_of_another_kind_is_not_taken_for_this_one() {
    for golden in written() {
        let (good, kind) = (golden.stored(), golden.record.event.kind());
        for ver in [0, 3] {
            let error = record::read(&StoredEvent { ver, ..good.clone() }).unwrap_err();
            assert_eq!(error.to_string(), format!("event 7 ({kind}, version {ver}) cannot be read"));
        }
        let other = if kind == "started" { "unchanged" } else { "started" };
        let other = StoredEvent { kind: other.to_owned(), ver: 1, ..good };
        assert!(record::read(&other).is_err(), "{kind} under another name");
    }
    let unchanged = written()
        .into_iter()
        .find(|golden| golden.record.event == Event::Keys(keys::Event::Unchanged))
        .unwrap();
    assert!(record::read(&StoredEvent { ver: 2, ..unchanged.stored() }).is_err(), "it has one version");
}

#[test]
fn what_is_not_an_event_is_refused_by_its_place_and_kind() {
    let golden = written().remove(0);
    for body in [&b""[..], b"{}", b"[]", br#"{"by":"server","event":"sang"}"#, b"\xff"] {
        let error = record::read(&stored(&golden.record, 2, body.to_vec())).unwrap_err();
        assert_eq!(error.to_string(), "event 7 (opened, version 2) cannot be read");
    }
}

/// Read by its kind alone: a body is given to the part whose kind it is, and what is wrong with it is said by that part.
#[test]
fn an_event_is_read_by_its_kind_and_what_is_wrong_with_it_is_named() {
    let check = |kind: &str, event: &str, want: &str| {
        let event = format!(r#"{{"by":"server","event":{event}}}"#);
        let golden = written().remove(0);
        let stored =
            StoredEvent { kind: kind.to_owned(), ver: 1, ..stored(&golden.record, 1, event.into_bytes()) };
        let cause = record::read(&stored).unwrap_err().source().map(ToString::to_string).unwrap_or_default();
        assert!(cause.contains(want), "{kind}: {cause}");
    };
    check("sang", r#""sang""#, "no part has events of that kind");
    check("floor_opened", r#""started""#, "unknown variant `started`, expected one of `floor_opened`");
    check("floor_opened", r#"{"floor_closed":{"venue":"v1","why":"closed"}}"#, "its kind or version");
    check("floor_opened", r#"{"floor_opened":{"venue":"v1","kind":"loud"}}"#, "unknown variant `loud`");
    check("floor_opened", r#"{"floor_opened":{"venue":"v 1","kind":"open"}}"#, "an id is made of");
    check("request_raised", r#"{"request_raised":{"venue":"v1"}}"#, "missing field `request`");
}

#[test]
fn a_hundred_thousand_events_are_read_and_none_for_another() {
    const EVENTS: usize = 100_000;
    let goldens: Vec<(Golden, StoredEvent)> = every_golden()
        .into_iter()
        .map(|g| {
            let stored = g.stored();
            (g, stored)
        })
        .collect();
    let mut read: BTreeMap<&str, usize> = BTreeMap::new();
    for (golden, stored) in goldens.iter().cycle().take(EVENTS) {
        let record = record::read(stored).unwrap();
        assert_eq!(record, golden.record);
        *read.entry(record.event.kind()).or_default() += 1;
    }
    assert_eq!(read.values().sum::<usize>(), EVENTS);
    assert_eq!(read.len(), 20, "every kind is among them");
}
