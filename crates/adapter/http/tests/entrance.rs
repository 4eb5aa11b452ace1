//! Who has the places for connections: by role once a link is shown, by address and by time until then (R18). What is gated is who gets in.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::server::{self, Server};
use crate::fixture::talk::{PATIENCE, Socket, connect, parse, raw, request, status, upgrade};
use crate::fixture::{director, of_venue, watcher};

/// Of 16 connections watchers have twelve, and the last two are a desk's.
async fn of_sixteen() -> Server {
    server::start_with(|config| config.connections_max = 16).await
}

/// What a client is refused by, that says hello.
async fn refused(server: &Server, token: &str) -> String {
    let mut socket = server.socket().await;
    socket.say(json!({ "k": "hello", "v": 1, "token": token })).await;
    socket.refused().await.0
}

/// The kind of the first frame that a client is told, that says hello.
async fn first_frame(server: &Server, token: &str) -> String {
    let mut socket = server.socket().await;
    socket.say(json!({ "k": "hello", "v": 1, "token": token })).await;
    let Some(Message::Text(text)) = socket.next().await else { return String::new() };
    serde_json::from_str::<Value>(&text).unwrap()["k"].as_str().unwrap().to_owned()
}

/// Waits until the server ends this connection, whatever it says before.
async fn ended(stream: &mut TcpStream) {
    let end = async {
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said).await;
    };
    tokio::time::timeout(PATIENCE, end).await.expect("an end");
}

/// A control connection that has not said hello.
async fn let_in(from: [u8; 4], server: &Server, further: &str) -> TcpStream {
    let mut stream = connect(from, server.address).await;
    stream.write_all(upgrade(further).as_bytes()).await.unwrap();
    assert_eq!(status(&mut stream).await, 101);
    stream
}

#[tokio::test]
async fn r18_connections_with_a_watcher_s_link_shut_out_watchers_at_most() {
    let server = of_sixteen().await;
    let mut held: Vec<(Socket, String)> = Vec::new();
    for _ in 0..12 {
        held.push(server.client(&watcher()).await);
    }
    assert_eq!(refused(&server, &watcher()).await, "full");
    let bearer = format!("Bearer {}", watcher());
    let answer = request(server.address, "GET /api/v1/health", &[("authorization", &bearer)], b"").await;
    assert_eq!((answer.error(), answer.header("retry-after")), ((503, "full".into()), "5"));
    assert_eq!(answer.header("connection"), "close");
    for _ in 0..2 {
        held.push(server.client(&of_venue("a")).await);
    }
    assert_eq!(refused(&server, &of_venue("b")).await, "full", "the last two are a desk's");
    // Whoever leaves makes room for another of its kind.
    held.swap_remove(0).0.close().await;
    server::until("there is a place again", async || first_frame(&server, &watcher()).await == "snapshot")
        .await;
    // A page is served all the same, and two desks have their places.
    assert_eq!(request(server.address, "GET /api/v1/health", &[], b"").await.status, 200);
    for _ in 0..2 {
        let (mut desk, client) = server.client(&director()).await;
        desk.say(json!({ "k": "cmd", "key": client, "do": { "slate": {} } })).await;
        desk.frame("refused").await;
        held.push((desk, client));
    }
    held[0].0.say(json!({ "k": "resync" })).await;
    held[0].0.frame("snapshot").await;
}

#[tokio::test]
async fn r18_one_venue_s_connections_are_its_share() {
    let server = server::start_with(|config| config.connections_max = 64).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(server.client(&of_venue("a")).await);
    }
    assert_eq!(refused(&server, &of_venue("a")).await, "full");
    server.client(&of_venue("b")).await;
}

#[tokio::test]
async fn r18_a_connection_counts_as_what_it_showed_last() {
    let server = of_sixteen().await;
    let mut held = Vec::new();
    for _ in 0..11 {
        held.push(server.client(&watcher()).await);
    }
    // As a proxy's, which carries requests of many.
    let mut shared = connect([127, 0, 0, 2], server.address).await;
    let ask = async |stream: &mut TcpStream, token: &str| {
        let text =
            format!("HEAD /api/v1/health HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token}\r\n\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
        let answered = status(stream).await;
        let mut rest = [0; 4_096];
        assert!(stream.read(&mut rest).await.unwrap() > 0);
        answered
    };
    assert_eq!(ask(&mut shared, &watcher()).await, 200);
    assert_eq!(refused(&server, &watcher()).await, "full");
    assert_eq!(ask(&mut shared, &director()).await, 200);
    let (mut last, _) = server.client(&watcher()).await;
    last.say(json!({ "k": "resync" })).await;
    last.frame("snapshot").await;
    assert_eq!(ask(&mut shared, &watcher()).await, 503);
}

#[tokio::test]
async fn r18_the_stranger_who_came_first_of_an_address_goes_for_its_next_one() {
    let server = server::start().await;
    let mut first = let_in([127, 0, 0, 2], &server, "").await;
    let mut others = Vec::new();
    for _ in 1..128 {
        others.push(let_in([127, 0, 0, 2], &server, "").await);
    }
    // Others come in beside them. Of a proxy the addresses count that it writes down, and of nobody else.
    others.push(let_in([127, 0, 0, 3], &server, "").await);
    others.push(let_in([127, 0, 0, 9], &server, "x-forwarded-for: 192.0.2.1\r\n").await);
    let further = "x-forwarded-for: 203.0.113.7, 127.0.0.2\r\n";
    others.push(let_in([127, 0, 0, 9], &server, further).await);
    let mut said = Vec::new();
    tokio::time::timeout(PATIENCE, first.read_to_end(&mut said)).await.expect("an end").unwrap();
    assert!(String::from_utf8_lossy(&said).contains(r#""code":"full""#));
    others.push(let_in([127, 0, 0, 2], &server, "x-forwarded-for: 192.0.2.1\r\n").await);
    ended(&mut others[0]).await;
}

#[tokio::test]
async fn r18_strangers_of_however_many_addresses_make_room_for_who_says_who_it_is() {
    let server = of_sixteen().await;
    let mut held = Vec::new();
    for network in 10..40 {
        held.push(connect([127, 0, 0, network], server.address).await);
        held.push(let_in([127, 0, 0, network], &server, "").await);
    }
    let (mut desk, _) = server.client(&director()).await;
    for network in 10..40 {
        held.push(connect([127, 0, 0, network], server.address).await);
        held.push(let_in([127, 0, 0, network], &server, "").await);
    }
    desk.say(json!({ "k": "cmd", "key": "1", "do": { "start": {} } })).await;
    desk.frame("ack").await;
    ended(&mut held[0]).await;
}

#[tokio::test]
async fn r18_connections_of_one_address_take_an_eighth_until_they_show_who_they_are() {
    let server = server::start_with(|config| config.connections_max = 160).await;
    let here = [127, 0, 0, 2];
    let mut clients = Vec::new();
    for _ in 0..30 {
        let mut stream = let_in(here, &server, "").await;
        let hello = json!({ "k": "hello", "v": 1, "token": watcher() }).to_string();
        let length = u16::try_from(hello.len()).unwrap().to_be_bytes();
        stream.write_all(&[&[0x81, 0xfe][..], &length, &[0; 4], hello.as_bytes()].concat()).await.unwrap();
        clients.push(stream);
    }
    let mut strangers = Vec::new();
    for _ in 0..21 {
        strangers.push(let_in(here, &server, "").await);
    }
    ended(&mut strangers[0]).await;
    let once = b"GET /api/v1/health HTTP/1.0\r\n\r\n";
    assert_eq!(parse(&raw(here, server.address, once).await).status, 200);
    for client in &mut clients {
        let mut byte = [0];
        assert_eq!(client.read(&mut byte).await.unwrap(), 1, "who has said hello stays");
    }
}
