//! The directory, plans, runs and tokens.

use std::fs;

use crate::common::{directory, meeting, plan, prepared, run};
use base::{Epoch, TokenId, VenueId, Wall};
use directory::Text;
use directory::policy::Role;
use service::port::log::Log;
use service::port::runs::RunKind;
use service::port::tokens::TokenRow;
use store_sqlite::{Store, StoreError};

const VENUES: [&str; 3] = ["main", "v002", "v003"];

#[tokio::test]
async fn directory_and_plan_come_back_as_they_were_given() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(store.directory().await.unwrap(), None);
    assert!(matches!(store.load(&meeting()).await, Err(StoreError::NoMeeting(_))));
    store.replace(directory(&VENUES), plan("annual", &VENUES)).await.unwrap();
    store.close().await;
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(store.directory().await.unwrap(), Some(directory(&VENUES)));
    assert_eq!(store.load(&meeting()).await.unwrap(), (directory(&VENUES), plan("annual", &VENUES)));
    store.close().await;
}

#[tokio::test]
async fn a_name_keeps_the_languages_that_it_was_given_in() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let title = [("ug", "يىللىق يىغىن"), ("zh", "年会")];
    let title = title.map(|(tag, text)| (tag.parse().unwrap(), text.to_owned()));
    let mut plan = plan("annual", &VENUES);
    plan.title = Text::of(title.into_iter().collect()).unwrap();
    store.replace(directory(&VENUES), plan.clone()).await.unwrap();
    assert_eq!(store.load(&meeting()).await.unwrap().1, plan);
    store.close().await;
    let database = fs::read(folder.path().join("onehall.db")).unwrap();
    let stored = "{\"zh\":\"年会\",\"ug\":\"يىللىق يىغىن\"}".as_bytes();
    assert!(database.windows(stored.len()).any(|window| window == stored));
}

#[tokio::test]
async fn a_second_replacement_takes_away_what_is_not_in_it_and_keeps_runs_and_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &["held"]).await;
    store.add_token(token("t1", Role::Director, None)).await.unwrap();
    let few = ["main", "v002"];
    let mut shorter = plan("annual", &few);
    shorter.items.truncate(1);
    shorter.contact = None;
    shorter.title = Text::new("新", "New");
    store.replace(directory(&few), shorter.clone()).await.unwrap();
    assert_eq!(store.load(&meeting()).await.unwrap(), (directory(&few), shorter));
    assert_eq!(store.runs(&meeting()).await.unwrap().len(), 1);
    assert!(store.token(&TokenId::new("t1").unwrap()).await.unwrap().is_some());
    store.close().await;
}

#[tokio::test]
async fn what_another_meeting_names_cannot_be_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &[]).await;
    let few = ["main", "v002"];
    let error = store.replace(directory(&few), plan("other", &few)).await.unwrap_err();
    assert_eq!(error.to_string(), "venue v003 cannot be removed: meeting annual names it");
    assert_eq!(store.meetings().await.unwrap().len(), 1);
    assert_eq!(store.directory().await.unwrap(), Some(directory(&VENUES)));

    let mut other = plan("other", &few);
    other.start = None;
    store.replace(directory(&VENUES), other.clone()).await.unwrap();
    assert_eq!(store.load(&meeting()).await.unwrap().1, plan("annual", &VENUES));
    assert_eq!(store.load(&other.id).await.unwrap().1, other);
    let ids: Vec<String> = store.meetings().await.unwrap().iter().map(|m| m.id.to_string()).collect();
    assert_eq!(ids, ["annual", "other"]);
    store.close().await;
}

#[tokio::test]
async fn runs_are_listed_with_those_held_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &[]).await;
    let kinds = [
        ("test", RunKind::JointTest, 1),
        ("through", RunKind::RunThrough, 2),
        ("held-b", RunKind::Held, 4),
        ("held-a", RunKind::Held, 3),
    ];
    for (name, kind, at) in kinds {
        store.add_run(run(name), meeting(), kind, Wall(at)).await.unwrap();
    }
    store.add_run(run("test"), meeting(), RunKind::Held, Wall(9)).await.unwrap();
    Log::open(&store, &run("test")).await.unwrap();
    let runs = store.runs(&meeting()).await.unwrap();
    let names: Vec<&str> = runs.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(names, ["held-a", "held-b", "through", "test"]);
    assert_eq!((runs[3].kind, runs[3].created, runs[3].epoch), (RunKind::JointTest, Wall(1), Epoch(1)));
    let error = store.add_run(run("x"), "none".parse().unwrap(), RunKind::Held, Wall(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no meeting none");
    store.close().await;
}

/// A token of `annual` that is good.
pub(crate) fn token(id: &str, role: Role, venue: Option<&str>) -> TokenRow {
    TokenRow {
        id: TokenId::new(id).unwrap(),
        meeting: meeting(),
        role,
        venue: venue.map(|v| VenueId::new(v).unwrap()),
        expires: Wall(1_793_577_600_000),
        revoked: None,
        made: Some(Wall(1_793_000_000_000)),
        used: None,
    }
}

#[tokio::test]
async fn a_token_is_listed_and_revoked_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &[]).await;
    let given = [
        token("t1", Role::Director, None),
        token("t3", Role::Venue, Some("main")),
        token("t2", Role::Venue, Some("v002")),
    ];
    for token in &given {
        store.add_token(token.clone()).await.unwrap();
        store.add_token(token.clone()).await.unwrap();
    }
    assert_eq!(store.tokens(&meeting()).await.unwrap(), given);
    let id = TokenId::new("t2").unwrap();
    store.revoke_token(id.clone(), Wall(5)).await.unwrap();
    store.revoke_token(id.clone(), Wall(6)).await.unwrap();
    assert_eq!(store.token(&id).await.unwrap().unwrap().revoked, Some(Wall(5)));
    assert_eq!(store.token(&TokenId::new("none").unwrap()).await.unwrap(), None);
    assert!(store.add_token(token("bad", Role::Watcher, Some("main"))).await.is_err());
    store.close().await;
}

/// Erasing a row of `personal` is all that erasing a person takes: nothing else holds the name.
#[tokio::test]
async fn an_erased_name_is_gone_from_the_file_and_the_directory_still_loads() {
    use sqlx::{ConnectOptions, Connection};
    let folder = tempfile::tempdir().unwrap();
    let store = prepared(folder.path(), &[]).await;
    store.close().await;
    let path = folder.path().join("onehall.db");
    let mut connection =
        sqlx::sqlite::SqliteConnectOptions::new().filename(&path).foreign_keys(true).connect().await.unwrap();
    sqlx::raw_sql("PRAGMA secure_delete = ON; DELETE FROM personal; VACUUM")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let bytes = fs::read(&path).unwrap();
    for name in ["江予安", "Jiang Yu", "Technician", "8001"] {
        assert!(!bytes.windows(name.len()).any(|part| part == name.as_bytes()), "{name}");
    }
    let store = Store::open(folder.path()).await.unwrap();
    let (directory, plan) = store.load(&meeting()).await.unwrap();
    assert_eq!(directory.people()[&"chair".parse().unwrap()].name, Text::default());
    assert_eq!((directory.venues()[0].technician.clone(), plan.contact), (None, None));
    store.close().await;
}
