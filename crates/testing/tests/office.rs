//! The office: what it applies, refuses and hands out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use base::{MeetingId, Mono, TokenId, Wall};
use directory::change::Change;
use directory::policy::Role;
use directory::{Directory, Plan, Text};
use service::office::OfficeError;
use service::office::apply::{Loaded, LoadedFuture, Office};
use service::office::links::Issuer;
use service::port::clock::Clock;
use service::port::directories::{Directories, DirectoriesFuture, MeetingRow};
use service::port::tokens::{Tokens, TokensError};
use service::token::TokenKey;
use testing::MemoryStore;
use testing::small::{directory, plan, venue_id};

const DAY_MS: i64 = 24 * 3600 * 1000;

/// A clock that a test sets.
#[derive(Default)]
struct Days(Mutex<i64>);

impl Clock for Days {
    fn mono(&self) -> Mono {
        Mono(0)
    }

    fn wall(&self) -> Wall {
        Wall(*self.0.lock().unwrap() * DAY_MS)
    }
}

/// Answers in the next turn, so that others come in between if they are let.
struct Slow(Arc<MemoryStore>);

impl Directories for Slow {
    fn directory(&self) -> DirectoriesFuture<'_, Option<Directory>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.directory().await
        })
    }

    fn load(&self, meeting: &MeetingId) -> DirectoriesFuture<'_, (Directory, Plan)> {
        let meeting = meeting.clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.load(&meeting).await
        })
    }

    fn meetings(&self) -> DirectoriesFuture<'_, Vec<MeetingRow>> {
        self.0.meetings()
    }

    fn fits(&self, directory: &Directory, meeting: &MeetingId) -> DirectoriesFuture<'_, ()> {
        self.0.fits(directory, meeting)
    }

    fn replace(&self, directory: Directory, plan: Plan) -> DirectoriesFuture<'_, ()> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.replace(directory, plan).await
        })
    }
}

/// Writes down what it is told, with the title that the store has then.
struct Told {
    store: Arc<MemoryStore>,
    titles: Mutex<Vec<String>>,
    revoked: Mutex<Vec<TokenId>>,
    fails: bool,
}

impl Loaded for Told {
    fn changed(&self, meeting: &MeetingId) -> LoadedFuture<'_> {
        let meeting = meeting.clone();
        Box::pin(async move {
            let (_, plan) = self.store.load(&meeting).await?;
            self.titles.lock().unwrap().push(plan.title.en().to_owned());
            if self.fails { Err(OfficeError::Busy("its task has ended".into())) } else { Ok(()) }
        })
    }

    fn revoked(&self, token: &TokenId) {
        self.revoked.lock().unwrap().push(token.clone());
    }
}

struct Hall {
    store: Arc<MemoryStore>,
    clock: Arc<Days>,
    told: Arc<Told>,
    office: Office,
}

fn fresh_id() -> TokenId {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed)).parse().unwrap()
}

fn hall(fails: bool) -> Hall {
    let (store, clock) = (Arc::new(MemoryStore::default()), Arc::new(Days::default()));
    let told = Arc::new(Told {
        store: Arc::clone(&store),
        titles: Mutex::default(),
        revoked: Mutex::default(),
        fails,
    });
    let issuer = Issuer {
        tokens: Arc::clone(&store) as _,
        key: TokenKey::new([7; 32]),
        clock: Arc::clone(&clock) as _,
        fresh_id,
        base: "https://meet.example.org".into(),
    };
    let office = Office::new(Arc::new(Slow(Arc::clone(&store))), issuer, Some(Arc::clone(&told) as _));
    Hall { store, clock, told, office }
}

fn titled(title: &str) -> Plan {
    Plan { title: Text::new(title, title), ..plan() }
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let hall = hall(false);
    let applied = hall.office.apply(directory(), plan(), true).await.unwrap();
    assert!(applied.changes.len() > 10 && applied.links.is_empty());
    assert_eq!(hall.store.directory().await.unwrap(), None);
    assert!(hall.told.titles.lock().unwrap().is_empty());
    assert!(hall.store.tokens(&plan().id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_applied_is_stored_before_those_that_are_loaded_are_told() {
    let hall = hall(false);
    hall.office.apply(directory(), titled("First"), false).await.unwrap();
    let applied = hall.office.apply(directory(), titled("Second"), false).await.unwrap();
    assert!(matches!(applied.changes[..], [Change::Meeting(_)]), "{:?}", applied.changes);
    assert_eq!(*hall.told.titles.lock().unwrap(), ["First", "Second"]);
    let again = hall.office.apply(directory(), titled("Second"), false).await.unwrap();
    assert!(again.changes.is_empty());
}

#[tokio::test]
async fn two_files_at_once_are_applied_one_after_the_other() {
    let hall = hall(false);
    let (one, two) = tokio::join!(
        hall.office.apply(directory(), titled("One"), false),
        hall.office.apply(directory(), titled("Two"), false),
    );
    // The second is compared with what the first has stored.
    assert!(one.unwrap().changes.len() > 10);
    assert_eq!(two.unwrap().changes.len(), 1);
    assert_eq!(*hall.told.titles.lock().unwrap(), ["One", "Two"]);
}

#[tokio::test]
async fn a_meeting_that_cannot_be_told_makes_the_office_busy_and_the_same_again_is_safe() {
    let hall = hall(true);
    let refused = hall.office.apply(directory(), plan(), false).await.unwrap_err();
    assert!(matches!(refused, OfficeError::Busy(_)), "{refused}");
    let again = hall.office.apply(directory(), plan(), true).await.unwrap();
    assert!(again.changes.is_empty());
}

#[tokio::test]
async fn what_another_meeting_names_is_the_files_fault() {
    let hall = hall(false);
    hall.office.apply(directory(), plan(), false).await.unwrap();
    let without = Directory::new(
        directory().organisation().clone(),
        directory().tiers().to_vec(),
        directory().units().to_vec(),
        directory().venues().iter().filter(|venue| venue.id != venue_id("c")).cloned().collect(),
        directory().people().values().cloned().collect(),
    )
    .unwrap();
    let other = Plan { id: "m2".parse().unwrap(), venues: vec![venue_id("main")], ..plan() };
    for dry_run in [true, false] {
        let refused = hall.office.apply(without.clone(), other.clone(), dry_run).await.unwrap_err();
        assert_eq!(refused.to_string(), "venue c cannot be removed: meeting m1 names it");
        assert!(matches!(refused, OfficeError::Bad(_)));
    }
}

#[tokio::test]
async fn links_stay_the_same_until_they_have_a_month_left_or_are_revoked() {
    let hall = hall(false);
    let links = async || hall.office.apply(directory(), plan(), false).await.unwrap().links;
    let first = links().await;
    let who: Vec<&str> = first.iter().map(|link| link.who.as_str()).collect();
    assert_eq!(who, ["director", "chair", "watcher", "main", "a", "b", "c"]);
    let pages: Vec<&str> = first.iter().map(|link| link.address.split("#t=hs256.").next().unwrap()).collect();
    assert_eq!(
        pages[..4],
        [
            "https://meet.example.org/m/m1/desk",
            "https://meet.example.org/m/m1/desk",
            "https://meet.example.org/m/m1/watch",
            "https://meet.example.org/venue",
        ]
    );
    *hall.clock.0.lock().unwrap() = 149;
    assert_eq!(links().await, first);
    let rows = hall.store.tokens(&plan().id).await.unwrap();
    let watcher = rows.iter().find(|row| row.role == Role::Watcher).unwrap();
    hall.store.revoke_token(watcher.id.clone(), Wall(1)).await.unwrap();
    let changed = links().await;
    let differ: Vec<bool> = changed.iter().zip(&first).map(|(new, old)| new != old).collect();
    assert_eq!(differ, [false, false, true, false, false, false, false]);
    *hall.clock.0.lock().unwrap() = 151;
    let renewed = links().await;
    assert!(renewed.iter().zip(&first).all(|(new, old)| new != old));
}

/// The id of the link of a venue that is good.
async fn good(hall: &Hall, venue: &str) -> Option<TokenId> {
    let rows = hall.office.given(&plan().id).await.unwrap();
    let mut good = rows.into_iter().filter(|row| row.venue == Some(venue_id(venue)) && row.revoked.is_none());
    let only = good.next().map(|row| row.id);
    assert_eq!(good.next(), None);
    only
}

#[tokio::test]
async fn a_venue_that_leaves_the_roster_loses_its_links_and_gets_another_when_it_comes_back() {
    let hall = hall(false);
    let first = hall.office.apply(directory(), plan(), false).await.unwrap().links;
    let (a, b) = (good(&hall, "a").await.unwrap(), good(&hall, "b").await.unwrap());
    let smaller = Plan { venues: vec![venue_id("main"), venue_id("b"), venue_id("c")], ..plan() };
    hall.office.apply(directory(), smaller, false).await.unwrap();
    assert_eq!(good(&hall, "a").await, None);
    assert_eq!(good(&hall, "b").await, Some(b));
    assert_eq!(*hall.told.revoked.lock().unwrap(), std::slice::from_ref(&a));
    let again = hall.office.apply(directory(), plan(), false).await.unwrap().links;
    let differ: Vec<&str> =
        again.iter().zip(&first).filter(|(new, old)| new != old).map(|(new, _)| new.who.as_str()).collect();
    assert_eq!(differ, ["a"]);
    assert!(good(&hall, "a").await.is_some_and(|new| new != a));
}

#[tokio::test]
async fn a_link_is_revoked_for_good_and_renewed_as_another_for_the_same() {
    let hall = hall(false);
    let first = hall.office.apply(directory(), plan(), false).await.unwrap().links;
    *hall.clock.0.lock().unwrap() = 3;
    let old = good(&hall, "a").await.unwrap();
    let (row, link) = hall.office.renew(&old).await.unwrap();
    assert_eq!((row.venue, row.role, row.made), (Some(venue_id("a")), Role::Venue, Some(Wall(3 * DAY_MS))));
    assert!(link.who == "a" && link.address.starts_with("https://meet.example.org/venue#t="));
    assert!(first.iter().all(|other| *other != link));
    assert_eq!(good(&hall, "a").await, Some(row.id.clone()));
    assert!(hall.office.apply(directory(), plan(), false).await.unwrap().links.contains(&link));

    let ended = hall.office.revoke(&row.id).await.unwrap();
    assert_eq!(ended.revoked, Some(Wall(3 * DAY_MS)));
    *hall.clock.0.lock().unwrap() = 4;
    assert_eq!(hall.office.revoke(&row.id).await.unwrap(), ended, "it ended once");
    assert_eq!(hall.told.revoked.lock().unwrap()[..2], [old, row.id]);
    for refused in [
        hall.office.revoke(&"none".parse().unwrap()).await.unwrap_err(),
        hall.office.renew(&"none".parse().unwrap()).await.unwrap_err(),
    ] {
        assert!(matches!(refused, OfficeError::Bad(_)), "{refused}");
    }
    let unknown = hall.office.given(&"m9".parse().unwrap()).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no meeting m9");
}

#[tokio::test]
async fn a_link_that_was_revoked_does_not_come_back_by_renewing_it() {
    let hall = hall(false);
    hall.office.apply(directory(), plan(), false).await.unwrap();
    let old = good(&hall, "a").await.unwrap();
    let (new, _) = hall.office.renew(&old).await.unwrap();
    // Renewed once more, the old one gives no third link.
    let refused = hall.office.renew(&old).await.unwrap_err();
    let why = format!("the link {old} was revoked; links that are good are printed by meeting apply");
    assert_eq!((matches!(refused, OfficeError::Bad(_)), refused.to_string()), (true, why));
    assert_eq!(good(&hall, "a").await, Some(new.id.clone()));
    hall.office.revoke(&new.id).await.unwrap();
    assert!(hall.office.renew(&new.id).await.is_err());
    assert_eq!(good(&hall, "a").await, None);
}

#[test]
fn a_failure_of_links_says_nothing_of_meeting_files() {
    let failed = OfficeError::from(TokensError::Store("the disk is full".into()));
    assert_eq!(failed.to_string(), "the links could not be read or stored");
}

#[tokio::test]
async fn a_link_of_a_venue_that_has_left_is_not_renewed() {
    let hall = hall(false);
    hall.office.apply(directory(), plan(), false).await.unwrap();
    let old = good(&hall, "a").await.unwrap();
    let smaller = Plan { venues: vec![venue_id("main"), venue_id("b"), venue_id("c")], ..plan() };
    hall.office.apply(directory(), smaller, false).await.unwrap();
    let refused = hall.office.renew(&old).await.unwrap_err();
    assert_eq!(refused.to_string(), "a is no venue of meeting m1 any more");
    assert_eq!(good(&hall, "a").await, None);
}
