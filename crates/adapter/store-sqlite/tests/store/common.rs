//! A small organisation, and events that follow on each other.

use base::{Epoch, MeetingId, RunId, Wall};
use directory::{Codec, Contact, Directory, Item, Person, Plan, Source, Text, Unit, Venue};
use service::chain::{Head, Unsealed, seal};
use service::port::log::StoredEvent;
use service::port::runs::RunKind;
use store_sqlite::Store;

pub(crate) fn meeting() -> MeetingId {
    MeetingId::new("annual").unwrap()
}

pub(crate) fn run(name: &str) -> RunId {
    RunId::new(name).unwrap()
}

fn unit(id: &str, upper: Option<&str>, rank: u32) -> Unit {
    Unit {
        id: id.parse().unwrap(),
        upper: upper.map(|u| u.parse().unwrap()),
        rank,
        name: Text::new(format!("{id}单位"), id),
        short: Text::new("短", "short"),
    }
}

fn venue(id: &str, unit: &str, sources: u32) -> Venue {
    let source = |n| Source {
        id: format!("{id}.{n}").parse().unwrap(),
        name: Text::new(format!("机位 {n}"), format!("Camera {n}")),
    };
    Venue {
        id: id.parse().unwrap(),
        unit: unit.parse().unwrap(),
        rank: 1,
        name: Text::new(format!("{id}会场"), format!("Venue {id}")),
        short: Text::new("短", id),
        sources: (1..=sources).map(source).collect(),
        technician: Some(Contact { name: Text::new("值机", "Technician"), phone: "8001".into() }),
        search: vec![id.to_owned(), "duan".to_owned(), "d".to_owned()],
    }
}

fn person(id: &str, unit: &str, rank: u32) -> Person {
    Person {
        id: id.parse().unwrap(),
        unit: unit.parse().unwrap(),
        rank,
        name: Text::new("江予安", "Jiang Yu'an"),
    }
}

/// Three units, the venues given in a unit each, two people.
pub(crate) fn directory(venues: &[&str]) -> Directory {
    let units = vec![unit("head", None, 1), unit("b", Some("head"), 1), unit("a", Some("head"), 2)];
    let venues = venues
        .iter()
        .zip(["head", "b", "a"])
        .map(|(id, unit)| venue(id, unit, if *id == "main" { 2 } else { 1 }))
        .collect();
    let people = vec![person("chair", "head", 1), person("speaker", "b", 7)];
    Directory::new(
        Text::new("云岭集团", "Yunling Group"),
        vec![Text::new("总部", "Head"), Text::new("分部", "Branch")],
        units,
        venues,
        people,
    )
    .unwrap()
}

pub(crate) fn plan(id: &str, venues: &[&str]) -> Plan {
    let item = |n: u32| Item {
        id: format!("item{n}").parse().unwrap(),
        title: Text::new("环节", "Item"),
        minutes: n * 5,
        start: (n == 1).then_some(Wall(1_793_577_600_000)),
        person: (n == 2).then(|| "speaker".parse().unwrap()),
        venue: (n == 2).then(|| venues[1].parse().unwrap()),
    };
    Plan {
        id: id.parse().unwrap(),
        title: Text::new("年度会议", "Annual meeting"),
        start: Some(Wall(1_793_577_600_000)),
        zone: "Asia/Shanghai".to_owned(),
        chair_venue: venues[0].parse().unwrap(),
        chair: Some("chair".parse().unwrap()),
        contact: Some(Contact { name: Text::new("会务", "Office"), phone: "8000".into() }),
        codec: Codec::H264,
        venues: venues.iter().map(|v| v.parse().unwrap()).collect(),
        items: (1..=3).map(item).collect(),
    }
}

/// A store with the meeting and runs of these names.
pub(crate) async fn prepared(folder: &std::path::Path, runs: &[&str]) -> Store {
    let store = Store::open(folder).await.unwrap();
    let venues = ["main", "v002", "v003"];
    store.replace(directory(&venues), plan("annual", &venues)).await.unwrap();
    for name in runs {
        store.add_run(run(name), meeting(), RunKind::Held, Wall(1)).await.unwrap();
    }
    store
}

/// `count` events that follow on `head`.
pub(crate) fn following(run: &RunId, head: &Head, epoch: Epoch, count: u64) -> Vec<StoredEvent> {
    let mut head = head.clone();
    (0..count)
        .map(|_| {
            let seq = head.seq.next();
            let body = format!("{{\"run\":\"{run}\",\"number\":{seq}}}").into_bytes();
            let at = Wall(1_793_577_600_000 + i64::try_from(seq.0).unwrap());
            let event = Unsealed { seq, epoch, at, kind: "tested".into(), ver: 1, body };
            let sealed = seal(run, &head.hash, event);
            head = Head::after(&sealed);
            sealed
        })
        .collect()
}

pub(crate) fn head_of(run: &RunId, events: &[StoredEvent]) -> Head {
    events.last().map_or_else(|| Head::origin(run), Head::after)
}
