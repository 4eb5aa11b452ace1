//! The suites of the ports pass a store that keeps its promises, and name the promise that a planted fault breaks.

use std::sync::Arc;

use testing::conformance::{Broken, Harness, Store, directories, log, runs, tokens};
use testing::{MemoryStore, Planted};

struct InMemory(Arc<MemoryStore>);

impl Harness for InMemory {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.0) as _
    }

    async fn reopen(&mut self) {
        self.0.reopen();
    }

    async fn crash(&mut self) {
        self.0.crash();
    }
}

/// The promise that each suite finds broken: of log, organisation, runs and tokens.
async fn broken(planted: Option<Planted>) -> [Option<&'static str>; 4] {
    let fresh = async || InMemory(Arc::new(planted.map_or_else(MemoryStore::default, MemoryStore::planted)));
    let promise = |ended: Result<(), Broken>| ended.err().map(|broken| broken.promise);
    [
        promise(log::check(fresh).await),
        promise(directories::check(fresh).await),
        promise(runs::check(fresh).await),
        promise(tokens::check(fresh).await),
    ]
}

#[tokio::test]
async fn a_store_that_keeps_its_promises_passes() {
    assert_eq!(broken(None).await, [None; 4]);
}

#[tokio::test]
async fn a_store_that_loses_the_last_append_is_found() {
    assert_eq!(broken(Some(Planted::LosesLastAppend)).await, [Some(log::OUTLIVES_OPENING), None, None, None]);
}

#[tokio::test]
async fn a_store_that_answers_before_it_synced_is_found() {
    assert_eq!(broken(Some(Planted::AnswersBeforeSync)).await, [Some(log::OUTLIVES_CRASH), None, None, None]);
}

#[tokio::test]
async fn a_store_that_mixes_two_runs_is_found() {
    let found = broken(Some(Planted::MixesRuns)).await;
    assert_eq!(found, [Some(log::RUNS_APART), None, Some(runs::COURSE), None]);
}

#[tokio::test]
async fn a_store_that_lets_an_older_epoch_write_is_found() {
    assert_eq!(broken(Some(Planted::LetsOlderEpochWrite)).await, [Some(log::FENCED), None, None, None]);
}

#[tokio::test]
async fn a_store_that_takes_away_what_a_meeting_names_is_found() {
    let found = broken(Some(Planted::LetsNamedThingsVanish)).await;
    assert_eq!(found, [None, Some(directories::IN_USE), None, None]);
}

#[tokio::test]
async fn a_store_that_promises_what_it_refuses_is_found() {
    let found = broken(Some(Planted::PromisesWhatItRefuses)).await;
    assert_eq!(found, [None, Some(directories::IN_USE), None, None]);
}

#[tokio::test]
async fn a_store_that_forgets_what_was_revoked_is_found() {
    assert_eq!(broken(Some(Planted::ForgetsRevocations)).await, [None, None, None, Some(tokens::OUTLIVES)]);
}
