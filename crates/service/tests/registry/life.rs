//! A meeting is loaded, held and unloaded.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base::Epoch;
use meeting::Phase;
use service::registry::{IDLE_MAX, LOAD_WITHIN, NotHeld, UNHELD_MAX};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::house::{House, MINUTE, Told, Weather, act, end, id, slate, start};

#[tokio::test(start_paused = true)]
async fn all_who_ask_at_once_wait_for_one_load() {
    let house = House::new();
    let registry = house.registry();
    house.run(1, |run| run.weather.takes = Duration::from_secs(3));
    let mut asking = JoinSet::new();
    for _ in 0..50 {
        let registry = registry.clone();
        asking.spawn(async move { registry.hold(&id(1)).await.map(|hold| hold.meeting.id.clone()) });
    }
    for asked in asking.join_all().await {
        assert_eq!(asked, Ok(id(1)));
    }
    assert_eq!(house.run(1, |run| run.opened), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_waits_five_seconds_and_the_load_goes_on() {
    let house = House::new();
    let registry = house.registry();
    house.run(1, |run| run.weather.takes = Duration::from_secs(8));
    let began = Instant::now();
    assert_eq!(registry.hold(&id(1)).await.unwrap_err(), NotHeld::Slow);
    assert_eq!(began.elapsed(), LOAD_WITHIN);
    tokio::time::sleep(Duration::from_secs(4)).await;
    let began = Instant::now();
    registry.hold(&id(1)).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO, "it is there");
    assert_eq!(house.run(1, |run| run.opened), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_meeting_that_nobody_holds_for_ten_minutes_is_unloaded() {
    let house = House::new();
    let registry = house.registry();
    let hold = registry.hold(&id(1)).await.unwrap();
    tokio::time::sleep(10 * UNHELD_MAX).await;
    assert!(registry.loaded(&id(1)).is_some(), "it is held");
    drop(hold);
    tokio::time::sleep(UNHELD_MAX - MINUTE).await;
    drop(registry.hold(&id(1)).await.unwrap());
    tokio::time::sleep(UNHELD_MAX - MINUTE).await;
    assert!(registry.loaded(&id(1)).is_some(), "it was held since");
    tokio::time::sleep(MINUTE + Duration::from_millis(2)).await;
    assert!(registry.loaded(&id(1)).is_none());
    registry.hold(&id(1)).await.unwrap();
    assert_eq!(house.run(1, |run| run.opened), (2, 0), "it is loaded anew");
}

#[tokio::test(start_paused = true)]
async fn a_meeting_that_runs_is_never_unloaded_and_one_that_is_closed_is_read_without_an_epoch() {
    let house = House::new();
    let registry = house.registry();
    let hold = registry.hold(&id(1)).await.unwrap();
    act(&hold, "k1", start()).await.unwrap();
    drop(hold);
    tokio::time::sleep(20 * UNHELD_MAX).await;
    let hold = registry.hold(&id(1)).await.unwrap();
    assert_eq!(house.run(1, |run| run.opened), (1, 0));
    act(&hold, "k2", end()).await.unwrap();
    drop(hold);
    tokio::time::sleep(UNHELD_MAX + MINUTE).await;
    assert!(registry.loaded(&id(1)).is_none());
    let events = house.run(1, |run| run.events.clone());
    *house.plan.lock().unwrap() += 1;
    // A log that takes nothing any more can still be looked at.
    house.run(1, |run| run.weather = Weather { shut: true, full: true, takes: Duration::ZERO });
    let hold = registry.hold(&id(1)).await.unwrap();
    assert!(matches!(hold.meeting.moment.borrow().state.phase(), Phase::Ended { closed: true, .. }));
    assert!(act(&hold, "k3", slate()).await.is_err());
    tokio::time::sleep(MINUTE).await;
    let (epoch, after, opened) = house.run(1, |run| (run.epoch, run.events.clone(), run.opened));
    assert_eq!((epoch.0, opened), (1, (1, 1)));
    assert_eq!(after, events, "nothing follows on closed");
}

#[tokio::test(start_paused = true)]
async fn nothing_acknowledged_is_lost_by_unloading() {
    let house = House::new();
    let registry = house.registry();
    let hold = registry.hold(&id(1)).await.unwrap();
    act(&hold, "k1", start()).await.unwrap();
    act(&hold, "k2", end()).await.unwrap();
    drop(hold);
    let hold = registry.hold(&id(2)).await.unwrap();
    let refused = act(&hold, "k1", slate()).await;
    assert!(refused.is_err(), "the meeting has not started");
    drop(hold);
    tokio::time::sleep(UNHELD_MAX + MINUTE).await;
    assert_eq!(registry.all().len(), 0);
    let hold = registry.hold(&id(1)).await.unwrap();
    let again = act(&hold, "k2", end()).await.unwrap();
    assert_eq!(
        u64::try_from(house.run(1, |run| run.events.len())).unwrap(),
        again.seq.0 + 1,
        "closed follows"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_to_the_log_when_a_meeting_is_unloaded_is_stored_and_answered() {
    let house = House::new();
    let registry = house.registry();
    let hold = registry.hold(&id(1)).await.unwrap();
    house.run(1, |run| run.weather.takes = Duration::from_millis(1_500));
    let meeting = hold.meeting.clone();
    let asked = tokio::spawn(async move { act(&hold, "k1", start()).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    meeting.inbox.close();
    assert!(asked.await.unwrap().is_ok());
    assert!(house.run(1, |run| run.events.iter().any(|event| event.kind == "started")));
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_closes_ends_every_meeting_when_what_it_had_in_hand_is_stored() {
    let house = House::new();
    let registry = house.registry();
    let hold = registry.hold(&id(1)).await.unwrap();
    house.run(1, |run| run.weather.takes = Duration::from_millis(1_500));
    house.run(2, |run| run.weather.takes = Duration::from_millis(1_700));
    let asked = tokio::spawn(async move { act(&hold, "k1", start()).await });
    let (other, slow) = (registry.clone(), id(2));
    let loading = tokio::spawn(async move { other.hold(&slow).await.map(drop) });
    tokio::time::sleep(Duration::from_secs(1)).await;
    registry.close().await;
    assert!(asked.await.unwrap().is_ok());
    assert!(house.run(1, |run| run.events.iter().any(|event| event.kind == "started")));
    assert!(loading.await.unwrap().is_ok(), "it was being loaded when the registry closed");
    assert!(house.run(2, |run| run.events.iter().any(|event| event.kind == "opened")));
    assert_eq!(registry.all().len(), 0);
    assert_eq!(registry.hold(&id(3)).await.unwrap_err(), NotHeld::Failed);
    registry.close().await;
}

#[tokio::test(start_paused = true)]
async fn sixty_four_idle_meetings_are_loaded_and_the_longest_unheld_makes_room() {
    let house = House::new();
    let registry = house.registry();
    let count = u32::try_from(IDLE_MAX).unwrap();
    for n in 1..=count {
        drop(registry.hold(&id(n)).await.unwrap());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    drop(registry.hold(&id(1)).await.unwrap());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let held = registry.hold(&id(count + 1)).await.unwrap();
    assert!(registry.loaded(&id(1)).is_some() && registry.loaded(&id(2)).is_none());
    assert_eq!(registry.all().len(), IDLE_MAX);
    drop(held);
    let mut holds = Vec::new();
    for n in 101..=100 + count {
        holds.push(registry.hold(&id(n)).await.unwrap());
    }
    let asked = Instant::now();
    assert_eq!(registry.hold(&id(1)).await.unwrap_err(), NotHeld::Full);
    assert_eq!(asked.elapsed(), LOAD_WITHIN);
    assert_eq!(registry.hold_patiently(&id(1)).await.unwrap_err(), NotHeld::Full);
    act(&holds[0], "k1", start()).await.unwrap();
    registry.hold(&id(1)).await.expect("one that runs leaves its place");
}

#[tokio::test(start_paused = true)]
async fn more_askers_at_once_than_places_are_all_served() {
    let house = House::new();
    let registry = house.registry();
    let mut askers = JoinSet::new();
    for n in 1..=IDLE_MAX as u32 + 16 {
        let registry = registry.clone();
        askers.spawn(async move {
            let hold = registry.hold(&id(n)).await?;
            tokio::time::sleep(Duration::from_millis(10)).await;
            drop(hold);
            Ok::<_, NotHeld>(())
        });
    }
    assert_eq!(askers.join_all().await, vec![Ok(()); IDLE_MAX + 16]);
    assert!(registry.all().len() <= IDLE_MAX);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_room_and_goes_away_leaves_it_to_the_next() {
    let house = House::new();
    let registry = house.registry();
    let mut holds = Vec::new();
    for n in 1..=IDLE_MAX as u32 {
        holds.push(registry.hold(&id(n)).await.unwrap());
    }
    let waits = |n| {
        let registry = registry.clone();
        tokio::spawn(async move { registry.hold(&id(n)).await })
    };
    let (first, second) = (waits(101), waits(102));
    tokio::time::sleep(Duration::from_secs(1)).await;
    first.abort();
    holds.pop();
    assert!(second.await.unwrap().is_ok());
    assert!(registry.loaded(&id(101)).is_none());
}

#[tokio::test(start_paused = true)]
async fn loaded_meetings_are_told_a_new_plan_and_others_read_it_when_they_are_loaded() {
    let house = House::new();
    let registry = house.registry();
    let title = |hold: &service::registry::Hold| hold.meeting.moment.borrow().plan.title.en().to_owned();
    let first = registry.hold(&id(1)).await.unwrap();
    house.run(2, |run| run.weather.takes = Duration::from_secs(3));
    let second = tokio::spawn({
        let registry = registry.clone();
        async move { registry.hold(&id(2)).await.unwrap() }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    *house.plan.lock().unwrap() += 1;
    registry.plans_changed().await.unwrap();
    let second = second.await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!((title(&first), title(&second)), ("1".to_owned(), "1".to_owned()));
    assert_eq!(title(&registry.hold(&id(3)).await.unwrap()), "1");
    assert_eq!(house.run(4, |run| run.opened), (0, 0), "nobody asked for it");
}

#[tokio::test(start_paused = true)]
async fn holds_are_counted_one_by_one() {
    let house = House::new();
    let registry = house.registry();
    let held = Arc::new(AtomicU32::new(0));
    for _ in 0..3 {
        let (registry, held) = (registry.clone(), Arc::clone(&held));
        tokio::spawn(async move {
            let hold = registry.hold(&id(1)).await.unwrap();
            held.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(3 * UNHELD_MAX).await;
            drop(hold);
        });
    }
    tokio::time::sleep(2 * UNHELD_MAX).await;
    assert_eq!(held.load(Ordering::Relaxed), 3);
    assert!(registry.loaded(&id(1)).is_some());
    tokio::time::sleep(2 * UNHELD_MAX + MINUTE).await;
    assert!(registry.loaded(&id(1)).is_none());
}

#[tokio::test(start_paused = true)]
async fn the_hop_forgets_a_meeting_when_its_task_has_ended_and_before_the_next_one_speaks() {
    let house = House::new();
    let registry = house.registry();
    drop(registry.hold(&id(1)).await.unwrap());
    tokio::time::sleep(UNHELD_MAX + MINUTE).await;
    let (first, second) = (Epoch(1), Epoch(2));
    assert_eq!(house.told(), [Told::Target(id(1), first), Told::Forget(id(1), first)]);
    let hold = registry.hold(&id(1)).await.unwrap();
    tokio::time::sleep(MINUTE).await;
    assert_eq!(house.told()[2..], [Told::Target(id(1), second)]);
    *house.breaks.lock().unwrap() = true;
    tokio::time::sleep(MINUTE).await;
    assert_eq!(house.told()[3..], [Told::Forget(id(1), second), Told::Target(id(1), Epoch(3))]);
    drop(hold);
}
