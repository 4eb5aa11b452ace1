//! What is promised of tokens.

use base::{MeetingId, TokenId, Wall};
use directory::policy::Role;
use service::port::tokens::{TokenRow, TokensError};

use super::{Broken, Given as _, Harness, Seen, Store, kept, same};
use crate::small;

/// No token without a meeting.
pub const OF_A_MEETING: &str = "a token is given out for a meeting that is there";
/// What was stored is what is read.
pub const READS_BACK: &str = "a token is read as it was given out, and one that was not is not there";
/// A second giving changes nothing.
pub const ADDED_ONCE: &str = "a token that is added again stays as it is";
/// A link is taken back for good.
pub const REVOKED: &str =
    "a token is revoked once and then listed as revoked; what was never given out cannot be";
/// Last use is only told.
pub const USED: &str = "when a token was last used is noted of those that are there, and never goes back";
/// Lists stand in one order.
pub const LISTED: &str = "tokens of a meeting are listed by role, venue and id";
/// An answer is given after fsync.
pub const OUTLIVES: &str =
    "tokens and their revocations outlive an opening, a crash and a second meeting file";

/// Runs the suite.
///
/// # Errors
/// The first promise that is broken.
pub async fn check<H: Harness>(fresh: impl AsyncFn() -> H) -> Result<(), Broken> {
    kept(OF_A_MEETING, of_a_meeting(fresh().await).await)?;
    kept(READS_BACK, reads_back(fresh().await).await)?;
    kept(ADDED_ONCE, added_once(fresh().await).await)?;
    kept(REVOKED, revoked(fresh().await).await)?;
    kept(USED, used(fresh().await).await)?;
    kept(LISTED, listed(fresh().await).await)?;
    kept(OUTLIVES, outlives(fresh().await).await)
}

async fn of_a_meeting(harness: impl Harness) -> Seen {
    let store = harness.store();
    match store.add_token(token("a", Role::Chair, None)).await {
        Err(TokensError::NoMeeting(id)) => same("the meeting told", &id, &meeting())?,
        other => return Err(format!("a token of no meeting ends as {other:?}")),
    }
    same("the tokens of no meeting", &store.tokens(&meeting()).await.given("list tokens")?, &Vec::new())
}

async fn reads_back(harness: impl Harness) -> Seen {
    let store = harness.store();
    prepared(&*store).await?;
    let given = TokenRow { revoked: Some(Wall(7)), ..token("a", Role::Venue, Some("main")) };
    store.add_token(given.clone()).await.given("add a token")?;
    same("the token", &store.token(&given.id).await.given("read it")?, &Some(given))?;
    same("a strange token", &store.token(&id("b")).await.given("read a strange one")?, &None)
}

async fn added_once(harness: impl Harness) -> Seen {
    let store = harness.store();
    prepared(&*store).await?;
    let given = token("a", Role::Chair, None);
    store.add_token(given.clone()).await.given("add a token")?;
    let other = TokenRow { expires: Wall(9), ..token("a", Role::Director, None) };
    store.add_token(other).await.given("add it again")?;
    same("the token", &store.token(&given.id).await.given("read it")?, &Some(given))
}

async fn revoked(harness: impl Harness) -> Seen {
    let store = harness.store();
    prepared(&*store).await?;
    let given = token("a", Role::Chair, None);
    store.add_token(given.clone()).await.given("add a token")?;
    store.revoke_token(id("b"), Wall(1)).await.given("revoke a strange one")?;
    store.revoke_token(given.id.clone(), Wall(5)).await.given("revoke it")?;
    store.revoke_token(given.id.clone(), Wall(6)).await.given("revoke it again")?;
    store.add_token(token("c", Role::Chair, None)).await.given("add a good token")?;
    let all = store.revoked().await.given("list what is revoked")?;
    same("what is revoked", &all, &vec![given.id.clone()])?;
    let want = TokenRow { revoked: Some(Wall(5)), ..given };
    same("the token", &store.token(&want.id).await.given("read it")?, &Some(want))?;
    same("a strange token", &store.token(&id("b")).await.given("read a strange one")?, &None)
}

async fn used(harness: impl Harness) -> Seen {
    let store = harness.store();
    prepared(&*store).await?;
    let given = token("a", Role::Chair, None);
    store.add_token(given.clone()).await.given("add a token")?;
    for at in [5, 9, 7] {
        store.note_used(vec![(id("b"), Wall(at)), (id("a"), Wall(at))]).await.given("note a use")?;
    }
    let want = TokenRow { used: Some(Wall(9)), ..given };
    same("the token", &store.token(&want.id).await.given("read it")?, &Some(want))?;
    same("a strange token", &store.token(&id("b")).await.given("read a strange one")?, &None)
}

async fn listed(harness: impl Harness) -> Seen {
    let store = harness.store();
    prepared(&*store).await?;
    let sorted = [
        token("z", Role::Director, None),
        token("c", Role::Chair, None),
        token("d", Role::Chair, None),
        token("y", Role::Venue, Some("a")),
        token("b", Role::Venue, Some("main")),
        token("a", Role::Watcher, None),
    ];
    let mut sorted = sorted.to_vec();
    sorted.sort_by(|a, b| (a.role, &a.venue, &a.id).cmp(&(b.role, &b.venue, &b.id)));
    for row in sorted.iter().rev() {
        store.add_token(row.clone()).await.given("add a token")?;
    }
    same("the list", &store.tokens(&meeting()).await.given("list tokens")?, &sorted)
}

async fn outlives(mut harness: impl Harness) -> Seen {
    prepared(&*harness.store()).await?;
    let (good, taken_back) = (token("a", Role::Chair, None), token("b", Role::Chair, None));
    for row in [&good, &taken_back] {
        harness.store().add_token(row.clone()).await.given("add a token")?;
    }
    harness.store().revoke_token(taken_back.id.clone(), Wall(5)).await.given("revoke it")?;
    let want = vec![good, TokenRow { revoked: Some(Wall(5)), ..taken_back }];
    prepared(&*harness.store()).await?;
    same("after a meeting file", &harness.store().tokens(&meeting()).await.given("list tokens")?, &want)?;
    harness.reopen().await;
    same("after an opening", &harness.store().tokens(&meeting()).await.given("list tokens")?, &want)?;
    harness.crash().await;
    same("after a crash", &harness.store().tokens(&meeting()).await.given("list tokens")?, &want)
}

async fn prepared(store: &dyn Store) -> Seen {
    store.replace(small::directory(), small::plan()).await.given("store a meeting")
}

fn meeting() -> MeetingId {
    small::meeting_id()
}

fn id(text: &str) -> TokenId {
    TokenId::new(text).expect("a letter is an id")
}

fn token(name: &str, role: Role, venue: Option<&str>) -> TokenRow {
    let venue = venue.map(small::venue_id);
    TokenRow {
        id: id(name),
        meeting: meeting(),
        role,
        venue,
        expires: Wall(1_000),
        revoked: None,
        made: Some(Wall(3)),
        used: None,
    }
}
