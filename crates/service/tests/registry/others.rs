//! The trouble of one meeting is no other's (R18).

use std::time::Duration;

use base::{Epoch, MeetingId, Sequence, TokenId, VenueId};
use service::control::{AskedAt, NotAcked};
use service::port::hop::{Fact, HopReport, What};
use service::registry::{NotHeld, UNHELD_MAX};

use crate::house::{House, MINUTE, Told, Weather, act, id, mute_all, preview, slate, start};

fn gate(meeting: MeetingId, open: bool) -> HopReport {
    let venue = VenueId::new("a").unwrap();
    let fact = Fact::Gate { venue, open, epoch: Epoch(1), sequence: Sequence(1) };
    HopReport::Of { meeting, what: What::Fact(fact) }
}

#[tokio::test(start_paused = true)]
async fn r18_a_meeting_that_cannot_recover_keeps_no_fact_from_another() {
    let house = House::new();
    let registry = house.registry();
    let well = registry.hold(&id(1)).await.unwrap();
    let ill = registry.hold(&id(2)).await.unwrap();
    act(&ill, "k0", start()).await.unwrap();
    house.run(2, |run| run.weather = Weather { shut: true, full: true, takes: Duration::ZERO });
    assert_eq!(act(&ill, "k1", preview()).await, Err(NotAcked::Unconfirmed));
    for n in 0..5_000 {
        let meeting = ill.meeting.clone();
        tokio::spawn(async move { meeting.command(flood(n), AskedAt::NOW).await });
        registry.deliver(gate(id(2), n % 2 == 0));
    }
    registry.deliver(gate(id(1), true));
    tokio::time::sleep(Duration::from_millis(10)).await;
    let open = |hold: &service::registry::Hold| {
        hold.meeting.moment.borrow().facts.venue(&VenueId::new("a").unwrap()).unwrap().gate_open
    };
    assert!(open(&well), "a fact waits for the mailbox of another meeting");
    assert!(act(&well, "k1", start()).await.is_ok());
    // When its log is back, the other one knows the last word too.
    house.run(2, |run| run.weather = Weather::default());
    registry.deliver(gate(id(2), true));
    tokio::time::sleep(MINUTE).await;
    assert!(open(&ill));
    assert!(act(&ill, "k2", mute_all()).await.is_ok());
}

fn flood(n: u32) -> meeting::Command {
    let actor = meeting::Actor {
        role: directory::policy::Role::Director,
        venue: None,
        token: TokenId::new("flood").unwrap(),
    };
    meeting::Command { key: base::CommandKey::new(&format!("f{n}")).unwrap(), actor, act: slate() }
}

#[tokio::test(start_paused = true)]
async fn a_load_that_fails_is_told_and_tried_again_when_somebody_asks() {
    let house = House::new();
    let registry = house.registry();
    house.run(1, |run| run.weather.shut = true);
    assert_eq!(registry.hold(&id(1)).await.unwrap_err(), NotHeld::Failed);
    assert!(registry.hold(&id(2)).await.is_ok());
    let why = "its log does not open: the store could not open".to_owned();
    assert_eq!(registry.refused().into_iter().collect::<Vec<_>>(), [(id(1), why)]);
    house.run(1, |run| run.weather.shut = false);
    assert!(registry.hold(&id(1)).await.is_ok());
    assert_eq!(registry.hold(&id(0)).await.unwrap_err(), NotHeld::Unknown);
    assert!(registry.refused().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_task_that_breaks_costs_its_meeting_a_second() {
    let house = House::new();
    let registry = house.registry();
    let hold = registry.hold(&id(1)).await.unwrap();
    act(&hold, "k1", start()).await.unwrap();
    *house.breaks.lock().unwrap() = true;
    // The next renewal of the leases breaks it.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(act(&hold, "k2", mute_all()).await, Err(NotAcked::Busy), "the old handle leads nowhere");
    let again = registry.hold(&id(1)).await.unwrap();
    assert!(act(&again, "k2", mute_all()).await.is_ok());
    drop((hold, again));
    tokio::time::sleep(2 * UNHELD_MAX).await;
    assert!(registry.loaded(&id(1)).is_some(), "it runs");
}

#[tokio::test(start_paused = true)]
async fn a_meeting_that_cannot_recover_is_unloaded_all_the_same() {
    let house = House::new();
    let registry = house.registry();
    let hold = registry.hold(&id(1)).await.unwrap();
    house.run(1, |run| run.weather = Weather { shut: true, full: true, takes: Duration::ZERO });
    assert_eq!(act(&hold, "k1", start()).await, Err(NotAcked::Unconfirmed));
    drop(hold);
    tokio::time::sleep(UNHELD_MAX + MINUTE).await;
    assert!(registry.loaded(&id(1)).is_none());
    house.run(1, |run| run.weather = Weather::default());
    let hold = registry.hold(&id(1)).await.unwrap();
    assert!(act(&hold, "k1", start()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_revoked_is_taken_no_more_and_its_media_end() {
    let house = House::new();
    let registry = house.registry();
    let (token, other): (TokenId, TokenId) = ("t1".parse().unwrap(), "t2".parse().unwrap());
    registry.note_used(&token);
    registry.revoke(token.clone());
    assert!(registry.is_revoked(&token) && !registry.is_revoked(&other));
    assert_eq!(house.told(), [Told::LetGo(token.clone())]);
    assert_eq!(registry.take_used().into_iter().map(|(id, _)| id).collect::<Vec<_>>(), [token]);
    assert_eq!(registry.take_used(), [], "told once");
}

#[tokio::test(start_paused = true)]
async fn r17_nothing_that_the_log_has_stays_on_the_page_however_much_closed_and_however_slow_the_page_is() {
    let house = House::new();
    let registry = house.registry();
    let hold = registry.hold(&id(1)).await.unwrap();
    act(&hold, "k0", start()).await.unwrap();
    for (outage, acts, takes) in [("a", 1_100, Duration::ZERO), ("b", 1, Duration::from_secs(10))] {
        *house.page_takes.lock().unwrap() = takes;
        house.run(1, |run| run.weather = Weather { shut: true, full: true, takes: Duration::ZERO });
        act(&hold, &format!("{outage}-shut"), preview()).await.unwrap_err();
        for n in 0..acts {
            let closed = act(&hold, &format!("{outage}{n}"), mute_all()).await.unwrap_err();
            assert!(matches!(closed, NotAcked::ClosedUnlogged(_)), "{closed:?}");
        }
        house.run(1, |run| run.weather = Weather::default());
        tokio::time::sleep(MINUTE).await;
        assert_eq!(house.page.lock().unwrap().len(), 0, "after outage {outage}");
    }
}
