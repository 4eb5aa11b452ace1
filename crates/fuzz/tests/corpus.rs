//! Every parser of strangers' bytes over its corpus and what is made of it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it took"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fuzz::{TARGETS, Target, strike};

const MUTATIONS: usize = 20_000;
/// Each target is to take 2 s at most in this profile; a busy machine may take ten times as long.
const TOOK_MAX: Duration = Duration::from_secs(20);

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    entries(&folder("corpus").join(name)).iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn stands(target: &Target) {
    let name = target.name;
    let struck =
        strike(target.run, &corpus(name), MUTATIONS, 1).unwrap_or_else(|found| panic!("{name}: {found}"));
    println!("{name}: {struck}");
    assert!(struck.took < TOOK_MAX, "{name}: {struck}");
}

#[test]
fn every_parser_stands_its_corpus_and_20_000_mutations_of_it() {
    std::thread::scope(|scope| TARGETS.iter().for_each(|target| drop(scope.spawn(|| stands(target)))));
}

#[test]
fn every_file_of_fuzz_targets_is_listed_and_every_target_has_a_corpus() {
    let stem = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    let files: BTreeSet<String> = entries(&folder("fuzz_targets")).into_iter().map(stem).collect();
    let folders: BTreeSet<String> = entries(&folder("corpus")).into_iter().map(stem).collect();
    let listed: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(files, listed);
    assert_eq!(folders, listed);
}

#[test]
fn a_parser_that_panics_is_found_with_the_bytes_that_made_it() {
    fn planted(bytes: &[u8]) {
        assert!(!bytes.windows(2).any(|pair| pair == b"{{"), "planted");
    }
    let found = strike(planted, &[b"{\"a\":1}".to_vec()], MUTATIONS, 1).unwrap_err();
    assert!(found.bytes.windows(2).any(|pair| pair == b"{{"));
    assert!(found.to_string().contains("7b7b"));
    assert_eq!(strike(planted, &[b"{\"a\":1}".to_vec()], MUTATIONS, 1), Err(found));
}
