//! As much of a server as a fleet needs: WHIP, WHEP and the control WebSocket on loopback. Says what happens as facts.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base::{ClientId, Mono, SourceId};
use bots::Origin;
use bots::clip::Coding;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use str0m::format::Codec as Format;
use str0m::rtp::RtpPacket;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{broadcast, mpsc};
use tokio_tungstenite::tungstenite::Message;
use wire::{ClientFrame, ReadyLine, ServerFrame};

use crate::peer::Peer;

/// Longer than anything here takes on a busy machine.
const FACT_MAX: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fact {
    Hello { token: String, client: Option<ClientId> },
    Said(ClientFrame),
    Posted { path: String, client: Option<String>, token: String },
    Deleted { path: String },
    Sound { path: String, origin: Option<Origin> },
    Picture { path: String, origin: Option<Origin> },
}

pub(crate) struct Server {
    pub(crate) ready: ReadyLine,
    facts: mpsc::UnboundedReceiver<Fact>,
    shared: Arc<Shared>,
}

struct Shared {
    facts: mpsc::UnboundedSender<Fact>,
    frames: broadcast::Sender<Option<ServerFrame>>,
    air: broadcast::Sender<Arc<(Format, RtpPacket)>>,
    boot: Mutex<String>,
    clients: Mutex<BTreeMap<String, u32>>,
    origin: Instant,
}

impl Server {
    /// A server with a meeting of `venues`, the first with two sources.
    pub(crate) async fn start(venues: &[&str]) -> Self {
        let (http, socket) = (listen().await, listen().await);
        let (facts_in, facts) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            facts: facts_in,
            frames: broadcast::channel(64).0,
            air: broadcast::channel(1_024).0,
            boot: Mutex::new("b1".into()),
            clients: Mutex::default(),
            origin: Instant::now(),
        });
        let at = http.local_addr().unwrap();
        let ready = ready(at, socket.local_addr().unwrap(), venues);
        tokio::spawn(accept(http, shared.clone(), exchange));
        tokio::spawn(accept(socket, shared.clone(), converse));
        Self { ready, facts, shared }
    }

    /// The next fact that `wanted` takes; the others before it are dropped.
    pub(crate) async fn fact<T>(&mut self, mut wanted: impl FnMut(Fact) -> Option<T>) -> T {
        let search = async {
            loop {
                if let Some(found) = wanted(self.facts.recv().await.unwrap()) {
                    return found;
                }
            }
        };
        tokio::time::timeout(FACT_MAX, search).await.expect("the fact comes in time")
    }

    /// Waits until something holds, looking at it with every fact.
    pub(crate) async fn until(&mut self, mut holds: impl FnMut() -> bool) {
        let search = async {
            while !holds() {
                self.facts.recv().await.unwrap();
            }
        };
        tokio::time::timeout(FACT_MAX, search).await.expect("it holds in time");
    }

    /// Facts so far.
    pub(crate) fn so_far(&mut self) -> Vec<Fact> {
        std::iter::from_fn(|| self.facts.try_recv().ok()).collect()
    }

    pub(crate) fn send(&self, frame: ServerFrame) {
        self.shared.frames.send(Some(frame)).unwrap();
    }

    /// Drops every control connection, as a server that dies; the next life has another name.
    pub(crate) fn die(&self, boot: &str) {
        boot.clone_into(&mut self.shared.boot.lock().unwrap());
        self.shared.frames.send(None).unwrap();
    }
}

pub(crate) fn gate(boot: &str, from: u64, venue: &str, open: bool) -> ServerFrame {
    let section = json!({
        "state": "ok", "reason": null, "since": null, "tally": "none", "gate": if open { "open" } else { "closed" }, "lease": open, "withheld": false,
        "lease_until": null, "hand": null, "speaking": false, "quality": "good", "returned": {"kind": "slate"}, "sources": [], "dropped": 0, "report": null,
    });
    let key = format!("venue:{venue}");
    serde_json::from_value(
        json!({"k": "delta", "boot": boot, "from": from, "to": from + 1, "set": {key: section}}),
    )
    .unwrap()
}

/// One source of a venue is live, or not.
pub(crate) fn live(boot: &str, from: u64, venue: &str, source: &str, live: bool) -> ServerFrame {
    let mut frame = serde_json::to_value(gate(boot, from, venue, false)).unwrap();
    frame["set"][format!("venue:{venue}")]["sources"] =
        json!([{"id": source, "tally": "none", "live": live, "layers": [], "published_by": null}]);
    serde_json::from_value(frame).unwrap()
}

pub(crate) fn replaced(source: &str) -> ServerFrame {
    ServerFrame::Replaced { source: SourceId::new(source).unwrap() }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn ready(http: SocketAddr, socket: SocketAddr, venues: &[&str]) -> ReadyLine {
    let entry = |(i, id): (usize, &&str)| {
        let source = |n: usize| json!({"id": format!("{id}.{n}"), "name": "", "whip": format!("http://{http}/whip/{id}.{n}")});
        let sources: Vec<_> = (1..=if i == 0 { 2 } else { 1 }).map(source).collect();
        json!({
            "id": id, "name": "", "rank": i + 1, "page": "", "whip": format!("http://{http}/whip/{id}"),
            "whep": format!("http://{http}/whep/m"), "token": format!("token-{id}"), "sources": sources,
        })
    };
    let line = json!({
        "meeting": "m", "api": format!("http://{socket}/api/v1/meetings/m"), "whep": format!("http://{http}/whep/m"),
        "tokens": {"director": "d", "chair": "c", "watcher": "w"}, "pid": 1, "data": "",
        "venues": venues.iter().enumerate().map(entry).collect::<Vec<_>>(),
    });
    serde_json::from_value(line).unwrap()
}

async fn accept<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    shared: Arc<Shared>,
    serve: fn(TcpStream, Arc<Shared>) -> F,
) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, shared.clone()));
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let mut frames = shared.frames.subscribe();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        let out = tokio::select! {
            message = socket.next() => {
                let Some(Ok(Message::Text(text))) = message else { return };
                let frame: ClientFrame = serde_json::from_str(&text).unwrap();
                let ClientFrame::Hello { token, client, .. } = frame else {
                    drop(shared.facts.send(Fact::Said(frame)));
                    continue;
                };
                let out = shared.snapshot(&token, client.as_ref());
                drop(shared.facts.send(Fact::Hello { token, client }));
                out
            }
            frame = frames.recv() => match frame.unwrap() {
                Some(frame) => frame,
                None => return,
            },
            _ = tick.tick() => ServerFrame::Tick { at: base::Wall(0), n: 0 },
        };
        if socket.send(Message::text(serde_json::to_string(&out).unwrap())).await.is_err() {
            return;
        }
    }
}

impl Shared {
    fn snapshot(&self, token: &str, client: Option<&ClientId>) -> ServerFrame {
        let mut clients = self.clients.lock().unwrap();
        let next = u32::try_from(clients.len()).unwrap();
        let number = *clients.entry(token.to_owned()).or_insert(next);
        let client = client.map_or(format!("c{number}"), ToString::to_string);
        let frame = json!({
            "k": "snapshot", "boot": *self.boot.lock().unwrap(), "rev": 1, "client": client, "at": 0, "you": {"role": "venue", "may": []},
            "state": {"meeting": {
                "id": "m", "title": {"zh": "", "en": ""}, "phase": "live", "planned_start": null, "started_at": 0, "ended_at": null,
                "chair_venue": "main", "chair": null, "contact": null, "codec": "vp8", "zone": "UTC", "log": "ok", "cause": null, "log_since": null,
            }},
        });
        serde_json::from_value(frame).unwrap()
    }
}

async fn exchange(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut text = Vec::new();
    let (head, body) = loop {
        if stream.read_buf(&mut text).await.unwrap() == 0 {
            return;
        }
        let whole = String::from_utf8(text.clone()).unwrap();
        let Some((head, body)) = whole.split_once("\r\n\r\n") else { continue };
        let length = header(head, "content-length").map_or(0, |l| l.parse().unwrap());
        if body.len() >= length {
            break (head.to_owned(), body.to_owned());
        }
    };
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap().to_owned());
    let reply = if method == "DELETE" {
        drop(shared.facts.send(Fact::Deleted { path }));
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned()
    } else {
        let media = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (peer, answer) = Peer::accept(Instant::now(), media.local_addr().unwrap(), &body);
        let token = header(&head, "authorization").unwrap();
        drop(shared.facts.send(Fact::Posted {
            path: path.clone(),
            client: header(&head, "onehall-client"),
            token,
        }));
        let location = format!("/session{}", path.split('?').next().unwrap());
        tokio::spawn(carry(peer, media, path, shared));
        format!(
            "HTTP/1.1 201 Created\r\nlocation: {location}\r\ncontent-type: application/sdp\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        )
    };
    stream.write_all(reply.as_bytes()).await.unwrap();
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
}

/// One session: what is published goes on air, and what is on air goes to those who watch.
async fn carry(mut peer: Peer, socket: UdpSocket, path: String, shared: Arc<Shared>) {
    let mut air = shared.air.subscribe();
    let mut buffer = vec![0; 2_048];
    loop {
        let now = Mono(u64::try_from(shared.origin.elapsed().as_micros()).unwrap());
        let mut sent = Vec::new();
        for (rid, packet) in peer.drain(now, shared.origin, &mut sent) {
            let format = peer.format(&packet);
            let (sound, path) = (format == Format::Opus, path.clone());
            let coding = if sound { Coding::Opus } else { Coding::Vp8 };
            let origin = bots::origin(coding, &packet.payload);
            let fact = if sound { Fact::Sound { path, origin } } else { Fact::Picture { path, origin } };
            drop(shared.facts.send(fact));
            if sound || rid.is_some_and(|rid| &*rid == "q") {
                drop(shared.air.send(Arc::new((format, packet))));
            }
        }
        for (_, destination, contents) in sent {
            drop(socket.send_to(&contents, destination).await);
        }
        let pause = Duration::from_micros(peer.wake().0.saturating_sub(now.0)).max(Duration::from_millis(1));
        tokio::select! {
            received = socket.recv_from(&mut buffer) => if let Ok((length, source)) = received {
                peer.receive(Instant::now(), source, &buffer[..length]);
            },
            packet = air.recv() => if let Ok(packet) = packet && path.starts_with("/whep") {
                peer.write(Instant::now(), packet.0, &packet.1);
            },
            () = tokio::time::sleep(pause) => peer.timeout(Instant::now()),
        }
    }
}
