//! A database of an earlier schema: it is copied, migrated, and whole whatever fails.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use directory::Text;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use store_sqlite::{Store, StoreError};

use crate::faults::{tamper, told};
use crate::first_light::copied;

async fn connected(file: &Path) -> SqliteConnection {
    sqlx::sqlite::SqliteConnectOptions::new().filename(file).connect().await.unwrap()
}

/// The schema of a database file, and the English title of its first meeting where schema 1 has it.
async fn schema_1(file: &Path) -> (i64, String) {
    let mut connection = connected(file).await;
    let schema = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await.unwrap();
    let title =
        sqlx::query_scalar("SELECT title_en FROM meeting ORDER BY id").fetch_one(&mut connection).await;
    connection.close().await.unwrap();
    (schema, title.unwrap())
}

fn beside(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut copies: Vec<String> = names.filter(|name| name.starts_with("onehall.db.")).collect();
    copies.sort();
    copies
}

#[tokio::test]
async fn a_database_is_copied_for_its_owner_before_it_is_migrated_and_once_only() {
    let folder = copied();
    Store::open(folder.path()).await.unwrap().close().await;
    assert_eq!(beside(folder.path()), ["onehall.db.1"]);
    let copy = folder.path().join("onehall.db.1");
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    // All that the WAL held is in it.
    assert_eq!(schema_1(&copy).await, (1, "Autumn meeting".to_owned()));
    Store::open(folder.path()).await.unwrap().close().await;
    assert_eq!(beside(folder.path()), ["onehall.db.1"]);

    let fresh = tempfile::tempdir().unwrap();
    Store::open(fresh.path()).await.unwrap().close().await;
    assert_eq!(beside(fresh.path()), Vec::<String>::new());
}

#[tokio::test]
async fn whoever_goes_back_to_the_copy_has_what_there_was_however_often() {
    let folder = copied();
    let database = folder.path().join("onehall.db");
    Store::open(folder.path()).await.unwrap().close().await;
    for _ in 0..11 {
        fs::copy(folder.path().join("onehall.db.1"), &database).unwrap();
        assert_eq!(schema_1(&database).await, (1, "Autumn meeting".to_owned()));
        let store = Store::open(folder.path()).await.unwrap();
        assert_eq!(store.meetings().await.unwrap()[0].title, Text::new("秋季工作会议", "Autumn meeting"));
        store.close().await;
        assert_eq!(beside(folder.path()), ["onehall.db.1"]);
    }
}

/// Lays the files of the fixture back, as who goes back by a copy of the whole folder does.
fn lay_back(folder: &Path) {
    let earlier = copied();
    for name in ["onehall.db", "onehall.db-wal"] {
        fs::copy(earlier.path().join(name), folder.join(name)).unwrap();
    }
    let _ = fs::remove_file(folder.join("onehall.db-shm"));
}

#[tokio::test]
async fn a_database_that_is_laid_back_again_and_again_is_copied_once() {
    let folder = copied();
    for _ in 0..11 {
        Store::open(folder.path()).await.unwrap().close().await;
        assert_eq!(beside(folder.path()), ["onehall.db.1"]);
        lay_back(folder.path());
    }
    // One that differs in its last byte is another.
    let copy = folder.path().join("onehall.db.1");
    let mut bytes = fs::read(&copy).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&copy, &bytes).unwrap();
    Store::open(folder.path()).await.unwrap().close().await;
    assert_eq!(beside(folder.path()), ["onehall.db.1", "onehall.db.1.2"]);
    assert_eq!(fs::read(&copy).unwrap(), bytes);
}

#[tokio::test]
async fn a_failed_migration_keeps_a_copy_that_was_there_before() {
    let folder = copied();
    let database = folder.path().join("onehall.db");
    tamper(folder.path(), "CREATE INDEX of_their_own ON item (title_en)").await;
    let copy = folder.path().join("onehall.db.1");
    // Overwriting as the store does, since that shows in the bytes of a copy.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    let mut connection = options.pragma("secure_delete", "ON").connect().await.unwrap();
    let into = sqlx::query("VACUUM INTO ?").bind(copy.to_str().unwrap());
    into.execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    // No name is left for another.
    for n in 2..=9 {
        fs::write(folder.path().join(format!("onehall.db.1.{n}")), "of an earlier upgrade").unwrap();
    }
    let there = beside(folder.path());
    let bytes = fs::read(&copy).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(told(&error).contains("could not migrate its schema"), "{}", told(&error));
    assert_eq!(beside(folder.path()), there);
    assert_eq!(fs::read(&copy).unwrap(), bytes);
}

#[tokio::test]
async fn a_failed_migration_leaves_the_database_as_it_was_and_says_so() {
    let folder = copied();
    // An index of the administrator's own holds on to a column that goes.
    tamper(folder.path(), "CREATE INDEX of_their_own ON item (title_en)").await;
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Migration { found: 1, .. }), "{}", told(&error));
    assert!(
        error.to_string().ends_with("onehall.db could not be migrated from schema 1 to 5; it is as it was")
    );
    assert_eq!(schema_1(&folder.path().join("onehall.db")).await, (1, "Autumn meeting".to_owned()));
    assert_eq!(beside(folder.path()), Vec::<String>::new());

    tamper(folder.path(), "DROP INDEX of_their_own").await;
    Store::open(folder.path()).await.unwrap().close().await;
}

#[tokio::test]
async fn what_a_crash_left_of_a_copy_is_not_written_into() {
    let folder = copied();
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "of somebody else").unwrap();
    std::os::unix::fs::symlink(&elsewhere, folder.path().join("onehall.db.copy")).unwrap();
    Store::open(folder.path()).await.unwrap().close().await;
    assert_eq!(fs::read(&elsewhere).unwrap(), b"of somebody else");
    let copy = fs::symlink_metadata(folder.path().join("onehall.db.1")).unwrap();
    assert!(copy.is_file());
    assert_eq!(copy.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn what_cannot_be_copied_is_not_migrated() {
    let folder = copied();
    fs::create_dir(folder.path().join("onehall.db.copy")).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(told(&error).contains("it is as it was: could not make"), "{}", told(&error));
    assert_eq!(schema_1(&folder.path().join("onehall.db")).await.0, 1);
    fs::remove_dir(folder.path().join("onehall.db.copy")).unwrap();

    fs::write(folder.path().join("onehall.db.1"), "of an earlier upgrade").unwrap();
    for n in 2..=9 {
        fs::write(folder.path().join(format!("onehall.db.1.{n}")), "of an earlier upgrade").unwrap();
    }
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(told(&error).contains("onehall.db.1 and 8 more copies are there already"), "{}", told(&error));
    assert_eq!(fs::read(folder.path().join("onehall.db.1")).unwrap(), b"of an earlier upgrade");
}
