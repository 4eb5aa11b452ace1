//! What is promised of organisation and plans.

use base::{MeetingId, Wall};
use directory::{Directory, Plan};
use service::port::directories::DirectoriesError;

use super::{Broken, Given as _, Harness, Seen, kept, same};
use crate::small;

/// Nothing is there before the first file.
pub const EMPTY: &str = "a new store has no organisation and no meeting, and says so";
/// What was stored is what is read.
pub const READS_BACK: &str = "organisation and plan are read as they were given";
/// A file says all.
pub const REPLACES: &str = "a second file takes away what it does not say, and leaves other meetings";
/// No meeting loses what it names.
pub const IN_USE: &str = "what another meeting names cannot be taken away, and then nothing changes";
/// Meetings stand by their start.
pub const LISTED: &str = "meetings are listed by planned start, those without one last";
/// An answer is given after fsync.
pub const OUTLIVES: &str = "organisation and plans outlive an opening and a crash";

/// Runs the suite.
///
/// # Errors
/// The first promise that is broken.
pub async fn check<H: Harness>(fresh: impl AsyncFn() -> H) -> Result<(), Broken> {
    kept(EMPTY, empty(fresh().await).await)?;
    kept(READS_BACK, reads_back(fresh().await).await)?;
    kept(REPLACES, replaces(fresh().await).await)?;
    kept(IN_USE, in_use(fresh().await).await)?;
    kept(LISTED, listed(fresh().await).await)?;
    kept(OUTLIVES, outlives(fresh().await).await)
}

async fn empty(harness: impl Harness) -> Seen {
    let store = harness.store();
    same("the organisation", &store.directory().await.given("read the organisation")?, &None)?;
    same("the number of meetings", &store.meetings().await.given("list the meetings")?.len(), &0)?;
    match store.load(&small::meeting_id()).await {
        Err(DirectoriesError::NoMeeting(id)) => same("the meeting told", &id, &small::meeting_id()),
        other => Err(format!("loading a meeting that is not there ends as {other:?}")),
    }
}

async fn reads_back(harness: impl Harness) -> Seen {
    let store = harness.store();
    let both = (small::directory(), small::plan());
    store.replace(both.0.clone(), both.1.clone()).await.given("store a meeting")?;
    same("what is loaded", &store.load(&both.1.id).await.given("load a meeting")?, &both)?;
    let directory = store.directory().await.given("read the organisation")?;
    same("the organisation", &directory, &Some(both.0))
}

async fn replaces(harness: impl Harness) -> Seen {
    let store = harness.store();
    let mut other = meeting("m2", None);
    other.items.clear();
    store.replace(small::directory(), other.clone()).await.given("store a meeting")?;
    store.replace(small::directory(), small::plan()).await.given("store a second meeting")?;
    let mut fewer = small::plan();
    fewer.items.truncate(1);
    fewer.venues.truncate(2);
    fewer.start = None;
    let directory = without("z");
    store.replace(directory.clone(), fewer.clone()).await.given("replace a meeting")?;
    same("what is loaded", &store.load(&fewer.id).await.given("load it")?, &(directory.clone(), fewer))?;
    same("the other meeting", &store.load(&other.id).await.given("load the other")?, &(directory, other))
}

async fn in_use(harness: impl Harness) -> Seen {
    let store = harness.store();
    store.replace(small::directory(), small::plan()).await.given("store a meeting")?;
    let other = Plan { venues: vec![small::venue_id("main")], items: Vec::new(), ..meeting("m2", None) };
    store.fits(&small::directory(), &other.id).await.given("ask for what takes nothing away")?;
    store.fits(&without("c"), &small::meeting_id()).await.given("ask for what this meeting alone names")?;
    let asked = store.fits(&without("c"), &other.id).await;
    for refused in [asked, store.replace(without("c"), other.clone()).await] {
        match refused {
            Err(DirectoriesError::InUse { what, id, meeting }) => {
                let told = (what, id.as_str(), meeting.as_str());
                same("what is told", &told, &("venue", "c", "m1"))?;
            }
            other => return Err(format!("taking away a venue that another meeting names ends as {other:?}")),
        }
    }
    let unchanged = (small::directory(), small::plan());
    same("the meeting", &store.load(&small::meeting_id()).await.given("load it")?, &unchanged)?;
    match store.load(&other.id).await {
        Err(DirectoriesError::NoMeeting(_)) => Ok(()),
        there => Err(format!("the refused meeting is there: {there:?}")),
    }
}

async fn listed(harness: impl Harness) -> Seen {
    let store = harness.store();
    for plan in [meeting("none", None), meeting("late", Some(2_000)), meeting("early", Some(1_000))] {
        store.replace(small::directory(), plan).await.given("store a meeting")?;
    }
    let rows = store.meetings().await.given("list the meetings")?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    same("the list", &ids, &vec!["early", "late", "none"])?;
    let first = (rows[0].title.clone(), rows[0].start);
    same("the first row", &first, &(small::plan().title, Some(Wall(1_000))))
}

async fn outlives(mut harness: impl Harness) -> Seen {
    let both = (small::directory(), small::plan());
    harness.store().replace(both.0.clone(), both.1.clone()).await.given("store a meeting")?;
    harness.reopen().await;
    same("after an opening", &harness.store().load(&both.1.id).await.given("load it")?, &both)?;
    let fewer = (without("z"), both.1.clone());
    harness.store().replace(fewer.0.clone(), fewer.1.clone()).await.given("replace it")?;
    harness.crash().await;
    same("after a crash", &harness.store().load(&both.1.id).await.given("load it")?, &fewer)
}

fn meeting(id: &str, start: Option<i64>) -> Plan {
    Plan { id: MeetingId::new(id).expect("a word is an id"), start: start.map(Wall), ..small::plan() }
}

/// The organisation without one of its venues.
fn without(venue: &str) -> Directory {
    let whole = small::directory();
    let venues = whole.venues().iter().filter(|other| other.id.as_str() != venue).cloned().collect();
    Directory::new(
        whole.organisation().clone(),
        whole.tiers().to_vec(),
        whole.units().to_vec(),
        venues,
        whole.people().values().cloned().collect(),
    )
    .expect("a directory with a venue less is one")
}
