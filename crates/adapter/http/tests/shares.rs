//! Floods by the weakest links there are: what they get, and that others get what is theirs (R18). What is gated is who is refused, never how fast.

use serde_json::{Value, json};
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::server::{self, Server};
use crate::fixture::talk::{Answer, connect, request, status, upgrade};
use crate::fixture::{director, of_venue, watcher};

async fn get(server: &Server, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let line = format!("GET /api/v1/meetings/m1/{path}");
    request(server.address, &line, &[("authorization", &bearer)], b"").await
}

/// What a bucket may have given since then: what was in it, and what came.
fn given(burst: u32, per_second: f64, since: Instant) -> usize {
    burst as usize + (per_second * since.elapsed().as_secs_f64()).ceil() as usize
}

#[tokio::test]
async fn r18_a_token_has_one_bucket_of_commands_over_all_its_ways() {
    let server = server::start().await;
    let began = Instant::now();
    let mut answers = Vec::new();
    for connection in 0..4 {
        let (mut socket, _) = server.client(&watcher()).await;
        for n in 0..50 {
            let key = format!("k{connection}-{n}");
            socket.say(json!({ "k": "cmd", "key": key, "do": { "slate": {} } })).await;
        }
        for _ in 0..50 {
            answers.push(socket.frame("refused").await["code"].clone());
        }
    }
    let decided = answers.iter().filter(|code| **code == json!("no_right")).count();
    assert!(decided >= 120, "{decided} were decided");
    assert!(decided <= given(120, 40.0, began), "{decided} of 200 were decided");
    assert!(answers.iter().all(|code| *code == json!("no_right") || *code == json!("too_often")));
    // The same bucket over HTTP. Another token has its own.
    let bearer = format!("Bearer {}", watcher());
    let mut statuses = Vec::new();
    for n in 0..60 {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", &format!("h{n}"))];
        let path = "POST /api/v1/meetings/m1/commands";
        let answer = request(server.address, path, &headers, br#"{"slate":{}}"#).await;
        if answer.status == 429 {
            assert_eq!((answer.error().1, answer.header("retry-after")), ("flood".to_owned(), "1"));
        }
        statuses.push(answer.status);
    }
    let decided = decided + statuses.iter().filter(|status| **status == 409).count();
    assert!(decided <= given(120, 40.0, began), "{decided} of 260 were decided");
    let (mut desk, _) = server.client(&director()).await;
    desk.say(json!({ "k": "cmd", "key": "1", "do": { "start": {} } })).await;
    desk.frame("ack").await;
}

#[tokio::test]
async fn r18_who_asks_for_snapshot_after_snapshot_gets_one_a_second() {
    let server = server::start().await;
    let began = Instant::now();
    let (mut socket, _) = server.client(&of_venue("a")).await;
    for _ in 0..100 {
        socket.say(json!({ "k": "resync" })).await;
    }
    // The answer to a command comes behind all that was answered before.
    socket.say(json!({ "k": "cmd", "key": "1", "do": { "withdraw": {} } })).await;
    let mut snapshots = 0;
    loop {
        let Some(Message::Text(text)) = socket.next().await else { continue };
        match serde_json::from_str::<Value>(&text).unwrap()["k"].as_str().unwrap() {
            "snapshot" => snapshots += 1,
            "refused" => break,
            _ => {}
        }
    }
    assert!(snapshots >= 4, "{snapshots}");
    assert!(snapshots <= given(4, 1.0, began) + 1, "{snapshots} of 100");
    // What is owed comes, as one.
    socket.frame("snapshot").await;
}

#[tokio::test]
async fn r18_a_flood_of_readings_by_one_token_is_refused_and_others_read_on() {
    let server = server::start().await;
    let began = Instant::now();
    let mut told = 0;
    for _ in 0..200 {
        let answer = get(&server, "state", &watcher()).await;
        match answer.status {
            200 => told += 1,
            _ => assert_eq!((answer.error(), answer.header("retry-after")), ((429, "flood".into()), "1")),
        }
    }
    assert!((120..=given(120, 40.0, began)).contains(&told), "{told} of 200");
    for path in ["state", "log", "venues/a/people"] {
        assert_eq!(get(&server, path, &director()).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn r18_pongs_that_nobody_asked_for_are_counted() {
    let server = server::start().await;
    let (mut socket, _) = server.client(&watcher()).await;
    for _ in 0..500 {
        if socket.try_send(Message::Pong(Vec::new().into())).await.is_err() {
            break;
        }
    }
    assert_eq!(socket.refused().await.0, "flood");
}

/// What a connection says that sends these frames, once it is let in, until it is ended.
async fn flooded(server: &Server, hello: Option<&str>, first: &[u8], frame: &[u8]) -> String {
    let mut stream = connect([127, 0, 0, 2], server.address).await;
    stream.write_all(upgrade("").as_bytes()).await.unwrap();
    assert_eq!(status(&mut stream).await, 101);
    if let Some(token) = hello {
        let hello = json!({ "k": "hello", "v": 1, "token": token }).to_string();
        stream.write_all(&text_frame(hello.as_bytes())).await.unwrap();
    }
    stream.write_all(first).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let many = frame.repeat(500);
    let writing = async { while writer.write_all(&many).await.is_ok() {} };
    let mut said = Vec::new();
    let reading = async {
        let _ = reader.read_to_end(&mut said).await;
    };
    tokio::select! {
        () = reading => {}
        () = async { writing.await; std::future::pending().await } => {}
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// A text frame whose mask is zero.
fn text_frame(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    [&[0x81, 0xfe][..], &length, &[0; 4], text].concat()
}

#[tokio::test]
async fn r18_frames_that_make_no_message_are_counted_before_the_hello_and_after_it() {
    let server = server::start().await;
    let (empty, watcher) = ([0x00, 0x80, 0, 0, 0, 0], watcher());
    // A message of empty pieces without end: nobody is told of them, and each costs.
    let said = flooded(&server, Some(&watcher), &[0x01, 0x81, 0, 0, 0, 0, b'{'], &empty).await;
    assert!(said.contains(r#""code":"flood""#), "{said}");
    for control in [0x89, 0x8a] {
        let said = flooded(&server, None, &[], &[control, 0x80, 0, 0, 0, 0]).await;
        assert!(said.contains(r#""code":"flood""#), "{said}");
    }
    let said = flooded(&server, None, &[0x01, 0x81, 0, 0, 0, 0, b'{'], &empty).await;
    assert!(said.contains(r#""code":"flood""#), "{said}");
    let (_desk, _) = server.client(&director()).await;
}
