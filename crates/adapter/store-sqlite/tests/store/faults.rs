//! What goes wrong with files: damage, a full disk, a second server, a newer version.

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::common::{directory, following, head_of, meeting, plan, prepared, run};
use base::{LogCause, Sequence};
use service::chain::{Head, verify};
use service::port::log::{Log, LogError};
use store_sqlite::{SCHEMA_VERSION, Store, StoreError};

/// Runs statements with a connection of the test's own.
pub(crate) async fn tamper(folder: &Path, statements: &'static str) {
    use sqlx::{ConnectOptions, Connection};
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(folder.join("onehall.db"))
        .foreign_keys(false)
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_second_server_on_one_data_folder_is_told_who_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &[]).await;
    let error = Store::open(folder.path()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the data folder {} is in use by the process {}",
            folder.path().display(),
            std::process::id()
        )
    );
    store.close().await;
    Store::open(folder.path()).await.unwrap().close().await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    prepared(folder.path(), &[]).await.close().await;
    tamper(folder.path(), "PRAGMA user_version = 999").await;
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::NewerSchema { found: 999, known: SCHEMA_VERSION, .. }),
        "{}",
        told(&error)
    );
    assert!(error.to_string().contains("onehall.db has schema 999"), "{error}");
    tamper(folder.path(), "PRAGMA user_version = 5").await;
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(store.meetings().await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("onehall.db");
    Store::open(folder.path()).await.unwrap().close().await;
    fs::write(&path, "this was never a database, only a text of some length".repeat(100)).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt { path: named, .. } if *named == path), "{}", told(&error));
    assert!(error.to_string().contains("onehall.db is damaged"), "{error}");
}

#[tokio::test]
async fn a_page_that_was_overwritten_is_found_and_its_file_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let held = run("held");
    let opened = Log::open(&store, &held).await.unwrap();
    let events = following(&held, &Head::origin(&held), opened.epoch, 2_000);
    store.append(&held, opened.epoch, events).await.unwrap();
    store.close().await;
    let path = folder.path().join("onehall.db");
    let file = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let length = file.metadata().unwrap().len();
    file.write_all_at(&[0xa5; 8192], length / 2 / 4096 * 4096).unwrap();
    drop(file);

    let store = Store::open(folder.path()).await.unwrap();
    let error = Log::open(&store, &held).await.unwrap_err();
    assert!(told(&error).contains("onehall.db is damaged"), "{}", told(&error));
    store.close().await;
}

#[tokio::test]
async fn an_event_that_an_administrator_edited_comes_back_edited_so_that_its_chain_tells() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let held = run("held");
    let opened = Log::open(&store, &held).await.unwrap();
    let events = following(&held, &Head::origin(&held), opened.epoch, 5);
    store.append(&held, opened.epoch, events).await.unwrap();
    store.close().await;
    tamper(folder.path(), "UPDATE event SET body = CAST('{}' AS BLOB) WHERE seq = 3").await;
    let store = Store::open(folder.path()).await.unwrap();
    let opened = Log::open(&store, &held).await.unwrap();
    assert_eq!(opened.events[2].body, b"{}");
    let error = verify(&held, &opened.events).unwrap_err().to_string();
    assert!(error.contains("event 3 of run held was changed"), "{error}");
    store.close().await;
}

/// A small file system of its own, which root may mount; elsewhere the test is counted as skipped, by saying so.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs"])
            .arg(at)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_never_acknowledged_and_the_run_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        println!("skipped: mounting a small file system needs root");
        return;
    };
    let ballast = folder.path().join("ballast");
    fs::write(&ballast, vec![0; 256 * 1024]).unwrap();
    let store = prepared(folder.path(), &["held", "other"]).await;
    let (held, other) = (run("held"), run("other"));
    let mut epoch = Log::open(&store, &held).await.unwrap().epoch;
    let other_epoch = Log::open(&store, &other).await.unwrap().epoch;
    let mut head = Head::origin(&held);
    let mut acknowledged = Vec::new();
    let error = loop {
        let events = following(&held, &head, epoch, 50);
        match store.append(&held, epoch, events.clone()).await {
            Ok(()) => {
                head = head_of(&held, &events);
                acknowledged.extend(events);
            }
            Err(error) => break error,
        }
    };
    assert!(matches!(error, LogError::Store { doing: "append", .. }), "{error}");
    assert!(told(&error).contains("full"), "{}", told(&error));

    // Nobody appends now, whatever run it is, until it was opened again.
    let refused = following(&other, &Head::origin(&other), other_epoch, 1);
    let error = store.append(&other, other_epoch, refused.clone()).await.unwrap_err();
    assert!(matches!(error, LogError::Store { .. }), "{error}");
    fs::remove_file(&ballast).unwrap();
    let error = store.append(&other, other_epoch, refused).await.unwrap_err();
    assert!(told(&error).contains("must be opened again"), "{}", told(&error));

    let again = Log::open(&store, &held).await.unwrap();
    assert_eq!(again.events, acknowledged);
    verify(&held, &again.events).unwrap();
    epoch = again.epoch;
    let events = following(&held, &head, epoch, 1);
    store.append(&held, epoch, events).await.unwrap();
    let last = store.read(&held, Sequence(1), 10_000).await.unwrap().len();
    assert_eq!(last, acknowledged.len() + 1);
    store.close().await;
    drop(disk);
}

/// Waits until the store says of itself that nothing can be written, or that it can.
async fn until_trouble(store: &Store, is: Option<LogCause>) {
    let so = async {
        while Log::trouble(store) != is {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), so).await.expect("the store says what is so");
}

#[tokio::test]
async fn a_full_disk_is_known_though_nobody_acts_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        println!("skipped: mounting a small file system needs root");
        return;
    };
    let store = prepared(folder.path(), &["held", "other"]).await;
    let (held, other) = (run("held"), run("other"));
    let epoch = Log::open(&store, &held).await.unwrap().epoch;
    assert_eq!(Log::trouble(&store), None);
    let ballast = folder.path().join("ballast");
    fs::write(&ballast, vec![0; 2 * 1024 * 1024]).unwrap_err();
    until_trouble(&store, Some(LogCause::DiskFull)).await;
    // The run is not open any more, and whoever tries hears why.
    let error =
        store.append(&held, epoch, following(&held, &Head::origin(&held), epoch, 1)).await.unwrap_err();
    assert_eq!(error.why(), LogCause::DiskFull, "{}", told(&error));
    fs::remove_file(&ballast).unwrap();
    until_trouble(&store, None).await;
    Log::open(&store, &other).await.unwrap();
    store.close().await;
    drop(disk);
}

#[tokio::test]
async fn the_token_key_is_made_once_and_only_its_owner_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.key");
    let store = Store::open(folder.path()).await.unwrap();
    let key = store.token_key();
    assert_ne!(key, [0; 32]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    store.close().await;
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(store.token_key(), key);
    store.close().await;

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(error.to_string().contains("token.key has mode 644"), "{error}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    for length in [0, 31, 33, 4096] {
        fs::write(&path, vec![1; length]).unwrap();
        let error = Store::open(folder.path()).await.unwrap_err();
        assert!(matches!(error, StoreError::KeyLength { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Store::open(&file.join("data")).await.unwrap_err();
    assert!(
        error.to_string().contains("could not make") && error.to_string().contains("file/data"),
        "{error}"
    );
}

#[tokio::test]
async fn a_failed_change_leaves_the_runs_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let held = run("held");
    let opened = Log::open(&store, &held).await.unwrap();
    let few = ["main", "v002"];
    store.replace(directory(&few), plan("other", &few)).await.unwrap_err();
    let events = following(&held, &Head::origin(&held), opened.epoch, 1);
    store.append(&held, opened.epoch, events).await.unwrap();
    assert_eq!(store.load(&meeting()).await.unwrap().1.venues.len(), 3);
    store.close().await;
}

/// The whole chain of causes in one line.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        told.push_str(": ");
        told.push_str(&next.to_string());
        cause = next.source();
    }
    told
}
