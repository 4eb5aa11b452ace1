//! A copy of a data folder, to look at what it holds: the folder stays byte for byte as it is.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use directory::Text;
use sqlx::{ConnectOptions, Connection};
use store_sqlite::{Store, StoreError};

use crate::common::{directory, plan, prepared};
use crate::faults::{tamper, told};
use crate::first_light;

/// Mode and bytes of each file of a folder.
fn all(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let mode = entry.metadata().unwrap().permissions().mode();
            (entry.file_name().into_string().unwrap(), (mode, fs::read(entry.path()).unwrap()))
        })
        .collect()
}

/// What a copy of the folder answers; the folder is as it was before.
async fn left_alone<T>(folder: &Path, ask: impl AsyncFnOnce(Result<&Store, &StoreError>) -> T) -> T {
    let before = all(folder);
    let answer = match Store::open_copy(folder).await {
        Ok(store) => {
            let answer = ask(Ok(&store)).await;
            store.close().await;
            answer
        }
        Err(cause) => ask(Err(&cause)).await,
    };
    let after = all(folder);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert!(before == after, "the bytes of a file are others");
    answer
}

async fn titles(store: Result<&Store, &StoreError>) -> Vec<Text> {
    store.unwrap().meetings().await.unwrap().into_iter().map(|row| row.title).collect()
}

async fn refused(store: Result<&Store, &StoreError>) -> String {
    told(store.unwrap_err())
}

#[tokio::test]
async fn a_folder_of_an_earlier_schema_is_read_and_not_migrated() {
    let folder = first_light::copied();
    let there = left_alone(folder.path(), titles).await;
    assert_eq!(
        there,
        [Text::new("秋季工作会议", "Autumn meeting"), Text::new("春季工作会议", "Spring meeting")]
    );
    // The lock, once it is there, stays as the last process left it.
    fs::write(folder.path().join("store.lock"), "4711\n").unwrap();
    assert_eq!(left_alone(folder.path(), titles).await, there);
}

#[tokio::test]
async fn a_schema_that_is_in_the_wal_alone_is_found() {
    let folder = tempfile::tempdir().unwrap();
    prepared(folder.path(), &[]).await.close().await;
    let database = folder.path().join("onehall.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&database);
    let mut open = options.connect().await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 999").execute(&mut open).await.unwrap();
    // As long as somebody has it open, nothing is folded in.
    let user_version = fs::read(&database).unwrap()[60..64].to_vec();
    assert_eq!(user_version, [0, 0, 0, 5]);
    let said = left_alone(folder.path(), refused).await;
    let begins = format!("{} has schema 999", database.display());
    assert!(said.starts_with(&begins), "{said}");
    open.close().await.unwrap();
}

#[tokio::test]
async fn what_is_written_goes_away_with_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    prepared(folder.path(), &[]).await.close().await;
    let venues = ["main", "v002"];
    let written = async |store: Result<&Store, &StoreError>| {
        let store = store.unwrap();
        store.replace(directory(&venues), plan("other", &venues)).await.unwrap_err();
        let venues = ["main", "v002", "v003"];
        store.replace(directory(&venues), plan("other", &venues)).await.unwrap();
        store.meetings().await.unwrap().len()
    };
    assert_eq!(left_alone(folder.path(), written).await, 2);
    assert_eq!(left_alone(folder.path(), titles).await.len(), 1);
}

#[tokio::test]
async fn a_folder_that_a_process_has_is_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &[]).await;
    let error = Store::open_copy(folder.path()).await.unwrap_err();
    assert!(matches!(&error, StoreError::Locked { .. }), "{}", told(&error));
    store.close().await;
}

#[tokio::test]
async fn what_keeps_a_folder_from_being_opened_is_said_of_its_own_files() {
    let folder = first_light::copied();
    tamper(folder.path(), "CREATE INDEX of_their_own ON item (title_en)").await;
    let database = folder.path().join("onehall.db");
    let said = left_alone(folder.path(), refused).await;
    assert!(said.starts_with(&format!("{} could not be migrated", database.display())), "{said}");

    let key = folder.path().join("token.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let said = left_alone(folder.path(), refused).await;
    assert!(said.starts_with(&format!("{} has mode 644", key.display())), "{said}");

    let nowhere = folder.path().join("nowhere");
    let said = told(&Store::open_copy(&nowhere).await.unwrap_err());
    assert!(said.starts_with(&format!("could not open {}", nowhere.join("onehall.db").display())), "{said}");
    assert!(!nowhere.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_a_folder_waits_for_those_who_look_at_it() {
    let folder = tempfile::tempdir().unwrap();
    prepared(folder.path(), &[]).await.close().await;
    let looking = fs::File::open(folder.path().join("store.lock")).unwrap();
    looking.try_lock_shared().unwrap();
    let path = folder.path().to_owned();
    let taking = tokio::spawn(async move { Store::open(&path).await });
    tokio::task::yield_now().await;
    assert!(!taking.is_finished());
    looking.unlock().unwrap();
    let taken = taking.await.unwrap().unwrap();
    let refused = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Locked { .. }), "who has it is not waited for: {refused}");
    taken.close().await;
}
