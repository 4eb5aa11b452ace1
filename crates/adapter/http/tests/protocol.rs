//! The control WebSocket.

use std::sync::Arc;

use base::{MeetingId, SessionId, Wall};
use directory::policy::Role;
use serde_json::{Value, json};
use service::control::Inbox;
use service::port::hop::{CloseReason, Fact, SessionChange, SessionKind};
use service::token::{Claims, TokenKey};
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::hop::Told;
use crate::fixture::meeting::Seen;
use crate::fixture::server::{self, Server, until};
use crate::fixture::talk::{PATIENCE, Socket, request};
use crate::fixture::{self, START, claims, director, meeting_id, of_venue, source_id, venue_id, watcher};

fn hello(token: &str) -> Value {
    json!({ "k": "hello", "v": 1, "token": token })
}

fn cmd(key: &str, act: &Value) -> Value {
    json!({ "k": "cmd", "key": key, "do": act })
}

#[tokio::test]
async fn a_director_gets_a_snapshot_then_deltas_that_follow_on_and_ticks() {
    let server = server::start().await;
    let (mut socket, client) = server.client(&director()).await;
    assert!(client.starts_with('c') && client.len() == 23);
    socket.say(json!({ "k": "ready", "rev": 1 })).await;
    socket.say(cmd("k1", &json!({ "start": {} }))).await;
    let ack = socket.frame("ack").await;
    assert_eq!((ack["key"].as_str(), ack["seq"].as_u64()), (Some("k1"), Some(3)));
    socket.say(json!({ "k": "resync" })).await;
    let snapshot = socket.frame("snapshot").await;
    assert_eq!(snapshot["state"]["meeting"]["phase"], "live");
    socket.say(cmd("k2", &json!({ "preview": { "source": "a" } }))).await;
    let delta = socket.frame("delta").await;
    assert_eq!(delta["from"], snapshot["rev"]);
    assert!(delta["to"].as_u64() > delta["from"].as_u64());
    assert_eq!(delta["set"]["preview"]["source"], "a.1");
    assert_eq!(delta["set"]["venue:a"]["tally"], "next");
    let tick = socket.frame("tick").await;
    assert_eq!(tick["at"], json!(START.0));
}

#[tokio::test]
async fn a_command_is_refused_with_who_may_and_repeated_with_its_first_answer() {
    let server = server::start().await;
    let (mut desk, _) = server.client(&director()).await;
    let (mut hall, _) = server.client(&of_venue("a")).await;
    hall.say(cmd("k1", &json!({ "take": {} }))).await;
    let refused = hall.frame("refused").await;
    assert_eq!((refused["code"].as_str(), refused["may"].clone()), (Some("no_right"), json!(["director"])));
    desk.say(cmd("k1", &json!({ "start": {} }))).await;
    let first = desk.frame("ack").await;
    desk.say(cmd("k1", &json!({ "start": {} }))).await;
    assert_eq!(desk.frame("ack").await, first);
    desk.say(cmd("k2", &json!({ "start": {} }))).await;
    assert_eq!(desk.frame("refused").await["code"], "already_started");
}

#[tokio::test]
async fn snapshots_are_projected_by_the_role_of_the_token() {
    let server = server::start().await;
    for (token, has, lacks) in [
        (director(), "venue:b", None),
        (of_venue("a"), "venue:a", Some("venue:b")),
        (watcher(), "programme", Some("floor")),
    ] {
        let mut socket = server.socket().await;
        socket.say(hello(&token)).await;
        let snapshot = socket.frame("snapshot").await;
        assert!(snapshot["state"].get(has).is_some(), "{has}");
        assert!(lacks.is_none_or(|name| snapshot["state"].get(name).is_none()), "{lacks:?}");
    }
}

#[tokio::test]
async fn a_hello_that_is_not_right_is_refused_with_what_was_wrong() {
    let server = server::start().await;
    let mut expired = claims(Role::Director, None);
    expired.expires_s = START.0 / 1000;
    let mut other = claims(Role::Director, None);
    other.meeting = MeetingId::new("m2").unwrap();
    let forged = TokenKey::new([9; 32]).issue(&claims(Role::Director, None));
    let check = async |frame: Value, code: &str, words: &str| {
        let mut socket = server.socket().await;
        socket.say(frame).await;
        let (got, detail) = socket.refused().await;
        assert_eq!(got, code);
        assert!(detail.contains(words), "{detail}");
    };
    check(json!({ "k": "hello", "v": 2, "token": director() }), "bad_version", "version 2").await;
    check(hello("x.y.z"), "bad_token", "algorithm").await;
    check(hello(&forged), "bad_token", "not made by this server").await;
    check(hello(&fixture::key().issue(&expired)), "expired", "expired").await;
    check(hello(&fixture::key().issue(&other)), "bad_token", "m2").await;
    check(json!({ "k": "ready", "rev": 1 }), "bad_frame", "first frame is hello").await;
    check(json!({ "k": "helo" }), "bad_frame", "did you mean hello").await;
    check(json!([1]), "bad_frame", "an object with a text k").await;
    server.meetings.revoke(claims(Role::Watcher, None).id);
    check(hello(&watcher()), "bad_token", "revoked").await;
}

#[tokio::test]
async fn an_unknown_meeting_is_named() {
    let server = server::start().await;
    let mut socket = Socket::open(server.address, "nowhere", None).await.unwrap();
    socket.say(hello(&director())).await;
    assert_eq!(socket.refused().await.0, "unknown_meeting");
}

#[tokio::test]
async fn a_meeting_that_cannot_be_opened_says_so() {
    let server = server::start().await;
    let token = |id: &str| {
        let claims = Claims { meeting: MeetingId::new(id).unwrap(), ..claims(Role::Director, None) };
        fixture::key().issue(&claims)
    };
    let check = async |id: &str, code: &str| {
        let mut socket = Socket::open(server.address, id, None).await.unwrap();
        socket.say(hello(&token(id))).await;
        assert_eq!(socket.refused().await.0, code, "{id}");
        let bearer = format!("Bearer {}", token(id));
        let line = format!("GET /api/v1/meetings/{id}/state");
        let answer = request(server.address, &line, &[("authorization", &bearer)], b"").await;
        assert_eq!(answer.error().1, code, "{id}");
        (answer.status, answer.header("retry-after").to_owned())
    };
    assert_eq!(check("shut", "not_open").await, (503, "2".to_owned()));
    let health = request(server.address, "GET /api/v1/health", &[], b"").await.json();
    let refused = serde_json::json!({ "shut": "its log does not open" });
    assert_eq!((&health["ok"], &health["refused"]), (&serde_json::json!(false), &refused));
    assert_eq!(check("nowhere", "unknown_meeting").await.0, 404);
    let mut socket = Socket::open(server.address, "shut", None).await.unwrap();
    socket.say(hello(&director())).await;
    assert_eq!(socket.refused().await.0, "bad_token", "the link is another meeting's");
}

#[tokio::test]
async fn a_foreign_origin_is_refused_before_the_upgrade() {
    let server = server::start().await;
    let own = format!("http://{}", server.address);
    let refused = async |origin: &str| Socket::open(server.address, "m1", Some(origin)).await.err();
    assert_eq!(refused("https://evil.example").await, Some(403));
    assert_eq!(refused("null").await, Some(403));
    assert_eq!(refused(&own).await, None);
    assert_eq!(refused("https://friend.example").await, None);
}

#[tokio::test]
async fn malformed_frames_are_answered_and_the_connection_lives() {
    let server = server::start().await;
    let (mut socket, _) = server.client(&of_venue("a")).await;
    for (text, words) in [
        ("{", "not JSON"),
        (r#"{"k":"cmd","key":"1","do":{"tkae":{}}}"#, "did you mean take"),
        (r#"{"k":"cmd","key":"a b","do":{"withdraw":{}}}"#, "not ' '"),
        (r#"{"k":"view","lines":[]}"#, "only a desk"),
        (r#"{"k":"hello","v":1,"token":""}"#, "said before"),
    ] {
        socket.send(Message::text(text)).await;
        let error = socket.frame("error").await;
        assert_eq!(error["code"], "bad_frame");
        assert!(error["detail"].as_str().unwrap().contains(words), "{error}");
    }
    socket.say(cmd("k", &json!({ "withdraw": {} }))).await;
    assert_eq!(socket.frame("refused").await["code"], "not_started");
}

#[tokio::test]
async fn an_oversized_frame_and_a_flood_end_that_connection_alone() {
    let server = server::start().await;
    let (mut other, _) = server.client(&watcher()).await;
    let (mut socket, _) = server.client(&director()).await;
    socket.send(Message::text("x".repeat(64 * 1024))).await;
    assert_eq!(socket.refused().await.0, "bad_frame");
    let (mut socket, _) = server.client(&director()).await;
    for _ in 0..200 {
        socket.say(json!({ "k": "ready", "rev": 0 })).await;
    }
    assert_eq!(socket.refused().await.0, "flood");
    other.say(json!({ "k": "resync" })).await;
    other.frame("snapshot").await;
}

#[tokio::test]
async fn a_report_reaches_the_meeting_and_its_level_the_desk() {
    let server = server::start().await;
    let (mut desk, _) = server.client(&director()).await;
    let (mut hall, _) = server.client(&of_venue("b")).await;
    hall.say(json!({ "k": "report", "level": -33, "microphone": "closed", "hidden": false })).await;
    let (mut level, mut microphone) = (false, false);
    while !(level && microphone) {
        match desk.next().await.unwrap() {
            Message::Binary(frame) => {
                assert_eq!(frame[..5], [1, 0, 0, 0, 1]);
                assert_eq!((frame.len(), frame[5], frame[6], frame[8]), (9, 255, 255, 255));
                level |= frame[7] == 33;
            }
            Message::Text(text) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                microphone |= frame["set"]["venue:b"]["report"]["microphone"] == "closed";
            }
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }
    hall.close().await;
    let gone = Seen::ReportGone(venue_id("b"));
    until("the report is forgotten", || async { server.held.seen.lock().unwrap().contains(&gone) }).await;
}

#[tokio::test]
async fn a_venue_hears_its_own_level_and_no_other() {
    let server = server::start().await;
    let (mut a, _) = server.client(&of_venue("a")).await;
    let (mut b, _) = server.client(&of_venue("b")).await;
    b.say(json!({ "k": "report", "level": -20 })).await;
    a.say(json!({ "k": "report", "level": -40 })).await;
    loop {
        let frame = a.bytes().await;
        assert_eq!([frame[5], frame[7], frame[8]], [255; 3]);
        if frame[6] == 40 {
            break;
        }
    }
}

#[tokio::test]
async fn the_level_of_an_open_gate_is_the_one_that_the_hop_hears() {
    let server = server::start().await;
    let (mut desk, _) = server.client(&director()).await;
    let (mut hall, _) = server.client(&of_venue("a")).await;
    hall.say(json!({ "k": "report", "level": -50 })).await;
    let (epoch, sequence) = (base::Epoch(1), base::Sequence(1));
    let gate = Fact::Gate { venue: venue_id("a"), open: true, epoch, sequence };
    server.held.meeting.inbox.post(Inbox::Hop(gate.into()));
    loop {
        server.held.levels.send(Arc::new(vec![(venue_id("a"), 9), (venue_id("b"), 3)])).unwrap();
        let frame = desk.bytes().await;
        assert_eq!(frame[7], 255, "the gate of b is closed, and its page reports nothing");
        if frame[6] == 9 {
            break;
        }
    }
}

#[tokio::test]
async fn a_wall_reaches_the_hop_with_its_sources_resolved() {
    let server = server::start().await;
    let (mut desk, client) = server.client(&director()).await;
    desk.say(json!({ "k": "view", "lines": ["a", null, "main.2", "nowhere"] })).await;
    let lines = vec![Some(source_id("a.1")), None, Some(source_id("main.2")), None];
    let want = Told::Views(fixture::client_id(&client), lines);
    until("the wall arrives", || async { server.hop.told().contains(&want) }).await;
    let many: Vec<_> = (0..26).map(|_| Value::Null).collect();
    desk.say(json!({ "k": "view", "lines": many })).await;
    assert_eq!(desk.frame("error").await["code"], "bad_frame");
    until("clients are counted", || async { server.held.seen.lock().unwrap().contains(&Seen::Clients(1)) })
        .await;
}

fn replaced(client: &str) -> Fact {
    Fact::Session {
        session: SessionId(1),
        client: Some(fixture::client_id(client)),
        kind: SessionKind::Publish { source: source_id("a.1"), venue: venue_id("a") },
        change: SessionChange::Closed(CloseReason::Replaced),
    }
}

#[tokio::test]
async fn a_page_whose_source_another_page_publishes_is_told() {
    let server = server::start().await;
    let (mut hall, client) = server.client(&of_venue("a")).await;
    server.events.send(replaced(&client)).unwrap();
    assert_eq!(hall.frame("replaced").await["source"], "a.1");
}

#[tokio::test]
async fn a_returning_page_keeps_its_name_and_its_old_connection_ends() {
    let server = server::start().await;
    let (mut old, client) = server.client(&of_venue("a")).await;
    let mut new = server.socket().await;
    let mut again = hello(&of_venue("a"));
    again["client"] = json!(client);
    again["have"] = json!({ "boot": "b1", "rev": 1 });
    new.say(again).await;
    assert_eq!(new.frame("snapshot").await["client"], json!(client));
    assert_eq!(old.end().await, "the page has another connection");
}

#[tokio::test]
async fn a_token_that_expires_or_is_revoked_ends_its_connections() {
    let server = server::start().await;
    let (mut desk, _) = server.client(&director()).await;
    let (mut hall, _) = server.client(&of_venue("a")).await;
    server.meetings.revoke(claims(Role::Venue, Some("a")).id);
    assert_eq!(hall.refused().await.0, "bad_token");
    *server.wall.lock().unwrap() = Wall(START.0 + 3_600_000);
    assert_eq!(desk.refused().await.0, "expired");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_sent_the_latest_state_when_it_does() {
    let server = server::start().await;
    let (mut slow, _) = server.client(&director()).await;
    let (mut other, _) = server.client(&director()).await;
    slow.say(cmd("s", &json!({ "start": {} }))).await;
    slow.frame("ack").await;
    for n in 0..60 {
        let source = ["a", "b", "c"][n % 3];
        other.say(cmd(&format!("p{n}"), &json!({ "preview": { "source": source } }))).await;
        other.frame("ack").await;
    }
    other.say(json!({ "k": "resync" })).await;
    let want = other.frame("snapshot").await;
    // What the slow client is sent follows on without a gap and ends at the same state, in at most as many steps.
    let mut steps = 0;
    let (mut rev, mut preview) = (None, Value::Null);
    while rev < want["rev"].as_u64() {
        let delta = slow.frame("delta").await;
        assert!(rev.is_none() || rev == delta["from"].as_u64(), "no gap");
        rev = delta["to"].as_u64();
        steps += 1;
        if let Some(section) = delta["set"].get("preview") {
            preview = section.clone();
        }
    }
    assert_eq!(preview, want["state"]["preview"]);
    assert!(steps <= 62, "{steps}");
}

#[tokio::test]
async fn a_meeting_whose_task_starts_anew_goes_on_for_its_clients() {
    let Server {
        address,
        meetings,
        shelf,
        hop: _hop,
        held,
        events: _events,
        wall: _wall,
        stop: _stop,
        done: _done,
    } = server::start().await;
    let mut socket = Socket::open(address, "m1", None).await.unwrap();
    socket.say(hello(&director())).await;
    let first = socket.frame("snapshot").await;
    let anew = fixture::meeting::start();
    let old = held.meeting.moment.clone();
    shelf.breaks(anew.meeting.clone());
    drop(held);
    let loaded = || meetings.loaded(&meeting_id()).is_some_and(|meeting| !meeting.moment.same_channel(&old));
    until("the meeting is loaded again", async || loaded()).await;
    socket.say(cmd("k1", &json!({ "start": {} }))).await;
    let mut rev = first["rev"].as_u64();
    // The desks that are open are told anew meanwhile, before the answer or after it.
    let live = async {
        let (mut acked, mut live) = (false, false);
        while !(acked && live) {
            let Some(Message::Text(text)) = socket.next().await else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            acked |= frame["k"] == "ack";
            if frame["k"] == "delta" {
                assert_eq!(frame["from"].as_u64(), rev);
                rev = frame["to"].as_u64();
                live |= frame["set"]["meeting"]["phase"] == "live";
            }
        }
    };
    tokio::time::timeout(PATIENCE, live).await.unwrap();
}
