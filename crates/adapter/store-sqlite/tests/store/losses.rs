//! A log that has lost something is not taken for the whole one (R19).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use base::{Epoch, Sequence};
use service::chain::{Head, verify};
use service::port::log::{Log, LogError, Loss, OpenedRun, StoredEvent};
use store_sqlite::{Opening, Store};
use tempfile::TempDir;

use crate::common::{following, head_of, prepared, run};
use crate::faults::{tamper, told};

const EVENTS: u64 = 34;

/// A store in which `held` has [`EVENTS`] events in as many commits, and `other` five in one.
async fn written(folder: &Path) -> Store {
    let store = prepared(folder, &["held", "other"]).await;
    let (held, other) = (run("held"), run("other"));
    let epoch = Log::open(&store, &held).await.unwrap().epoch;
    for event in following(&held, &Head::origin(&held), epoch, EVENTS) {
        store.append(&held, epoch, vec![event]).await.unwrap();
    }
    let epoch = Log::open(&store, &other).await.unwrap().epoch;
    store.append(&other, epoch, following(&other, &Head::origin(&other), epoch, 5)).await.unwrap();
    store
}

/// The files of a folder as SIGKILL would leave them.
fn killed(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "store.lock" {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    copy
}

/// What becomes of `held`; `other` is opened whatever it is.
async fn opened(folder: &Path) -> Result<OpenedRun, LogError> {
    let store = Store::open(folder).await.unwrap();
    let held = Log::open(&store, &run("held")).await;
    Log::open(&store, &run("other")).await.unwrap();
    store.close().await;
    held
}

fn loss(had: u64, has: u64) -> Loss {
    Loss { run: run("held"), had: Sequence(had), has: Sequence(has) }
}

/// `held` is refused with these numbers, until somebody says to go on; then the log says it, and is the whole one.
async fn is_refused_until_it_is_accepted(folder: &Path, want: Loss) {
    let error = opened(folder).await.unwrap_err();
    assert!(matches!(&error, LogError::Lost(loss) if *loss == want), "{}", told(&error));
    let held = run("held");
    let accept = Opening { accept_loss: BTreeSet::from([held.clone()]), ..Opening::default() };
    for _ in 0..2 {
        let store = Store::open_as(folder, accept.clone()).await.unwrap();
        let opened = Log::open(&store, &held).await.unwrap();
        assert_eq!(opened.lost, Some(want.clone()), "as long as the log does not say it");
        store.close().await;
    }
    let store = Store::open_as(folder, accept).await.unwrap();
    let opened = Log::open(&store, &held).await.unwrap();
    let events = following(&held, &head_of(&held, &opened.events), opened.epoch, 1);
    store.append(&held, opened.epoch, events).await.unwrap();
    let again = Log::open(&store, &held).await.unwrap();
    assert_eq!((again.lost, again.events.len() as u64), (None, want.has.0 + 1));
    store.close().await;
    verify(&held, &self::opened(folder).await.unwrap().events).unwrap();
}

#[tokio::test]
async fn r19_a_log_whose_last_events_were_deleted_is_refused_with_both_numbers() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await.close().await;
    tamper(folder.path(), "DELETE FROM event WHERE run = 'held' AND seq > 29").await;
    let error = opened(folder.path()).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "the log of run held ends at event 29, and event 34 was stored: 5 are lost. \
         `onehall serve --accept-loss held` goes on from what is there"
    );
    is_refused_until_it_is_accepted(folder.path(), loss(34, 29)).await;
}

#[tokio::test]
async fn r19_a_wal_that_a_crash_cut_or_lost_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let store = written(folder.path()).await;
    let held = run("held");
    let epoch = Log::open(&store, &held).await.unwrap().epoch;
    let head = head_of(&held, &store.read(&held, Sequence(1), 100).await.unwrap());
    store.append(&held, epoch, following(&held, &head, epoch, 1)).await.unwrap();

    let cut = killed(folder.path());
    let wal = fs::OpenOptions::new().write(true).open(cut.path().join("onehall.db-wal")).unwrap();
    wal.set_len(wal.metadata().unwrap().len() - 1).unwrap();
    is_refused_until_it_is_accepted(cut.path(), loss(35, 34)).await;

    let gone = killed(folder.path());
    for name in ["onehall.db-wal", "onehall.db-shm"] {
        fs::remove_file(gone.path().join(name)).unwrap();
    }
    let lost = Store::open(gone.path()).await.unwrap();
    // All was in the WAL, the run itself too: whoever makes it anew is told.
    assert!(matches!(Log::open(&lost, &held).await, Err(LogError::NoRun(_))));
    lost.close().await;
    prepared(gone.path(), &["held", "other"]).await.close().await;
    let store_again = Store::open(gone.path()).await.unwrap();
    let error = Log::open(&store_again, &held).await.unwrap_err();
    assert!(matches!(&error, LogError::Lost(found) if *found == loss(35, 0)), "{error}");
    store_again.close().await;

    let whole = killed(folder.path());
    assert_eq!(opened(whole.path()).await.unwrap().events.len(), 35);
    store.close().await;
}

#[tokio::test]
async fn r19_a_log_with_another_end_of_the_same_length_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await.close().await;
    // The heads of now beside another history.
    let heads = fs::read(folder.path().join("heads")).unwrap();
    tamper(folder.path(), "DELETE FROM event WHERE run = 'held' AND seq > 30").await;
    fs::remove_file(folder.path().join("heads")).unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let held = run("held");
    let opened = Log::open(&store, &held).await.unwrap();
    let events = following(&held, &head_of(&held, &opened.events), Epoch(opened.epoch.0), 10);
    store.append(&held, opened.epoch, events).await.unwrap();
    store.close().await;
    fs::write(folder.path().join("heads"), heads).unwrap();
    let error = self::opened(folder.path()).await.unwrap_err();
    assert!(
        error.to_string().starts_with("event 34 of the log of run held is another than the one that was stored, and the log has 40 events"),
        "{error}"
    );
    is_refused_until_it_is_accepted(folder.path(), loss(34, 40)).await;
}

#[tokio::test]
async fn r19_a_run_that_is_only_read_is_compared_as_well() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await.close().await;
    tamper(folder.path(), "DELETE FROM event WHERE run = 'held' AND seq > 29").await;
    let store = Store::open(folder.path()).await.unwrap();
    let held = run("held");
    let error = store.open_to_read(&held).await.unwrap_err();
    assert!(matches!(&error, LogError::Lost(found) if *found == loss(34, 29)), "{error}");
    store.close().await;
    let accept = Opening { accept_loss: BTreeSet::from([held.clone()]), ..Opening::default() };
    let store = Store::open_as(folder.path(), accept).await.unwrap();
    assert_eq!(store.open_to_read(&held).await.unwrap().events.len(), 29);
    store.close().await;
    assert_eq!(opened(folder.path()).await.unwrap().events.len(), 29);
}

#[tokio::test]
async fn a_log_of_which_nothing_is_noted_is_taken_as_it_is_and_noted() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await.close().await;
    fs::remove_file(folder.path().join("heads")).unwrap();
    assert_eq!(opened(folder.path()).await.unwrap().events.len() as u64, EVENTS);
    tamper(folder.path(), "DELETE FROM event WHERE run = 'held' AND seq > 29").await;
    let error = opened(folder.path()).await.unwrap_err();
    assert!(matches!(&error, LogError::Lost(found) if *found == loss(34, 29)), "{error}");
}

/// What a log whose files were changed amounts to.
enum Amounts {
    Whole(Vec<StoredEvent>),
    Refused,
}

async fn amounts(folder: &Path) -> Amounts {
    let Ok(store) = Store::open(folder).await else { return Amounts::Refused };
    let held = run("held");
    let opened = Log::open(&store, &held).await;
    store.close().await;
    match opened {
        Ok(opened) if verify(&held, &opened.events).is_ok() => Amounts::Whole(opened.events),
        Ok(_) | Err(_) => Amounts::Refused,
    }
}

#[tokio::test]
async fn r19_no_single_bit_that_flips_in_the_files_takes_an_event_away_unseen() {
    let folder = tempfile::tempdir().unwrap();
    let store = written(folder.path()).await;
    let image = killed(folder.path());
    let held = store.read(&run("held"), Sequence(1), 100).await.unwrap();
    store.close().await;
    let mut refused = 0;
    for name in ["onehall.db", "onehall.db-wal"] {
        let length = fs::metadata(image.path().join(name)).unwrap().len();
        for n in 0..40_u64 {
            let changed = killed(image.path());
            let path = changed.path().join(name);
            let mut bytes = fs::read(&path).unwrap();
            let bit = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) % (length * 8);
            bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
            fs::write(&path, bytes).unwrap();
            match amounts(changed.path()).await {
                Amounts::Whole(events) => assert!(events == held, "bit {bit} of {name}"),
                Amounts::Refused => refused += 1,
            }
        }
    }
    assert!(refused > 20, "{refused} of 80 were refused");
}
