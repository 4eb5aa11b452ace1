//! The examples of `docs/protocol.md` are what the types of the protocol read and write.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::{ClientFrame, ErrorAnswer, Health, LogAnswer, OfficeAnswer, ReadyLine, Sections, ServerFrame};

const DOCUMENT: &str = include_str!("../../../../docs/protocol.md");

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
                    "json office" => check::<OfficeAnswer>(line),
                    "json health" => check::<Health>(line),
                    "json ready" => check::<ReadyLine>(line),
                    other => panic!("an example of an unknown kind: {other:?}"),
                }
            }
        }
    }
    assert!(seen >= 19, "{seen} examples");
}

#[test]
fn every_act_and_every_code_is_named() {
    for act in directory::policy::ActKind::ALL {
        assert!(DOCUMENT.contains(&format!("`{}`", act.name())), "{}", act.name());
    }
}
