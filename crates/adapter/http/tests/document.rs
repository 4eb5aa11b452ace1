//! The examples of `docs/protocol.md` are what the types of the protocol read and write.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::{
    ClientFrame, ErrorAnswer, Health, LinksAnswer, LogAnswer, OfficeAnswer, PersonEntry, ReadyLine, Sections,
    ServerFrame,
};

const DOCUMENT: &str = include_str!("../../../../docs/protocol.md");

/// Kinds of frames from clients and from the server; the matches below have no wildcard, so a new kind does not compile until it is here.
const CLIENT_KINDS: usize = 6;
const SERVER_KINDS: usize = 8;

fn of_client(frame: &ClientFrame) -> usize {
    match frame {
        ClientFrame::Hello { .. } => 0,
        ClientFrame::Ready { .. } => 1,
        ClientFrame::Resync => 2,
        ClientFrame::Cmd { .. } => 3,
        ClientFrame::Report(_) => 4,
        ClientFrame::View { .. } => 5,
    }
}

fn of_server(frame: &ServerFrame) -> usize {
    match frame {
        ServerFrame::Snapshot { .. } => 0,
        ServerFrame::Delta { .. } => 1,
        ServerFrame::Tick { .. } => 2,
        ServerFrame::Ack { .. } => 3,
        ServerFrame::Refused { .. } => 4,
        ServerFrame::Replaced { .. } => 5,
        ServerFrame::Error { .. } => 6,
        ServerFrame::ClosedUnlogged { .. } => 7,
    }
}

/// Lines of the examples of that kind.
fn examples(kind: &str) -> Vec<&'static str> {
    let fence = format!("```{kind}");
    let mut lines = DOCUMENT.lines();
    let mut found = Vec::new();
    while lines.any(|line| line == fence) {
        found.extend(lines.by_ref().take_while(|line| !line.starts_with("```")));
    }
    found
}

/// Reads an example and writes it again: nothing may be lost or added.
fn check<T: DeserializeOwned + Serialize>(line: &str) {
    let written: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    let read: T = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    assert_eq!(serde_json::to_value(read).unwrap(), written);
}

#[test]
fn every_example_is_read_by_the_types_and_written_alike() {
    let mut kind = None;
    let mut seen = 0;
    for line in DOCUMENT.lines() {
        match (line.strip_prefix("```"), kind) {
            (Some(fence), None) => kind = Some(fence),
            (Some(_), Some(_)) => kind = None,
            (None, None | Some("sh")) => {}
            (None, Some(kind)) => {
                seen += 1;
                match kind {
                    "json client" => check::<ClientFrame>(line),
                    "json server" => check::<ServerFrame>(line),
                    "json sections" => check::<Sections>(line),
                    "json error" => check::<ErrorAnswer>(line),
                    "json log" => check::<LogAnswer>(line),
                    "json people" => check::<Vec<PersonEntry>>(line),
                    "json office" => check::<OfficeAnswer>(line),
                    "json links" => check::<LinksAnswer>(line),
                    "json health" => check::<Health>(line),
                    "json ready" => check::<ReadyLine>(line),
                    other => panic!("an example of an unknown kind: {other:?}"),
                }
            }
        }
    }
    assert!(seen >= 22, "{seen} examples");
}

#[test]
fn every_kind_of_frame_has_an_example() {
    let client =
        examples("json client").into_iter().map(|line| of_client(&serde_json::from_str(line).unwrap()));
    assert_eq!(client.collect::<BTreeSet<_>>(), (0..CLIENT_KINDS).collect());
    let server =
        examples("json server").into_iter().map(|line| of_server(&serde_json::from_str(line).unwrap()));
    assert_eq!(server.collect::<BTreeSet<_>>(), (0..SERVER_KINDS).collect());
}

#[test]
fn every_act_and_every_code_is_named() {
    for act in directory::policy::ActKind::ALL {
        assert!(DOCUMENT.contains(&format!("`{}`", act.name())), "{}", act.name());
    }
}
