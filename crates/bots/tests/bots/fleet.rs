//! The fleet over loopback.

use std::collections::BTreeSet;

use base::VenueId;
use bots::fleet::{Fleet, FleetError, FleetOptions};
use bots::{Leg, Origin, Part, Slot};
use wire::{ClientFrame, MicrophoneReport};

use crate::server::{Fact, Server, gate, live, replaced};

fn quiet() -> FleetOptions {
    FleetOptions { whims: None, ..FleetOptions::default() }
}

fn posted(fact: Fact) -> Option<(String, Option<String>)> {
    if let Fact::Posted { path, client, .. } = fact { Some((path, client)) } else { None }
}

fn microphone(fact: Fact) -> Option<MicrophoneReport> {
    if let Fact::Said(ClientFrame::Report(report)) = fact { report.microphone } else { None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_venue_comes_obeys_its_gate_and_says_farewell() {
    let mut server = Server::start(&["main", "v002"]).await;
    let options = FleetOptions { without: BTreeSet::from([VenueId::new("v002").unwrap()]), ..quiet() };
    let fleet = Fleet::start(&server.ready, options).unwrap();
    let hello =
        server.fact(|f| if let Fact::Hello { token, client } = f { Some((token, client)) } else { None });
    assert_eq!(hello.await, ("token-main".to_owned(), None));
    let mut paths = BTreeSet::new();
    for _ in 0..3 {
        let (path, client) = server.fact(posted).await;
        assert_eq!(client.as_deref(), Some("c0"));
        paths.insert(path);
    }
    assert_eq!(paths, ["/whep/m?page=hall", "/whip/main.1", "/whip/main.2"].map(str::to_owned).into());
    let second = server.fact(|f| match f {
        Fact::Picture { path, origin } if path == "/whip/main.2" => origin,
        Fact::Sound { .. } => panic!("sound before its gate opened"),
        Fact::Hello { .. }
        | Fact::Said(_)
        | Fact::Posted { .. }
        | Fact::Deleted { .. }
        | Fact::Picture { .. } => None,
    });
    assert_eq!(second.await.camera, 1);
    let main = VenueId::new("main").unwrap();
    let received = |slot| fleet.report(&main).and_then(|r| Some(r.slots.get(&slot)?.packets)).unwrap_or(0);
    server.until(|| received(Slot::Video(0)) > 0).await;
    server.send(gate("b1", 1, "main", true));
    server.fact(|f| microphone(f).filter(|m| *m == MicrophoneReport::Open)).await;
    let tone = server.fact(|f| if let Fact::Sound { origin, .. } = f { origin } else { None }).await;
    assert_eq!(tone, Origin { number: 1, camera: 0, part: Part::Tone });
    server.until(|| received(Slot::Audio(0)) > 0).await;
    server.send(gate("b1", 2, "main", false));
    server.fact(|f| microphone(f).filter(|m| *m == MicrophoneReport::Closed)).await;
    // What was on its way may still come; an open microphone would be heard between every few pictures.
    let (mut silent, mut pictures) = (0, 0);
    while silent < 100 {
        let sound = server.fact(|f| match f {
            Fact::Sound { .. } => Some(true),
            Fact::Picture { .. } => Some(false),
            Fact::Hello { .. } | Fact::Said(_) | Fact::Posted { .. } | Fact::Deleted { .. } => None,
        });
        silent = if sound.await { 0 } else { silent + 1 };
        pictures += 1;
        assert!(pictures < 3_000, "its microphone stays open");
    }
    let report = fleet.report(&main).unwrap();
    assert!(report.online && !report.gate);
    assert_eq!(report.connected, [Leg::Publish(0), Leg::Publish(1), Leg::Watch].into());
    fleet.stop();
    let deleted: BTreeSet<_> = server
        .so_far()
        .into_iter()
        .filter_map(|f| if let Fact::Deleted { path } = f { Some(path) } else { None })
        .collect();
    assert_eq!(deleted.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_a_bot_is_back_under_its_name_but_not_where_it_was_replaced() {
    let mut server = Server::start(&["main", "v002"]).await;
    let fleet = Fleet::start(&server.ready, quiet()).unwrap();
    for _ in 0..5 {
        server.fact(posted).await;
    }
    server.send(replaced("main.2"));
    server.die("b2");
    let mut hellos = BTreeSet::new();
    for _ in 0..2 {
        let hello = |f| if let Fact::Hello { token, client } = f { Some((token, client)) } else { None };
        let (token, client) = server.fact(hello).await;
        hellos.insert((token, client.map(|c| c.as_str().to_owned())));
    }
    assert!(hellos.iter().all(|(_, client)| client.is_some()), "{hellos:?}");
    let mut paths = Vec::new();
    for _ in 0..4 {
        paths.push(server.fact(posted).await.0);
    }
    paths.sort();
    assert_eq!(paths, ["/whep/m?page=hall", "/whep/m?page=hall", "/whip/main.1", "/whip/v002.1"]);
    drop(fleet);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_venue_whose_place_a_person_took_publishes_again_when_they_have_left() {
    let mut server = Server::start(&["main"]).await;
    let fleet = Fleet::start(&server.ready, quiet()).unwrap();
    for _ in 0..3 {
        server.fact(posted).await;
    }
    server.send(replaced("main.2"));
    let main = VenueId::new("main").unwrap();
    let publishes = |camera| fleet.report(&main).is_some_and(|r| r.connected.contains(&Leg::Publish(camera)));
    server.until(|| publishes(0) && !publishes(1)).await;
    server.send(live("b1", 1, "main", "main.2", true));
    server.send(live("b1", 2, "main", "main.2", false));
    assert_eq!(server.fact(posted).await.0, "/whip/main.2");
    server.until(|| publishes(0) && publishes(1)).await;
    drop(fleet);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_venue_sends_and_plain_players_hear_it() {
    let mut server = Server::start(&["main", "v002"]).await;
    let hostile = BTreeSet::from([VenueId::new("v002").unwrap()]);
    let options = FleetOptions { hostile, watchers: 2, media_max: 2, ..quiet() };
    let fleet = Fleet::start(&server.ready, options).unwrap();
    let plain =
        server.fact(|f| if let Fact::Posted { client: None, token, .. } = f { Some(token) } else { None });
    assert_eq!(plain.await, "Bearer w");
    let heard = |fleet: &Fleet| {
        let players = fleet.reports().into_iter().filter(|r| r.venue.is_none());
        players.map(|r| r.slots.get(&Slot::Audio(0)).map_or(0, |count| count.packets)).collect::<Vec<_>>()
    };
    let sound =
        server.fact(|f| if let Fact::Sound { path, origin } = f { Some((path, origin)) } else { None });
    let (path, origin) = sound.await;
    assert_eq!((path.as_str(), origin.map(|o| o.number)), ("/whip/v002.1", Some(2)));
    server.until(|| heard(&fleet).iter().all(|packets| *packets >= 20)).await;
    for report in fleet.reports().into_iter().filter(|r| r.venue.is_none()) {
        assert!(report.slots[&Slot::Audio(0)].origins.keys().all(|o| o.number == 2));
    }
    assert_eq!(fleet.reports().len(), 4);
}

#[tokio::test]
async fn without_a_meeting_there_is_no_fleet() {
    let mut server = Server::start(&["main"]).await;
    server.ready.meeting = None;
    assert!(matches!(Fleet::start(&server.ready, quiet()), Err(FleetError::NoMeeting)));
    let server = Server::start(&["main"]).await;
    let options = FleetOptions { watchers: 100_000, ..quiet() };
    assert!(matches!(Fleet::start(&server.ready, options), Err(FleetError::TooManyWatchers(100_000))));
}
