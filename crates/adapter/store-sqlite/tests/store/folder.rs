//! What becomes of the data folder's own files: who may read them, and what is seen when they go.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base::{Epoch, LogCause, Wall};
use directory::policy::Role;
use directory::{Contact, Directory, Text};
use service::chain::Head;
use service::port::log::{Log, LogError};
use store_sqlite::{Opening, Store, StoreError};

use crate::common::{directory, following, meeting, plan, prepared, run};
use crate::faults::told;
use crate::plan::token;

const ALL: [&str; 3] = ["main", "v002", "v003"];

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn open_to_others(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn what_the_store_makes_is_for_its_owner_alone_and_what_was_open_is_closed() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("data");
    fs::create_dir(&folder).unwrap();
    open_to_others(&folder, 0o755);
    let store = prepared(&folder, &["held"]).await;
    let names = ["onehall.db", "onehall.db-wal", "onehall.db-shm", "token.key", "heads", "store.lock"];
    for name in names {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&folder), 0o700);
    store.close().await;

    open_to_others(&folder, 0o777);
    open_to_others(&folder.join("onehall.db"), 0o644);
    let store = prepared(&folder, &["held"]).await;
    for name in names {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}, opened again");
    }
    assert_eq!(mode(&folder), 0o700);
    store.close().await;
}

#[tokio::test]
async fn a_folder_that_is_open_to_others_and_holds_other_things_is_refused_and_left() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter"), "of somebody else").unwrap();
    open_to_others(folder.path(), 0o755);
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::FolderOpen { mode: 0o755, .. }), "{}", told(&error));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(mode(folder.path()), 0o755);
    open_to_others(folder.path(), 0o700);
    Store::open(folder.path()).await.unwrap().close().await;
    // As `/tmp` is: whoever has a database in there does not have the folder.
    open_to_others(folder.path(), 0o1777);
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::FolderOpen { mode: 0o777, .. }), "{}", told(&error));
}

#[tokio::test]
async fn a_token_key_that_is_missing_beside_a_database_is_not_made_anew_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &[]).await;
    let (key, path) = (store.token_key(), folder.path().join("token.key"));
    store.add_token(token("t1", Role::Director, None)).await.unwrap();
    store.close().await;
    fs::rename(&path, folder.path().join("elsewhere")).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(&error, StoreError::NoKey { path: named } if *named == path), "{}", told(&error));
    assert!(error.to_string().contains("--new-token-key"), "{error}");
    assert!(!path.exists());

    let renewed = Opening { new_token_key: true, ..Opening::default() };
    let store = Store::open_as(folder.path(), renewed).await.unwrap();
    assert_ne!(store.token_key(), key);
    assert_eq!(store.meetings().await.unwrap().len(), 1);
    // What was signed with the old key lets nobody in, and the list says so.
    let given = store.tokens(&meeting()).await.unwrap();
    assert!(matches!(&given[..], [link] if link.revoked.is_some()), "{given:?}");
    store.close().await;
}

/// What an append and an opening end as once something was done to the folder.
async fn refused_after(deed: impl Fn(&Path)) {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("data");
    let store = prepared(&folder, &["held"]).await;
    let held = run("held");
    let epoch = Log::open(&store, &held).await.unwrap().epoch;
    let events = following(&held, &Head::origin(&held), epoch, 3);
    store.append(&held, epoch, events[..1].to_vec()).await.unwrap();
    deed(&folder);
    let error = store.append(&held, epoch, events[1..2].to_vec()).await.unwrap_err();
    assert!(matches!(error, LogError::Store { .. }), "{error}");
    assert!(told(&error).contains("was deleted or replaced while it was in use"), "{}", told(&error));
    assert_eq!((error.why(), Log::trouble(&store)), (LogCause::FolderGone, Some(LogCause::FolderGone)));
    let error = Log::open(&store, &held).await.unwrap_err();
    assert!(told(&error).contains("was deleted or replaced"), "{}", told(&error));
    let error = store.revoke_token("t".parse().unwrap(), Wall(1)).await.unwrap_err();
    assert!(told(&error).contains("was deleted or replaced"), "{}", told(&error));
    store.close().await;
}

#[tokio::test]
async fn nothing_is_acknowledged_once_a_file_that_is_open_was_deleted_or_replaced() {
    refused_after(|folder| fs::remove_dir_all(folder).unwrap()).await;
    refused_after(|folder| fs::remove_file(folder.join("onehall.db")).unwrap()).await;
    refused_after(|folder| fs::remove_file(folder.join("onehall.db-wal")).unwrap()).await;
    refused_after(|folder| {
        let aside = folder.with_extension("aside");
        fs::rename(folder, &aside).unwrap();
        fs::create_dir(folder).unwrap();
        for name in ["onehall.db", "onehall.db-wal", "token.key"] {
            fs::copy(aside.join(name), folder.join(name)).unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_whose_lock_was_removed_is_told_which_epoch_has_its_run() {
    let folder = tempfile::tempdir().unwrap();
    let first = prepared(folder.path(), &["held"]).await;
    let held = run("held");
    let ours = Log::open(&first, &held).await.unwrap().epoch;
    fs::remove_file(folder.path().join("store.lock")).unwrap();
    let second = Store::open(folder.path()).await.unwrap();
    let theirs = Log::open(&second, &held).await.unwrap().epoch;
    let events = following(&held, &Head::origin(&held), ours, 1);
    let error = first.append(&held, ours, events).await.unwrap_err();
    assert!(
        matches!(error, LogError::Fenced { ours: Epoch(1), theirs: named } if named == theirs),
        "{error}"
    );
    second.append(&held, theirs, following(&held, &Head::origin(&held), theirs, 1)).await.unwrap();
    first.close().await;
    second.close().await;
}

/// The organisation, whose first venue has this technician.
fn with_technician(technician: Option<Contact>) -> Directory {
    let of = directory(&ALL);
    let mut venues = of.venues().to_vec();
    venues[0].technician = technician;
    let people = of.people().values().cloned().collect();
    Directory::new(of.organisation().clone(), of.tiers().to_vec(), of.units().to_vec(), venues, people)
        .unwrap()
}

#[tokio::test]
async fn a_name_that_was_erased_is_in_no_file_any_more_while_the_server_runs() {
    const NAME: &str = "Wilhelmina Ampersand";
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    let files_with_it = || {
        let paths = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let holds =
            |path: &Path| fs::read(path).unwrap().windows(NAME.len()).any(|part| part == NAME.as_bytes());
        paths.filter(|path| holds(path)).count()
    };
    let technician = Contact { name: Text::new(NAME, NAME), phone: "8001".into() };
    store.replace(with_technician(Some(technician)), plan("annual", &ALL)).await.unwrap();
    assert_eq!(files_with_it(), 1, "it is in the database and nowhere else");
    store.replace(with_technician(None), plan("annual", &ALL)).await.unwrap();
    assert_eq!(files_with_it(), 0);
    assert_eq!(store.load(&meeting()).await.unwrap().1.venues.len(), 3);
    store.close().await;
}
