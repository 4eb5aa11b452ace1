//! The log through its port.

use crate::common::{following, head_of, prepared, run};
use crate::faults::told;
use base::{Epoch, Sequence};
use service::chain::{Head, verify};
use service::port::log::{Log, LogError};
use store_sqlite::Store;

#[tokio::test]
async fn what_was_appended_is_there_byte_for_byte_after_the_store_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let held = run("held");
    let opened = store.open(&held).await.unwrap();
    assert_eq!((opened.epoch, opened.events.len()), (Epoch(1), 0));
    let events = following(&held, &Head::origin(&held), opened.epoch, 5);
    store.append(&held, opened.epoch, events[..2].to_vec()).await.unwrap();
    store.append(&held, opened.epoch, events[2..].to_vec()).await.unwrap();
    store.close().await;

    let store = Store::open(folder.path()).await.unwrap();
    let again = Log::open(&store, &held).await.unwrap();
    assert_eq!(again.epoch, Epoch(2));
    assert_eq!(again.events, events);
    verify(&held, &again.events).unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_read_gives_the_part_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let held = run("held");
    let opened = Log::open(&store, &held).await.unwrap();
    let events = following(&held, &Head::origin(&held), opened.epoch, 9);
    store.append(&held, opened.epoch, events).await.unwrap();
    let part = store.read(&held, Sequence(4), 3).await.unwrap();
    let sequences: Vec<u64> = part.iter().map(|event| event.seq.0).collect();
    assert_eq!(sequences, [4, 5, 6]);
    assert!(store.read(&held, Sequence(10), 3).await.unwrap().is_empty());
    store.close().await;
}

#[tokio::test]
async fn a_run_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &[]).await;
    let none = run("none");
    let check = |error: LogError| assert_eq!(error.to_string(), "there is no run none");
    check(Log::open(&store, &none).await.unwrap_err());
    check(store.read(&none, Sequence(1), 1).await.unwrap_err());
    check(store.append(&none, Epoch(1), vec![]).await.unwrap_err());
    store.close().await;
}

#[tokio::test]
async fn a_deposed_writer_is_fenced_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let held = run("held");
    let first = Log::open(&store, &held).await.unwrap();
    let events = following(&held, &Head::origin(&held), first.epoch, 2);
    store.append(&held, first.epoch, events.clone()).await.unwrap();
    let second = Log::open(&store, &held).await.unwrap();

    let late = following(&held, &head_of(&held, &events), first.epoch, 1);
    let error = store.append(&held, first.epoch, late).await.unwrap_err();
    assert!(matches!(error, LogError::Fenced { ours: Epoch(1), theirs: Epoch(2) }), "{error}");
    let next = following(&held, &head_of(&held, &second.events), second.epoch, 1);
    store.append(&held, second.epoch, next).await.unwrap();
    assert_eq!(store.read(&held, Sequence(1), 99).await.unwrap().len(), 3);
    store.close().await;
}

#[tokio::test]
async fn a_batch_that_does_not_follow_is_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let held = run("held");
    let opened = Log::open(&store, &held).await.unwrap();
    let events = following(&held, &Head::origin(&held), opened.epoch, 4);
    store.append(&held, opened.epoch, events[..1].to_vec()).await.unwrap();

    let check = |error: LogError, want: (u64, u64)| {
        let LogError::Gap { expected, got } = error else { panic!("{error}") };
        assert_eq!((expected.0, got.0), want);
    };
    let after_a_gap = events[2..].to_vec();
    check(store.append(&held, opened.epoch, after_a_gap).await.unwrap_err(), (2, 3));
    check(store.append(&held, opened.epoch, events[..1].to_vec()).await.unwrap_err(), (2, 1));
    let with_a_gap = vec![events[1].clone(), events[3].clone()];
    check(store.append(&held, opened.epoch, with_a_gap).await.unwrap_err(), (3, 4));
    assert_eq!(store.read(&held, Sequence(1), 99).await.unwrap(), events[..1]);
    store.append(&held, opened.epoch, events[1..].to_vec()).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_run_must_be_opened_before_anything_is_appended() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let held = run("held");
    let opened = Log::open(&store, &held).await.unwrap();
    store.close().await;

    let store = Store::open(folder.path()).await.unwrap();
    let events = following(&held, &Head::origin(&held), opened.epoch, 1);
    let error = store.append(&held, opened.epoch, events).await.unwrap_err();
    assert!(told(&error).contains("must be opened again"), "{}", told(&error));
    store.close().await;
}

/// Whoever appends to one run never waits for more than the transaction under way and the next, whatever the others do.
#[tokio::test(flavor = "multi_thread")]
async fn many_runs_append_at_once_and_each_log_is_whole() {
    const RUNS: usize = 40;
    const BATCHES: u64 = 25;
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..RUNS).map(|n| format!("run{n}")).collect();
    let store = prepared(folder.path(), &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let tasks: Vec<_> = names
        .iter()
        .map(|name| {
            let (store, run) = (store.clone(), run(name));
            tokio::spawn(async move {
                let epoch = Log::open(&store, &run).await.unwrap().epoch;
                let mut head = Head::origin(&run);
                for _ in 0..BATCHES {
                    let events = following(&run, &head, epoch, 2);
                    head = head_of(&run, &events);
                    store.append(&run, epoch, events).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for name in &names {
        let events = store.read(&run(name), Sequence(1), 1000).await.unwrap();
        assert_eq!(events.len() as u64, 2 * BATCHES);
        verify(&run(name), &events).unwrap();
    }
    store.close().await;
}

#[tokio::test]
async fn a_bad_batch_does_not_spoil_those_that_share_its_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["one", "two"]).await;
    let (one, two) = (run("one"), run("two"));
    let first = Log::open(&store, &one).await.unwrap().epoch;
    let second = Log::open(&store, &two).await.unwrap().epoch;
    let good = following(&one, &Head::origin(&one), first, 1);
    let bad = following(&two, &Head::origin(&two), second, 2)[1..].to_vec();
    let (good, bad) = tokio::join!(store.append(&one, first, good), store.append(&two, second, bad));
    good.unwrap();
    assert!(matches!(bad.unwrap_err(), LogError::Gap { .. }));
    assert_eq!(store.read(&one, Sequence(1), 9).await.unwrap().len(), 1);
    assert!(store.read(&two, Sequence(1), 9).await.unwrap().is_empty());
    store.close().await;
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let clone = store.clone();
    store.close().await;
    let error = Log::open(&clone, &run("held")).await.unwrap_err();
    assert!(told(&error).contains("the store is closed"), "{}", told(&error));
    let error = clone.read(&run("held"), Sequence(1), 1).await.unwrap_err();
    assert!(told(&error).contains("the store is closed"), "{}", told(&error));
}

/// Transactions in the write-ahead log: its frames that end one. Big-endian: page size at byte 8, the frame's "size after commit" at 4.
fn commits(folder: &std::path::Path) -> usize {
    let wal = std::fs::read(folder.join("onehall.db-wal")).unwrap();
    let number = |at: usize| u32::from_be_bytes(wal[at..at + 4].try_into().unwrap()) as usize;
    let frame = 24 + number(8);
    (32..wal.len()).step_by(frame).filter(|at| number(at + 4) != 0).count()
}

#[tokio::test]
async fn those_who_append_at_once_share_one_commit() {
    const RUNS: usize = 30;
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..RUNS).map(|n| format!("run{n}")).collect();
    let store = prepared(folder.path(), &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for name in &names {
        Log::open(&store, &run(name)).await.unwrap();
    }
    let before = commits(folder.path());
    let mut tasks = tokio::task::JoinSet::new();
    for name in &names {
        let (store, run) = (store.clone(), run(name));
        tasks.spawn(async move {
            let events = following(&run, &Head::origin(&run), Epoch(1), 1);
            store.append(&run, Epoch(1), events).await.unwrap();
        });
    }
    tasks.join_all().await;
    let shared = commits(folder.path()) - before;
    // The writer may have begun with the first alone.
    assert!((1..=2).contains(&shared), "{shared} commits for {RUNS} appends");
    store.close().await;
}
