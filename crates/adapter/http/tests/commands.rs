//! Commands, state, log, health and meeting files over HTTP.

use base::{Role, Wall};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

use crate::fixture::server::{self, ADMIN, Server};
use crate::fixture::talk::{Answer, connect, parse, request, status};
use crate::fixture::{claims, director, of_venue, watcher};

async fn post(server: &Server, key: Option<&str>, token: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    request(server.address, "POST /api/v1/meetings/m1/commands", &headers, body.as_bytes()).await
}

async fn get(server: &Server, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    request(server.address, &format!("GET /api/v1/meetings/m1/{path}"), &[("authorization", &bearer)], b"")
        .await
}

#[tokio::test]
async fn a_script_takes_a_venue_on_air_and_a_repeat_gets_the_same_answer() {
    let server = server::start().await;
    let desk = director();
    assert_eq!(post(&server, Some("1"), &desk, r#"{"start":{}}"#).await.status, 200);
    assert_eq!(post(&server, Some("2"), &desk, r#"{"preview":{"source":"a"}}"#).await.status, 200);
    let take = post(&server, Some("3"), &desk, r#"{"take":{"expect_preview":"a.1"}}"#).await;
    assert_eq!((take.status, take.json()["k"].clone()), (200, json!("ack")));
    let again = post(&server, Some("3"), &desk, r#"{"take":{"expect_preview":"a.1"}}"#).await;
    assert_eq!(again.json(), take.json());
    let refused = post(&server, Some("4"), &desk, r#"{"take":{}}"#).await;
    assert_eq!((refused.status, refused.json()["code"].clone()), (409, json!("preview_empty")));
    let forbidden = post(&server, Some("5"), &watcher(), r#"{"take":{}}"#).await;
    assert_eq!((forbidden.status, forbidden.json()["code"].clone()), (409, json!("no_right")));
    let state = get(&server, "state", &desk).await.json();
    assert_eq!(state["state"]["programme"]["scene"], json!({ "kind": "full", "source": "a.1" }), "at once");
}

#[tokio::test]
async fn a_bad_command_is_refused_with_what_was_wrong() {
    let server = server::start().await;
    let check = async |key: Option<&str>, token: &str, body: &str, want: (u16, &str), nearest: Value| {
        let answer = post(&server, key, token, body).await;
        assert_eq!(answer.error(), (want.0, want.1.to_owned()), "{body}");
        assert_eq!(answer.json()["nearest"], nearest, "{body}");
    };
    let desk = director();
    check(None, &desk, "{}", (400, "no_key"), Value::Null).await;
    check(Some("a b"), &desk, "{}", (400, "bad_key"), Value::Null).await;
    check(Some("1"), &desk, "{", (400, "bad_command"), Value::Null).await;
    check(Some("1"), &desk, r#"{"tkae":{}}"#, (400, "bad_command"), json!("take")).await;
    check(Some("1"), &desk, r#"{"take":{"expect":"a"}}"#, (400, "bad_command"), json!("expect_preview"))
        .await;
    check(Some("1"), "x", "{}", (401, "bad_token"), Value::Null).await;
    check(Some("1"), &desk, &" ".repeat(20_000), (413, "too_large"), Value::Null).await;
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait() {
    let server = server::start().await;
    let mut last = 0;
    for n in 0..200 {
        let answer = post(&server, Some(&n.to_string()), &of_venue("a"), r#"{"withdraw":{}}"#).await;
        last = answer.status;
        if last == 429 {
            assert_eq!(answer.header("retry-after"), "1");
            break;
        }
    }
    assert_eq!(last, 429);
    assert_eq!(
        post(&server, Some("k"), &of_venue("b"), r#"{"withdraw":{}}"#).await.status,
        409,
        "others go on"
    );
}

#[tokio::test]
async fn the_log_is_given_in_pieces_that_chain_and_only_to_director_and_chair() {
    let server = server::start().await;
    let desk = director();
    post(&server, Some("1"), &desk, r#"{"start":{}}"#).await;
    post(&server, Some("2"), &desk, r#"{"preview":{"source":"a"}}"#).await;
    let whole = get(&server, "log", &desk).await.json();
    let events = whole["events"].as_array().unwrap();
    assert_eq!(events.len(), 4);
    assert_eq!(whole["next"], Value::Null);
    for pair in events.windows(2) {
        assert_eq!(pair[1]["prev"], pair[0]["hash"]);
    }
    assert!(events[0]["body"].is_string() && events[0]["alg"] == "sha256");
    let piece = get(&server, "log?from=2&count=2", &desk).await.json();
    assert_eq!((piece["events"][0]["seq"].clone(), piece["next"].clone()), (json!(2), json!(4)));
    let last = get(&server, "log?from=3&count=2", &desk).await.json();
    assert_eq!((last["events"].as_array().map(Vec::len), last["next"].clone()), (Some(2), Value::Null));
    assert_eq!(get(&server, "log?from=x", &desk).await.error(), (400, "bad_query".into()));
    assert_eq!(get(&server, "log", &of_venue("a")).await.error(), (403, "wrong_role".into()));
}

#[tokio::test]
async fn people_of_a_venue_are_told_to_that_venue_and_to_the_desk() {
    let server = server::start().await;
    let ann = json!([{ "id": "ann", "name": { "zh": "某人", "en": "ann" } }]);
    assert_eq!(get(&server, "venues/a/people", &of_venue("a")).await.json(), ann);
    assert_eq!(get(&server, "venues/a/people", &director()).await.json(), ann);
    // South has no venue in this meeting: who belongs to it comes to the main venue.
    let main = get(&server, "venues/main/people", &director()).await.json();
    let ids: Vec<_> = main.as_array().unwrap().iter().map(|person| person["id"].clone()).collect();
    assert_eq!(ids, ["chair", "zoe"]);
    let refused = async |path: &str, token: &str| get(&server, path, token).await.error();
    assert_eq!(refused("venues/b/people", &of_venue("a")).await, (403, "wrong_venue".into()));
    assert_eq!(refused("venues/a/people", &watcher()).await, (403, "wrong_role".into()));
    assert_eq!(refused("venues/z/people", &director()).await, (404, "unknown_venue".into()));
    assert_eq!(refused("venues/a/people", "x").await, (401, "bad_token".into()));
}

#[tokio::test]
async fn the_state_is_the_snapshot_of_the_role() {
    let server = server::start().await;
    let state = get(&server, "state", &of_venue("a")).await.json();
    assert_eq!((state["k"].clone(), state["boot"].clone()), (json!("snapshot"), json!("b1")));
    assert_eq!(state["you"], json!({ "role": "venue", "venue": "a", "may": ["raise", "withdraw"] }));
    assert!(state["state"].get("venue:a").is_some() && state["state"].get("queue").is_none());
}

#[tokio::test]
async fn health_is_for_everybody() {
    let server = server::start().await;
    let health = async || {
        let health = request(server.address, "GET /api/v1/health", &[], b"").await.json();
        (health["ok"].clone(), health["meetings"].clone())
    };
    assert_eq!(health().await, (json!(true), json!(0)), "nobody has asked for the meeting");
    get(&server, "state", &director()).await;
    assert_eq!(health().await, (json!(true), json!(1)));
}

#[tokio::test]
async fn a_meeting_file_is_for_the_administrator() {
    let server = server::start().await;
    let apply = async |query: &str, token: &str, body: &str| {
        let bearer = format!("Bearer {token}");
        request(
            server.address,
            &format!("POST /api/v1/apply{query}"),
            &[("authorization", &bearer)],
            body.as_bytes(),
        )
        .await
    };
    let dry = apply("?dry_run=true", ADMIN, "ok").await.json();
    assert_eq!(dry["changes"], json!([{ "change": "added", "what": "venue", "id": "v9" }]));
    assert_eq!((dry["applied"].clone(), dry.get("links")), (json!(false), None));
    let done = apply("", ADMIN, "ok").await.json();
    assert_eq!((done["applied"].clone(), done["links"][0]["who"].clone()), (json!(true), json!("director")));
    let bad = apply("", ADMIN, "o = 1").await;
    assert_eq!(bad.error(), (400, "bad_file".into()));
    assert!(bad.text().contains("the nearest is"));
    let broken = apply("", ADMIN, "broken").await;
    assert_eq!(broken.error(), (500, "failed".into()));
    assert!(broken.text().contains("nothing was changed"));
    assert_eq!(apply("", &director(), "ok").await.error(), (401, "bad_token".into()));
    assert_eq!(apply("?dry_run=perhaps", ADMIN, "ok").await.error(), (400, "bad_query".into()));
    assert_eq!(apply("", ADMIN, &"x".repeat(5 << 20)).await.error(), (413, "too_large".into()));
}

#[tokio::test]
async fn a_name_that_stands_twice_is_refused_in_a_query_and_in_a_command() {
    let server = server::start().await;
    let desk = director();
    let twice = get(&server, "log?from=1&from=2", &desk).await;
    assert_eq!(twice.error(), (400, "bad_query".into()), "{}", twice.text());
    assert_eq!(get(&server, "log?from=1&count=2", &desk).await.status, 200);
    for act in [r#"{"start":{},"start":{}}"#, r#"{"preview":{"source":"a","source":"b"}}"#] {
        assert_eq!(post(&server, Some("1"), &desk, act).await.error(), (400, "bad_command".into()), "{act}");
    }
}

/// What is answered to a request whose token ends between its headers and its body.
async fn ended_meanwhile(line: &str, kind: &str, body: &str, end: impl FnOnce(&Server)) -> (u16, String) {
    let server = server::start().await;
    let head = format!(
        "POST {line} HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-type: {kind}\r\nidempotency-key: 1\r\nexpect: 100-continue\r\n"
    );
    let head =
        format!("{head}content-length: {}\r\nauthorization: Bearer {}\r\n\r\n", body.len(), of_venue("a"));
    let mut stream = connect([127, 0, 0, 1], server.address).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    // Whoever is told to go on has shown a token that was good.
    assert_eq!(status(&mut stream).await, 100);
    end(&server);
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    parse(&rest[2..]).error()
}

#[tokio::test]
async fn a_link_that_ends_while_a_body_comes_does_nothing_any_more() {
    let requests = [
        ("/api/v1/meetings/m1/commands", "application/json", r#"{"withdraw":{}}"#),
        ("/whip/m1/a.1", "application/sdp", "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"),
        ("/whep/m1", "application/sdp", "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"),
    ];
    for (line, kind, body) in requests {
        let link = claims(Role::Venue, Some("a"));
        let revoke = |server: &Server| server.meetings.revoke(link.id.clone());
        let expire = |server: &Server| *server.wall.lock().unwrap() = Wall(link.expires_s * 1_000);
        let revoked = ended_meanwhile(line, kind, body, revoke).await;
        assert_eq!(revoked, (401, "bad_token".into()), "{line}");
        let expired = ended_meanwhile(line, kind, body, expire).await;
        assert_eq!(expired, (401, "expired".into()), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_reads_the_log_of_a_disk_that_hangs_is_told_so_in_ten_seconds() {
    let server = server::start().await;
    server.shelf.hangs();
    let began = Instant::now();
    let answer = get(&server, "log", &director()).await;
    assert_eq!((answer.error(), answer.header("retry-after")), ((503, "slow".into()), "1"));
    assert_eq!(began.elapsed().as_secs(), 10);
    assert_eq!(get(&server, "state", &director()).await.status, 200);
}
