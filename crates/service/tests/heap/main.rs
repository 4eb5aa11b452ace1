//! A meeting has an end: what it took is given back. The allocator of this test binary alone counts.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../registry/house.rs"]
#[expect(dead_code, reason = "the other tests of the registry use more of it")]
mod house;

use std::alloc::System;
use std::time::Duration;

use base::{Epoch, Sequence, SourceId, VenueId};
use service::control::Inbox;
use service::facts::PageReport;
use service::port::hop::{Fact, SourceState};
use service::registry::{Registry, UNHELD_MAX};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use house::{House, MINUTE, act, end, id, mute_all, run, slate, start};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Meetings that are held, one after the other.
const MEETINGS: u32 = 1_000;
/// After so many the process has all that it keeps.
const WARM: u32 = 50;

/// Bytes that are allocated now.
fn live() -> usize {
    let stats = COUNTED.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// A short meeting, with what hop and pages tell it.
async fn hold(registry: &Registry, n: u32) {
    let hold = registry.hold(&id(n)).await.unwrap();
    act(&hold, "k1", start()).await.unwrap();
    for (k, venue) in ["main", "a", "b", "c"].into_iter().enumerate() {
        let source = SourceId::new(&format!("{venue}.1")).unwrap();
        let state = SourceState { live: true, layers: vec![180, 360], decodable: true };
        hold.meeting.inbox.post(Inbox::Hop(Fact::Source { source, state }.into()));
        let venue = VenueId::new(venue).unwrap();
        hold.meeting.inbox.post(Inbox::Report(venue.clone(), PageReport::default()));
        let (open, epoch, sequence) = (k % 2 == 0, Epoch(1), Sequence(1));
        hold.meeting.inbox.post(Inbox::Hop(Fact::Gate { venue, open, epoch, sequence }.into()));
    }
    for n in 0..10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        act(&hold, &format!("s{n}"), slate()).await.unwrap();
        act(&hold, &format!("m{n}"), mute_all()).await.unwrap();
    }
    act(&hold, "k2", end()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_thousand_meetings_held_one_after_the_other_leave_the_heap_as_it_is() {
    let house = House::new();
    let registry = house.registry();
    let mut warm = 0;
    for n in 1..=MEETINGS {
        hold(&registry, n).await;
        tokio::time::sleep(UNHELD_MAX + MINUTE).await;
        assert!(registry.all().is_empty(), "meeting {n} is loaded still");
        // What stands for disk and hop keeps nothing either.
        house.runs().remove(&run(n));
        house.hop.lock().unwrap().clear();
        let now = live();
        if n == WARM {
            warm = now;
        }
        assert!(
            n <= WARM || now.abs_diff(warm) * 20 <= warm,
            "after {n} meetings {now} bytes, {warm} after {WARM}"
        );
    }
}
