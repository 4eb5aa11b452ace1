//! What a log promises: order, epochs, and that what was answered stays.

use base::{Epoch, RunId, Sequence, Wall};
use service::chain::{Head, Unsealed, seal};
use service::port::log::{LogError, StoredEvent};
use service::port::runs::RunKind;

use super::{Broken, Given as _, Harness, Seen, Store, kept, same};
use crate::small;

/// Only a run that was added has a log.
pub const KNOWN_RUNS: &str = "only a run that was added has a log";
/// Each opening has a later epoch.
pub const LATER_EPOCHS: &str = "each opening of a run has a later epoch than the one before";
/// Bytes stay as they were written.
pub const READS_BACK: &str = "what was appended is read as it was, in order, from where one asks and no more, and reading is no opening";
/// Who looks at an ended run needs no right to write.
pub const OPENED_TO_READ: &str =
    "a run that is opened to be read has its events and its epoch, and no writer is fenced";
/// A log has no gaps and no halves.
pub const FOLLOWS: &str = "a batch that does not follow is refused whole";
/// Only the newest writer writes.
pub const FENCED: &str = "a writer whose epoch is over appends nothing";
/// A joint test never enters the record.
pub const RUNS_APART: &str = "runs of one meeting have logs of their own";
/// Nothing is lost in good order.
pub const OUTLIVES_OPENING: &str = "what was answered is there when the store is opened again";
/// An answer is given after fsync.
pub const OUTLIVES_CRASH: &str = "what was answered outlives a crash";

/// Runs the suite.
///
/// # Errors
/// The first promise that is broken.
pub async fn check<H: Harness>(fresh: impl AsyncFn() -> H) -> Result<(), Broken> {
    kept(KNOWN_RUNS, known_runs(fresh().await).await)?;
    kept(LATER_EPOCHS, later_epochs(fresh().await).await)?;
    kept(READS_BACK, reads_back(fresh().await).await)?;
    kept(OPENED_TO_READ, opened_to_read(fresh().await).await)?;
    kept(FOLLOWS, follows(fresh().await).await)?;
    kept(FENCED, fenced(fresh().await).await)?;
    kept(RUNS_APART, runs_apart(fresh().await).await)?;
    kept(OUTLIVES_OPENING, outlives_opening(fresh().await).await)?;
    kept(OUTLIVES_CRASH, outlives_crash(fresh().await).await)
}

async fn known_runs(harness: impl Harness) -> Seen {
    let store = harness.store();
    let run = run("one");
    let no_run = |what, error: Option<LogError>| match error {
        Some(LogError::NoRun(named)) if named == run => Ok(()),
        other => Err(format!("{what} a run that is not there ends as {other:?}")),
    };
    no_run("opening", store.open(&run).await.err())?;
    no_run("opening to read", store.open_to_read(&run).await.err())?;
    no_run("reading", store.read(&run, Sequence(1), 1).await.err())?;
    no_run("appending to", store.append(&run, Epoch(1), following(&run, &[], Epoch(1), 1)).await.err())
}

async fn later_epochs(mut harness: impl Harness) -> Seen {
    let run = prepared(&*harness.store(), "one").await?;
    let mut last = Epoch(0);
    for turn in 0..4 {
        if turn == 2 {
            harness.reopen().await;
        }
        let opened = harness.store().open(&run).await.given("open a run")?;
        if opened.epoch <= last {
            return Err(format!("epoch {} came after {last}", opened.epoch));
        }
        last = opened.epoch;
    }
    Ok(())
}

async fn reads_back(harness: impl Harness) -> Seen {
    let store = harness.store();
    let (run, epoch, events) = held(&*store).await?;
    let all = store.read(&run, Sequence(1), 100).await.given("read")?;
    same("the log", &all, &events)?;
    let some = store.read(&run, Sequence(3), 2).await.given("read a part")?;
    same("the part from the third event on", &some, &events[2..4].to_vec())?;
    for from in [6, i64::MAX.cast_unsigned() + 1, u64::MAX] {
        let beyond = store.read(&run, Sequence(from), 100).await.given("read beyond the end")?;
        same("the part beyond the end", &beyond, &Vec::new())?;
    }
    let rows = store.runs(&small::meeting_id()).await.given("list runs")?;
    same("the epoch after reading", &rows.first().map(|row| row.epoch), &Some(epoch))?;
    let opened = store.open(&run).await.given("open a run again")?;
    same("the log when opened", &opened.events, &events)
}

async fn opened_to_read(harness: impl Harness) -> Seen {
    let store = harness.store();
    let (run, epoch, events) = held(&*store).await?;
    let opened = store.open_to_read(&run).await.given("open a run to read it")?;
    same("what is read", &(opened.epoch, &opened.events), &(epoch, &events))?;
    store.append(&run, epoch, following(&run, &events, epoch, 1)).await.given("append beside a reader")
}

async fn follows(harness: impl Harness) -> Seen {
    let store = harness.store();
    let (run, epoch, events) = held(&*store).await?;
    let next = following(&run, &events, epoch, 3);
    let with_gap = vec![next[0].clone(), next[2].clone()];
    for (what, batch) in
        [("twice", events[4..].to_vec()), ("a gap", next[1..].to_vec()), ("an inner gap", with_gap)]
    {
        match store.append(&run, epoch, batch).await {
            Err(LogError::Gap { .. }) => {}
            other => return Err(format!("{what}: {other:?}")),
        }
        let all = store.read(&run, Sequence(1), 100).await.given("read")?;
        same("the log after a batch that was refused", &all, &events)?;
    }
    store.append(&run, epoch, next).await.given("append what follows")
}

async fn fenced(harness: impl Harness) -> Seen {
    let store = harness.store();
    let (run, old, events) = held(&*store).await?;
    let new = store.open(&run).await.given("open a run again")?.epoch;
    match store.append(&run, old, following(&run, &events, old, 1)).await {
        Err(LogError::Fenced { ours, theirs }) => {
            same("the epochs told", &(ours, theirs), &(old, new))?;
        }
        other => return Err(format!("an append of epoch {old} after {new} was opened ends as {other:?}")),
    }
    store.append(&run, new, following(&run, &events, new, 1)).await.given("append under the new epoch")?;
    let all = store.read(&run, Sequence(1), 100).await.given("read")?;
    same("the number of events", &all.len(), &(events.len() + 1))
}

async fn runs_apart(harness: impl Harness) -> Seen {
    let store = harness.store();
    let (one, _, events) = held(&*store).await?;
    let two = prepared(&*store, "two").await?;
    let opened = store.open(&two).await.given("open the second run")?;
    same("the log of a run that is new", &opened.events, &Vec::new())?;
    let theirs = following(&two, &[], opened.epoch, 2);
    store.append(&two, opened.epoch, theirs.clone()).await.given("append to the second run")?;
    for (what, run, want) in [("the first log", &one, &events), ("the second log", &two, &theirs)] {
        let read = store.read(run, Sequence(1), 100).await.given("read")?;
        same(what, &read, want)?;
    }
    Ok(())
}

async fn outlives_opening(mut harness: impl Harness) -> Seen {
    let (run, _, events) = held(&*harness.store()).await?;
    harness.reopen().await;
    let opened = harness.store().open(&run).await.given("open a run again")?;
    same("the log", &opened.events, &events)
}

async fn outlives_crash(mut harness: impl Harness) -> Seen {
    let (run, _, events) = held(&*harness.store()).await?;
    harness.crash().await;
    let opened = harness.store().open(&run).await.given("open a run after a crash")?;
    same("the log", &opened.events, &events)
}

/// A run with five events, appended in two batches: its name, its epoch, its events.
async fn held(store: &dyn Store) -> Result<(RunId, Epoch, Vec<StoredEvent>), String> {
    let run = prepared(store, "one").await?;
    let epoch = store.open(&run).await.given("open a run")?.epoch;
    let events = following(&run, &[], epoch, 5);
    store.append(&run, epoch, events[..2].to_vec()).await.given("append")?;
    store.append(&run, epoch, events[2..].to_vec()).await.given("append again")?;
    Ok((run, epoch, events))
}

/// A run of that name, of the one meeting.
async fn prepared(store: &dyn Store, name: &str) -> Result<RunId, String> {
    let plan = small::plan();
    let meeting = plan.id.clone();
    store.replace(small::directory(), plan).await.given("store a meeting")?;
    store.add_run(run(name), meeting, RunKind::JointTest, Wall(1)).await.given("add a run")?;
    Ok(run(name))
}

fn run(name: &str) -> RunId {
    RunId::new(name).expect("a word is an id")
}

/// `count` events that follow on those before.
fn following(run: &RunId, before: &[StoredEvent], epoch: Epoch, count: usize) -> Vec<StoredEvent> {
    let mut all = before.to_vec();
    for _ in 0..count {
        all.push(next_event(run, all.last(), epoch, ("tested", 1)));
    }
    all.split_off(before.len())
}

/// An event of a kind and a version that follows on the one before.
pub(super) fn next_event(
    run: &RunId,
    before: Option<&StoredEvent>,
    epoch: Epoch,
    (kind, ver): (&str, u16),
) -> StoredEvent {
    let head = before.map_or_else(|| Head::origin(run), Head::after);
    let seq = head.seq.next();
    // Bytes that a store might be tempted to write anew: blanks, and a number with a fraction.
    let body = format!("{{ \"run\":\"{run}\", \"number\": {seq}.0 }}").into_bytes();
    let event = Unsealed { seq, epoch, at: Wall(1_000), kind: kind.to_owned(), ver, body };
    seal(run, &head.hash, event)
}
