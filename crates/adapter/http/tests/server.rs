//! Slow clients, half-open connections, and the end.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use crate::fixture::server;
use crate::fixture::talk::{PATIENCE, parse, raw, request};
use crate::fixture::{director, watcher};

/// How long the server keeps a connection on which this is written, a byte at a time after the first part; in virtual time.
async fn kept(to: std::net::SocketAddr, first: &str, then: &str) -> Duration {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(first.as_bytes()).await.unwrap();
    let began = Instant::now();
    let (mut reading, mut writing) = stream.split();
    let end = async {
        let mut bytes = Vec::new();
        let _ = reading.read_to_end(&mut bytes).await;
    };
    let write = async {
        for byte in then.bytes().cycle() {
            tokio::time::sleep(Duration::from_millis(500)).await;
            if writing.write_all(&[byte]).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = end => {}
        () = write => {}
        () = tokio::time::sleep(Duration::from_secs(300)) => {}
    }
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn who_sends_nothing_or_a_byte_at_a_time_is_let_go_and_others_are_served() {
    let server = server::start().await;
    let to = server.address;
    let body = "POST /api/v1/meetings/m1/commands HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\nidempotency-key: k\r\n";
    let body = format!("{body}authorization: Bearer {}\r\n\r\n", director());
    let half_open: Vec<_> = futures_util::future::join_all((0..50).map(|_| TcpStream::connect(to))).await;
    assert_eq!(request(to, "GET /api/v1/health", &[], b"").await.status, 200);
    let (silent, headers, body) =
        tokio::join!(kept(to, "", ""), kept(to, "GET / HTTP/1.1\r\nx: ", "a"), kept(to, &body, " "),);
    let seconds = |kept: Duration| kept.as_secs();
    assert_eq!((seconds(silent), seconds(headers), seconds(body)), (5, 5, 10));
    assert_eq!(request(to, "GET /api/v1/health", &[], b"").await.status, 200);
    drop(half_open);
}

/// How long the server keeps a connection that asks for more and more and reads nothing; in virtual time.
async fn kept_unread(to: std::net::SocketAddr, asks: &str) -> Duration {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    let began = Instant::now();
    let write = async {
        let mut written = stream.write_all(asks.repeat(20_000).as_bytes()).await;
        while written.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
            written = stream.write_all(b"G").await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(300), write).await;
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn r18_who_asks_and_reads_nothing_is_let_go() {
    let server = server::start().await;
    let token = watcher();
    let stranger = kept_unread(server.address, "GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let known = format!("GET /nothing HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    let known = kept_unread(server.address, &known).await;
    assert_eq!((stranger.as_secs(), known.as_secs()), (10, 10));
}

#[tokio::test(start_paused = true)]
async fn a_websocket_that_says_no_hello_is_let_go() {
    let server = server::start().await;
    let mut socket = server.socket().await;
    let began = Instant::now();
    assert_eq!(socket.refused().await.0, "bad_frame");
    assert_eq!(began.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let server = server::start().await;
    let long = "x".repeat(100_000);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let _ = stream.write_all(format!("GET / HTTP/1.1\r\nhost: x\r\nlong: {long}").as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_stop_ends_connections_and_then_returns() {
    let server = server::start().await;
    let (mut socket, _) = server.client(&watcher()).await;
    socket.say(json!({ "k": "ready", "rev": 1 })).await;
    server.stop.send(()).unwrap();
    assert_eq!(socket.end().await, "the server stops");
    tokio::time::timeout(PATIENCE, server.done).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_request_has_one_host_and_headers_of_32_kib_at_most() {
    let server = server::start().await;
    let check = async |text: String, want: u16| {
        let answer = raw([127, 0, 0, 1], server.address, text.as_bytes()).await;
        assert_eq!(parse(&answer).status, want, "{}", &text[..text.len().min(200)]);
    };
    let get = "GET /api/v1/health HTTP/1.1\r\nconnection: close\r\n";
    check(format!("{get}host: h\r\n\r\n"), 200).await;
    check(format!("{get}\r\n"), 400).await;
    check(format!("{get}host: h\r\nhost: h\r\n\r\n"), 400).await;
    check("GET /api/v1/health HTTP/1.0\r\n\r\n".to_owned(), 200).await;
    for (bytes, want) in [(32_000, 200), (33_000, 431), (100_000, 431)] {
        check(format!("{get}host: h\r\nx: {}\r\n\r\n", "x".repeat(bytes)), want).await;
    }
}
