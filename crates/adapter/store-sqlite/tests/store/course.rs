//! How far a run has come, and reading one that is done.

use base::{Epoch, Sequence, Wall};
use service::chain::{Head, Unsealed, seal};
use service::port::log::Log;
use service::port::runs::{Course, RunKind};

use crate::common::{following, head_of, meeting, prepared, run};

#[tokio::test]
async fn the_course_of_a_run_is_known_without_replaying_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &[]).await;
    let check = async |name: &str, kinds: &[(&str, u16)], expected: Course| {
        let run = run(name);
        store.add_run(run.clone(), meeting(), RunKind::Held, Wall(0)).await.unwrap();
        let epoch = Log::open(&store, &run).await.unwrap().epoch;
        let mut head = Head::origin(&run);
        for (kind, ver) in kinds {
            let (kind, ver, body) = ((*kind).to_owned(), *ver, b"{}".to_vec());
            let event = seal(
                &run,
                &head.hash,
                Unsealed { seq: head.seq.next(), epoch, at: Wall(1), kind, ver, body },
            );
            head = Head::after(&event);
            store.append(&run, epoch, vec![event]).await.unwrap();
        }
        assert_eq!(store.course(&run).await.unwrap(), Some(expected), "{name}");
        store.unclosed().await.unwrap()
    };
    assert_eq!(check("prepared", &[], Course::Prepared).await, []);
    assert_eq!(check("opened", &[("opened", 2)], Course::Prepared).await, []);
    let done = [("opened", 2), ("started", 1), ("ended", 2), ("closed", 1)];
    assert_eq!(check("closed", &done, Course::Closed).await, []);
    let first_light = [("opened", 1), ("started", 1), ("ended", 1), ("roster_changed", 1)];
    assert_eq!(check("first-light", &first_light, Course::Closed).await, []);
    let owed = [("opened", 2), ("started", 1), ("ended", 2)];
    assert_eq!(check("owed", &owed, Course::Ended).await, [meeting()]);
    let runs = [("opened", 2), ("started", 1), ("programme_set", 1)];
    assert_eq!(check("runs", &runs, Course::Started).await, [meeting()]);
    assert_eq!(store.course(&run("none")).await.unwrap(), None);
    store.close().await;
}

#[tokio::test]
async fn a_run_that_is_read_keeps_its_epoch_and_its_writer() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let held = run("held");
    let epoch = Log::open(&store, &held).await.unwrap().epoch;
    let events = following(&held, &Head::origin(&held), epoch, 3);
    store.append(&held, epoch, events.clone()).await.unwrap();
    let read = store.open_to_read(&held).await.unwrap();
    assert_eq!((read.epoch, &read.events), (Epoch(1), &events));
    let more = following(&held, &head_of(&held, &events), epoch, 1);
    store.append(&held, epoch, more).await.unwrap();
    assert_eq!(store.open_to_read(&held).await.unwrap().events.last().unwrap().seq, Sequence(4));
    assert!(store.open_to_read(&run("none")).await.is_err());
    store.close().await;
}
