//! Datagrams under the address of another: a program over HTTP and UDP against the real binary, or against the one that `ONEHALL_BIN` names.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails it by panicking")]

mod started;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use base::Mono;
use demo::bots::{Bot, BotSpec, Input, Leg, Output, Picture, Slot};
use serde_json::Value;
use wire::Codec;

use started::Started;

const DEADLINE: Duration = Duration::from_secs(120);
/// The venue that is on air, and the number of its clip.
const VENUE: (&str, u16) = ("v003", 3);

/// A demo without bots, ended with the test.
struct Demo {
    _started: Started,
    ready: Value,
}

impl Demo {
    fn start() -> Self {
        let binary = std::env::var("ONEHALL_BIN").unwrap_or(env!("CARGO_BIN_EXE_onehall").to_owned());
        let mut demo = Command::new(binary);
        demo.args(["demo", "--json", "--no-bots", "--venues", "3", "--address", "127.0.0.1:0"]);
        let (started, line) = Started::spawn(&mut demo);
        Self { _started: started, ready: serde_json::from_str(&line).unwrap() }
    }

    fn venue(&self) -> &Value {
        let venues = self.ready["venues"].as_array().unwrap();
        venues.iter().find(|venue| venue["id"] == VENUE.0).unwrap()
    }

    fn act(&self, key: &str, act: &str) {
        let (api, token) = (&self.ready["api"], &self.ready["tokens"]["director"]);
        let address = format!("{}/commands", api.as_str().unwrap());
        let head = format!("Content-Type: application/json\r\nIdempotency-Key: {key}\r\n");
        let answer = post(&address, token, &head, act);
        assert!(answer.starts_with("HTTP/1.1 200"), "{act}: {answer}");
    }
}

fn post(address: &str, token: &Value, head: &str, body: &str) -> String {
    let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let (token, length) = (token.as_str().unwrap(), body.len());
    let mut stream = TcpStream::connect(host).unwrap();
    let ask = format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{head}Content-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    stream.write_all(ask.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A client of one session, with a socket of its own.
struct Client {
    bot: Bot,
    leg: Leg,
    socket: UdpSocket,
    local: SocketAddr,
    /// What it sends goes out; else its STUN requests alone are kept.
    sends: bool,
    stun: Vec<Vec<u8>>,
    /// Where it sent last.
    to: Option<SocketAddr>,
}

impl Client {
    fn open(now: Mono, leg: Leg, address: &Value, token: &Value, sends: bool) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let local = socket.local_addr().unwrap();
        let lines = demo::bots::PLAIN;
        let spec = BotSpec {
            number: VENUE.1,
            codec: Codec::Vp8,
            picture: Picture::Room,
            hostile: false,
            lines,
            seed: 7,
        };
        let mut bot = Bot::new(spec);
        let offer = bot.open(now, leg, local).unwrap();
        let answer = post(address.as_str().unwrap(), token, "Content-Type: application/sdp\r\n", &offer);
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        let (_, sdp) = answer.split_once("\r\n\r\n").unwrap();
        bot.handle(now, Input::Answer { leg, sdp }).unwrap();
        Self { bot, leg, socket, local, sends, stun: Vec::new(), to: None }
    }

    /// Takes what came, and sends what there is to send.
    fn turn(&mut self, now: Mono) {
        let mut buffer = [0; 2_048];
        while let Ok((length, source)) = self.socket.recv_from(&mut buffer) {
            let contents = &buffer[..length];
            let input = Input::Datagram { leg: self.leg, source, destination: self.local, contents };
            self.bot.handle(now, input).unwrap();
        }
        self.bot.handle(now, Input::Timeout).unwrap();
        loop {
            match self.bot.poll_output() {
                Output::Transmit { datagram, .. } if self.sends => {
                    self.to = Some(datagram.destination);
                    let _ = self.socket.send_to(&datagram.contents, datagram.destination);
                }
                Output::Transmit { datagram, .. } if datagram.contents.starts_with(&[0, 1]) => {
                    self.stun.push(datagram.contents);
                }
                Output::Transmit { .. } | Output::Event(_) => {}
                Output::Timeout(_) => return,
            }
        }
    }

    /// Packets of that venue's picture that v0 has carried.
    fn seen(&self) -> u64 {
        let origins = self.bot.slot(Slot::Video(0)).map(|slot| &slot.origins);
        let of_venue = origins.into_iter().flatten().filter(|(origin, _)| origin.number == VENUE.1);
        of_venue.map(|(_, packets)| packets).sum()
    }
}

#[test]
fn one_datagram_under_the_address_of_a_venue_takes_nothing_from_it() {
    let demo = Demo::start();
    let began = Instant::now();
    let now = || Mono(u64::try_from(began.elapsed().as_micros()).unwrap());
    let (venue, watcher) = (demo.venue(), &demo.ready["tokens"]["watcher"]);
    let whep = &demo.ready["whep"];
    let mut speaker = Client::open(now(), Leg::Publish(0), &venue["whip"], &venue["token"], true);
    let mut player = Client::open(now(), Leg::Watch, whep, watcher, true);
    let until = |clients: &mut [&mut Client], what: &str, met: &dyn Fn(&[&mut Client]) -> bool| {
        let waits = Instant::now();
        while !met(clients) {
            assert!(waits.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
            clients.iter_mut().for_each(|client| client.turn(now()));
        }
    };
    until(&mut [&mut speaker, &mut player], "both are connected", &|clients| {
        clients.iter().all(|client| client.bot.connected(client.leg))
    });
    demo.act("f1", r#"{"preview":{"source":"v003"}}"#);
    demo.act("f2", r#"{"take":{}}"#);
    until(&mut [&mut speaker, &mut player], "the venue is on air", &|clients| clients[1].seen() > 20);

    // Whoever has a link of their own has a session, and its password. It never shakes hands.
    let mut forger = Client::open(now(), Leg::Watch, whep, watcher, false);
    until(&mut [&mut speaker, &mut player, &mut forger], "the forger has a STUN request", &|clients| {
        !clients[2].stun.is_empty()
    });
    speaker.socket.send_to(&forger.stun[0], speaker.to.unwrap()).unwrap();
    let seen = player.seen();
    until(&mut [&mut speaker, &mut player], "the venue stays on air", &|clients| {
        clients[1].seen() > seen + 60
    });
}
