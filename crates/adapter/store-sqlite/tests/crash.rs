//! A server that is killed while it appends at full speed has lost nothing that it acknowledged.
//!
//! This program is its own child: the parent starts it again with a folder, reads which sequences it acknowledged from its standard
//! output, kills it with SIGKILL at an instant that the seed chooses, and compares. Each round goes on with what the last one left.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it saw"
)]

#[path = "store/common.rs"]
mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use base::{RunId, Sequence};
use common::{following, head_of, meeting, run};
use service::chain::{Head, verify};
use service::port::log::Log;
use service::port::runs::RunKind;
use store_sqlite::Store;

const CHILD: &str = "ONEHALL_CRASH_CHILD";
const NAME: &str = "every_acknowledged_event_survives_sigkill_and_none_is_there_twice";
const SEEDS: u64 = 10;
const RUNS: [&str; 3] = ["one", "two", "three"];

fn main() -> ExitCode {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    if let Some(folder) = std::env::var_os(CHILD) {
        runtime.block_on(append_until_killed(Path::new(&folder)));
        return ExitCode::SUCCESS;
    }
    // The test runner's own arguments: a list, or a name to look for.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("{NAME}: test");
        return ExitCode::SUCCESS;
    }
    let filters: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    if !filters.is_empty() && !filters.iter().any(|filter| NAME.contains(filter.as_str())) {
        return ExitCode::SUCCESS;
    }
    println!("\nrunning 1 test");
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeMap::new();
    let mut beyond = 0;
    for seed in 1..=SEEDS {
        kill_once(folder.path(), seed, &mut acknowledged);
        beyond += runtime.block_on(compare(folder.path(), seed, &acknowledged));
    }
    let count: u64 = acknowledged.values().map(|seq: &Sequence| seq.0).sum();
    println!(
        "{SEEDS} kills, {count} events acknowledged, {beyond} of all rounds committed but not acknowledged"
    );
    println!("test {NAME} ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored\n");
    ExitCode::SUCCESS
}

/// The child: three runs append at once, and each says so after its acknowledgement.
async fn append_until_killed(folder: &Path) {
    let store = if folder.join("onehall.db").exists() {
        Store::open(folder).await.unwrap()
    } else {
        common::prepared(folder, &[]).await
    };
    let tasks = RUNS.map(|name| {
        let (store, run) = (store.clone(), run(name));
        tokio::spawn(async move {
            store.add_run(run.clone(), meeting(), RunKind::Held, base::Wall(1)).await.unwrap();
            let opened = Log::open(&store, &run).await.unwrap();
            let mut head = head_of(&run, &opened.events);
            loop {
                let events = following(&run, &head, opened.epoch, 1 + head.seq.0 % 3);
                head = head_of(&run, &events);
                store.append(&run, opened.epoch, events).await.unwrap();
                // One write, so that a kill never leaves half a line of another run in it.
                std::io::stdout().write_all(format!("{run} {}\n", head.seq).as_bytes()).unwrap();
            }
        })
    });
    let [one, two, three] = tasks;
    let _ = tokio::join!(one, two, three);
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Lets the child run until the seed's instant, kills it, and takes down everything that it acknowledged.
fn kill_once(folder: &Path, seed: u64, acknowledged: &mut BTreeMap<RunId, Sequence>) {
    let drawn = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
    let lines_before = 50 + drawn % 400;
    let then = Duration::from_micros(drawn / 400 % 3_000);
    let mut child = start(folder);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut take = |line: String| {
        let Some((name, seq)) = line.split_once(' ') else { return };
        acknowledged.insert(run(name), Sequence(seq.parse().unwrap()));
    };
    for _ in 0..=lines_before {
        take(lines.next().expect("the child appends until it is killed").unwrap());
    }
    // Some microseconds more put the kill anywhere between two acknowledgements, inside a commit as well.
    let until = Instant::now() + then;
    while Instant::now() < until {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lines.for_each(|line| take(line.unwrap()));
}

/// Everything acknowledged is there, nothing twice, and the chain fits. Gives how many events were committed beyond that.
async fn compare(folder: &Path, seed: u64, acknowledged: &BTreeMap<RunId, Sequence>) -> u64 {
    let store = Store::open(folder).await.unwrap();
    let mut beyond = 0;
    for (run, last) in acknowledged {
        let opened = Log::open(&store, run).await.unwrap();
        verify(run, &opened.events).unwrap();
        let recovered = opened.events.len() as u64;
        assert!(
            recovered >= last.0,
            "seed {seed}: run {run} has {recovered} events, {last} were acknowledged"
        );
        // The whole log, made again from nothing, is what must be there.
        let mut head = Head::origin(run);
        for event in &opened.events {
            let again = following(run, &head, event.epoch, 1);
            assert_eq!(&again[0], event, "seed {seed}");
            head = Head::after(event);
        }
        beyond += recovered - last.0;
    }
    store.close().await;
    beyond
}
