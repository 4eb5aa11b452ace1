//! What is promised of runs.

use base::{Epoch, MeetingId, RunId, Wall};
use directory::Plan;
use service::port::runs::{Course, RunKind, RunRow, RunsError};

use super::log::next_event;
use super::{Broken, Given as _, Harness, Seen, Store, kept, same};
use crate::small;

/// No run without a meeting.
pub const OF_A_MEETING: &str = "a run is added to a meeting that is there";
/// A second start changes nothing.
pub const ADDED_ONCE: &str = "a run that is added again stays as it is";
/// Lists stand in one order.
pub const LISTED: &str = "runs are listed by kind, then by age, with the epoch of the last writer";
/// What is under way is known without replaying it.
pub const COURSE: &str =
    "how far a run has come is what the last of its events says, and meetings under way are listed once";
/// An answer is given after fsync.
pub const OUTLIVES: &str = "runs outlive an opening, a crash and a second meeting file";

/// Runs the suite.
///
/// # Errors
/// The first promise that is broken.
pub async fn check<H: Harness>(fresh: impl AsyncFn() -> H) -> Result<(), Broken> {
    kept(OF_A_MEETING, of_a_meeting(fresh().await).await)?;
    kept(ADDED_ONCE, added_once(fresh().await).await)?;
    kept(LISTED, listed(fresh().await).await)?;
    kept(COURSE, course(fresh().await).await)?;
    kept(OUTLIVES, outlives(fresh().await).await)
}

async fn of_a_meeting(harness: impl Harness) -> Seen {
    let store = harness.store();
    match store.add_run(run("one"), meeting(), RunKind::Held, Wall(1)).await {
        Err(RunsError::NoMeeting(id)) => same("the meeting told", &id, &meeting())?,
        other => return Err(format!("a run of no meeting ends as {other:?}")),
    }
    same("the runs of no meeting", &store.runs(&meeting()).await.given("list runs")?, &Vec::new())
}

async fn added_once(harness: impl Harness) -> Seen {
    let store = harness.store();
    prepared(&*store).await?;
    store.add_run(run("one"), meeting(), RunKind::JointTest, Wall(1)).await.given("add a run")?;
    store.open(&run("one")).await.given("open it")?;
    store.add_run(run("one"), meeting(), RunKind::Held, Wall(2)).await.given("add it again")?;
    let rows = store.runs(&meeting()).await.given("list runs")?;
    same("the list", &rows, &vec![row("one", RunKind::JointTest, 1, 1)])
}

async fn listed(harness: impl Harness) -> Seen {
    let store = harness.store();
    prepared(&*store).await?;
    let added = [
        ("office", RunKind::Office, 1),
        ("test", RunKind::JointTest, 2),
        ("through", RunKind::RunThrough, 3),
        ("held-late", RunKind::Held, 5),
        ("held-early", RunKind::Held, 4),
    ];
    for (name, kind, created) in added {
        store.add_run(run(name), meeting(), kind, Wall(created)).await.given("add a run")?;
    }
    for _ in 0..2 {
        store.open(&run("through")).await.given("open a run")?;
    }
    let want = vec![
        row("held-early", RunKind::Held, 4, 0),
        row("held-late", RunKind::Held, 5, 0),
        row("through", RunKind::RunThrough, 3, 2),
        row("test", RunKind::JointTest, 2, 0),
        row("office", RunKind::Office, 1, 0),
    ];
    same("the list", &store.runs(&meeting()).await.given("list runs")?, &want)
}

async fn course(harness: impl Harness) -> Seen {
    let store = harness.store();
    let other = MeetingId::new("m2").expect("a word is an id");
    prepared(&*store).await?;
    let plan = Plan { id: other.clone(), ..small::plan() };
    store.replace(small::directory(), plan).await.given("store a second meeting")?;
    let runs = [
        ("held", meeting(), RunKind::Held),
        ("test", meeting(), RunKind::JointTest),
        ("old", other.clone(), RunKind::Held),
    ];
    for (name, meeting, kind) in runs {
        store.add_run(run(name), meeting, kind, Wall(1)).await.given("add a run")?;
    }
    same("the course of a run that is not there", &store.course(&run("no")).await.given("ask")?, &None)?;
    same(
        "the course of a new run",
        &store.course(&run("held")).await.given("ask")?,
        &Some(Course::Prepared),
    )?;
    let (m1, m2) = (meeting(), other);
    // What is appended to which run, how far that has come then, and what is under way.
    let turns = [
        ("test", ("started", 1), Course::Started, vec![]),
        ("held", ("started", 1), Course::Started, vec![&m1]),
        ("old", ("started", 1), Course::Started, vec![&m1, &m2]),
        ("held", ("tested", 1), Course::Started, vec![&m1, &m2]),
        ("held", ("ended", 2), Course::Ended, vec![&m1, &m2]),
        ("old", ("ended", 1), Course::Closed, vec![&m1]),
        ("held", ("closed", 1), Course::Closed, vec![]),
    ];
    for (name, event, course, under_way) in turns {
        let run = run(name);
        let opened = store.open(&run).await.given("open a run")?;
        let next = next_event(&run, opened.events.last(), opened.epoch, event);
        store.append(&run, opened.epoch, vec![next]).await.given("append")?;
        let seen = store.course(&run).await.given("ask how far a run has come")?;
        same(&format!("the course of {name} after {}", event.0), &seen, &Some(course))?;
        let listed = store.unclosed().await.given("list what is under way")?;
        same(
            &format!("what is under way after {} of {name}", event.0),
            &listed.iter().collect(),
            &under_way,
        )?;
    }
    Ok(())
}

async fn outlives(mut harness: impl Harness) -> Seen {
    prepared(&*harness.store()).await?;
    harness.store().add_run(run("one"), meeting(), RunKind::Held, Wall(1)).await.given("add a run")?;
    harness.store().open(&run("one")).await.given("open it")?;
    let want = vec![row("one", RunKind::Held, 1, 1)];
    prepared(&*harness.store()).await?;
    same("after a meeting file", &harness.store().runs(&meeting()).await.given("list runs")?, &want)?;
    harness.reopen().await;
    same("after an opening", &harness.store().runs(&meeting()).await.given("list runs")?, &want)?;
    harness.crash().await;
    same("after a crash", &harness.store().runs(&meeting()).await.given("list runs")?, &want)
}

async fn prepared(store: &dyn Store) -> Seen {
    store.replace(small::directory(), small::plan()).await.given("store a meeting")
}

fn meeting() -> MeetingId {
    small::meeting_id()
}

fn run(name: &str) -> RunId {
    RunId::new(name).expect("a word is an id")
}

fn row(name: &str, kind: RunKind, created: i64, epoch: u64) -> RunRow {
    RunRow { id: run(name), meeting: meeting(), kind, created: Wall(created), epoch: Epoch(epoch) }
}
