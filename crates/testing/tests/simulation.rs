//! The simulation that every `cargo test` runs, and the proof that it finds what is wrong.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and its trace is for a person"
)]

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

use meeting::planted::Bug;
use testing::pinned::{self, SEEDS_PINNED, SeedHash};
use testing::{Trace, replay, run_many};

const SEQUENCES: u64 = 100_000;
/// Every kind of command is accepted and refused at least so often.
const LEAST: u64 = 1_000;
/// Within so many sequences a planted fault must be found.
const FOUND_WITHIN: u64 = 2_000;
/// The hash over the logs of the first seeds, then each seed's.
const LOGS: &str = include_str!("logs.txt");
/// Over what their screens were told.
const SCREENS: &str = include_str!("screens.txt");

/// The first seed, from the environment: `ONEHALL_SEED=N` replays that one alone, `ONEHALL_SEQUENCES` sets how many there are.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn print(trace: &Trace) {
    trace.lines().iter().for_each(|line| println!("{line}"));
}

/// What the first seeds gave is what is pinned in `tests/NAME.txt`; `ONEHALL_PIN=1` pins it anew.
fn check_pinned(name: &str, pinned: &str, hashes: &BTreeMap<u64, SeedHash>) {
    println!("hash over the {name} of {} seeds: {}", hashes.len(), pinned::whole(hashes));
    if std::env::var_os("ONEHALL_PIN").is_some() {
        assert_eq!(hashes.len() as u64, SEEDS_PINNED, "too few sequences to pin");
        let path = format!("{}/tests/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        return fs::write(path, pinned::text(hashes)).expect("the tests' folder can be written to");
    }
    if let Err(difference) = pinned::compare(pinned, hashes) {
        panic!("{name}: {difference}; what to do: docs/how-to/simulator.md");
    }
}

#[test]
fn a_hundred_thousand_sequences_keep_every_invariant() {
    if let Some(seed) = number("ONEHALL_SEED") {
        match replay(seed, None) {
            Ok(counts) => return println!("seed {seed}: every invariant holds\n{counts}"),
            Err((failure, trace)) => {
                print(&trace);
                panic!("{failure}");
            }
        }
    }
    let begin = Instant::now();
    let sequences = number("ONEHALL_SEQUENCES").unwrap_or(SEQUENCES);
    match run_many(0, sequences, None) {
        Ok(counts) => {
            println!("{counts}in {:.1} s", begin.elapsed().as_secs_f64());
            assert_eq!(counts.sequences, sequences);
            assert!(counts.commands_min >= 60 && counts.actors_min >= 8, "{counts}");
            let least = LEAST * sequences / SEQUENCES;
            assert_eq!(counts.too_few(least), Vec::<String>::new(), "fewer than {least}");
            check_pinned("screens", SCREENS, &counts.screens);
            check_pinned("logs", LOGS, &counts.logs);
        }
        Err(failure) => {
            if let Err((_, trace)) = replay(failure.seed, None) {
                print(&trace);
            }
            panic!("{failure}\nseed {0}; replay: cargo xtask sim --seed {0}", failure.seed);
        }
    }
}

#[test]
fn every_planted_fault_is_found() {
    for bug in Bug::ALL {
        let failure = run_many(0, FOUND_WITHIN, Some(bug)).expect_err(&format!("{bug:?} is not found"));
        println!("{bug:?}: found by seed {}: {}", failure.seed, failure.broken);
        let (again, _) = replay(failure.seed, Some(bug)).expect_err("the seed finds it again");
        assert_eq!(again.to_string(), failure.to_string());
        assert!(replay(failure.seed, None).is_ok(), "{bug:?}: without it the same seed is sound");
    }
}

#[test]
fn a_seed_gives_the_same_sequence_every_time() {
    for seed in [3, 1_000_003] {
        let text = || replay(seed, None).map(|counts| counts.to_string()).map_err(|(failure, _)| failure);
        assert_eq!(text().unwrap(), text().unwrap());
    }
}
