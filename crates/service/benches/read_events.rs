//! How long 100,000 stored events take to be read: `cargo bench -p onehall-service --bench read_events`.
//!
//! The events are the golden files of version 1, over and over, so the same program measures every version of the reader. It tells the shortest and
//! the middle of 21 turns; nothing fails by them.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench fails by panicking, and its figures are for a person"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use base::{Epoch, Sequence, Wall};
use service::port::log::StoredEvent;
use service::record;

const EVENTS: usize = 100_000;
const TURNS: usize = 21;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1");
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let forms: Vec<StoredEvent> = names.iter().map(|name| stored(name)).collect();
    let events: Vec<&StoredEvent> = forms.iter().cycle().take(EVENTS).collect();
    let mut turns: Vec<Duration> = (0..TURNS).map(|_| turn(&events)).collect();
    turns.sort();
    println!("{EVENTS} events: shortest {:?}, middle {:?}", turns[0], turns[TURNS / 2]);
}

fn turn(events: &[&StoredEvent]) -> Duration {
    let begin = Instant::now();
    for event in events {
        let record = record::read(event).unwrap_or_else(|error| panic!("{error}"));
        std::hint::black_box(record);
    }
    begin.elapsed()
}

fn stored(path: &Path) -> StoredEvent {
    let name = path.file_name().unwrap().to_str().unwrap();
    let mut body = fs::read(path).unwrap();
    assert_eq!(body.pop(), Some(b'\n'), "{name} ends with its line");
    StoredEvent {
        seq: Sequence(1),
        epoch: Epoch(1),
        at: Wall(0),
        kind: name.split('.').next().unwrap().to_owned(),
        ver: 1,
        alg: "sha256".to_owned(),
        body,
        prev: vec![],
        hash: vec![],
    }
}
