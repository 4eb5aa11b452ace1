//! The media side of a bot: its sessions over sockets of their own, opened over HTTP, and opened again when lost.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use base::random::Random;
use base::{Mono, SourceId};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};

use super::http::{self, Caller, HttpError, Opened};
use super::{Clock, Orders};
use crate::bot::{Bot, BotEvent, Input, Leg, Output};

/// Bytes of the largest datagram taken.
const DATAGRAM_BYTES_MAX: usize = 2_048;
/// Datagrams taken from a socket before the others have their turn.
const BATCH_MAX: usize = 64;
/// Sessions are opened a little apart, so that a server that comes back is not run over.
const SPREAD_MS_MAX: u64 = 300;
/// Pause before a session is opened again; it doubles with each failure.
const AGAIN_MS_FIRST: u64 = 500;
/// The longest pause.
const AGAIN_MS_MAX: u64 = 7_000;
/// How long the farewells of a fleet that stops may take.
const FAREWELL_MAX: Duration = Duration::from_secs(2);

/// Where a bot's sessions go.
#[derive(Debug)]
pub(crate) struct Addresses {
    /// WHIP address of each camera position; the first has the microphone.
    pub(crate) publish: Vec<(SourceId, String)>,
    /// WHEP address.
    pub(crate) watch: String,
    pub(crate) token: String,
}

/// The sessions of one bot.
pub(crate) struct Media {
    addresses: Addresses,
    bot: Arc<Mutex<Bot>>,
    clock: Clock,
    rng: Random,
    sessions: BTreeMap<Leg, Session>,
    boot: Option<String>,
    answers: (mpsc::Sender<Answer>, mpsc::Receiver<Answer>),
    buffer: Vec<u8>,
}

struct Session {
    state: State,
    failures: u32,
    /// Counts the offers, so that a late answer is not taken for another offer's.
    offer: u64,
}

enum State {
    /// To be opened at that time.
    Waits(Mono),
    /// The offer was posted.
    Asked(Arc<UdpSocket>),
    /// The answer was taken.
    Open(Arc<UdpSocket>, Option<String>),
    /// Another page publishes here now, and has not left yet.
    Replaced,
}

struct Answer {
    leg: Leg,
    offer: u64,
    result: Result<Opened, HttpError>,
}

impl Media {
    pub(crate) fn new(addresses: Addresses, bot: Arc<Mutex<Bot>>, clock: Clock, rng: Random) -> Self {
        let answers = mpsc::channel(16);
        let buffer = vec![0; DATAGRAM_BYTES_MAX];
        Self { addresses, bot, clock, rng, sessions: BTreeMap::new(), boot: None, answers, buffer }
    }

    /// Runs until the orders say stop, or nobody gives any.
    pub(crate) async fn run(mut self, mut orders: watch::Receiver<Orders>) {
        self.obey(&orders.borrow_and_update().clone());
        loop {
            let wake = self.advance(&orders).await;
            let pause = Duration::from_micros(wake.0.saturating_sub(self.clock.now().0));
            tokio::select! {
                changed = orders.changed() => {
                    let order = orders.borrow_and_update().clone();
                    if changed.is_err() || order.stop {
                        break;
                    }
                    self.obey(&order);
                }
                Some(answer) = self.answers.1.recv() => self.answered(answer),
                leg = readable(&self.sessions) => self.receive(leg),
                () = tokio::time::sleep(pause) => self.feed(Input::Timeout),
            }
        }
        self.farewell(&orders).await;
    }

    /// Sends what is to be sent, opens what is to be opened; gives the next time to look.
    async fn advance(&mut self, orders: &watch::Receiver<Orders>) -> Mono {
        let mut wake = self.drain();
        let now = self.clock.now();
        let due: Vec<Leg> = self
            .sessions
            .iter()
            .filter(|(_, s)| matches!(s.state, State::Waits(at) if at <= now))
            .map(|(leg, _)| *leg)
            .collect();
        for leg in due {
            let client = orders.borrow().client.clone();
            self.open(leg, Caller { token: self.addresses.token.clone(), client }).await;
        }
        for session in self.sessions.values() {
            if let State::Waits(at) = session.state {
                wake = wake.min(at);
            }
        }
        wake
    }

    fn obey(&mut self, orders: &Orders) {
        let now = self.clock.now();
        if let Some((boot, codec)) = &orders.open
            && self.boot.as_ref() != Some(boot)
        {
            self.boot = Some(boot.clone());
            self.lock().set_codec(*codec);
            let watch = std::iter::once(Leg::Watch);
            let cameras =
                (0..self.addresses.publish.len()).filter_map(|i| u8::try_from(i).ok()).map(Leg::Publish);
            for leg in cameras.chain(watch).collect::<Vec<_>>() {
                let replaced = self.sessions.get(&leg).is_some_and(|s| matches!(s.state, State::Replaced));
                if !replaced {
                    let at = Mono(now.0 + self.rng.between(0, SPREAD_MS_MAX * 1_000));
                    let offer = self.sessions.get(&leg).map_or(0, |s| s.offer);
                    self.sessions.insert(leg, Session { state: State::Waits(at), failures: 0, offer });
                    self.lock().close(leg);
                }
            }
        }
        for (i, (source, _)) in self.addresses.publish.iter().enumerate() {
            let Some(leg) = u8::try_from(i).ok().map(Leg::Publish) else { continue };
            let session = self.sessions.get_mut(&leg);
            if orders.replaced.contains(source) {
                if let Some(session) = session {
                    session.state = State::Replaced;
                }
                lock(&self.bot).close(leg);
            } else if let Some(session) = session.filter(|s| matches!(s.state, State::Replaced)) {
                (session.state, session.failures) = (State::Waits(now), 0);
            }
        }
        self.lock().set_gate(now, orders.gate);
    }

    async fn open(&mut self, leg: Leg, caller: Caller) {
        let address = match leg {
            Leg::Publish(camera) => self.addresses.publish[usize::from(camera)].1.clone(),
            Leg::Watch => self.addresses.watch.clone(),
        };
        let opened = match bind(&address).await {
            Ok(socket) => socket.local_addr().map(|local| (socket, local)),
            Err(error) => Err(error),
        };
        let Ok((socket, local)) = opened else { return self.failed(leg) };
        let made = self.lock().open(self.clock.now(), leg, local);
        let offer = match made {
            Ok(offer) => offer,
            Err(error) => {
                tracing::warn!(%error, "a bot cannot make an offer");
                return self.failed(leg);
            }
        };
        let Some(session) = self.sessions.get_mut(&leg) else { return };
        session.state = State::Asked(Arc::new(socket));
        session.offer += 1;
        let (number, answers) = (session.offer, self.answers.0.clone());
        tokio::spawn(async move {
            let result = http::post(&address, &caller, offer).await;
            // A media side that has stopped takes no answers.
            drop(answers.send(Answer { leg, offer: number, result }).await);
        });
    }

    fn answered(&mut self, answer: Answer) {
        let Answer { leg, offer, result } = answer;
        let Some(session) = self.sessions.get_mut(&leg).filter(|s| s.offer == offer) else { return };
        let State::Asked(socket) = &session.state else { return };
        let socket = socket.clone();
        let opened = match result {
            Ok(opened) => opened,
            Err(error) => {
                tracing::debug!(?leg, %error, "a bot's offer was not taken");
                return self.failed(leg);
            }
        };
        session.state = State::Open(socket, opened.location.clone());
        let taken = self.lock().handle(self.clock.now(), Input::Answer { leg, sdp: &opened.answer });
        if let Err(error) = taken {
            tracing::warn!(?leg, %error, "a bot cannot use an answer");
            self.failed(leg);
        }
    }

    fn failed(&mut self, leg: Leg) {
        self.lock().close(leg);
        let Some(session) = self.sessions.get_mut(&leg) else { return };
        let high = (AGAIN_MS_FIRST << session.failures.min(4)).min(AGAIN_MS_MAX);
        session.failures += 1;
        session.state = State::Waits(Mono(self.clock.now().0 + self.rng.between(high / 2, high) * 1_000));
    }

    fn receive(&mut self, leg: Leg) {
        let Some(State::Asked(socket) | State::Open(socket, _)) = self.sessions.get(&leg).map(|s| &s.state)
        else {
            return;
        };
        let socket = socket.clone();
        let Ok(destination) = socket.local_addr() else { return };
        for _ in 0..BATCH_MAX {
            let Ok((length, source)) = socket.try_recv_from(&mut self.buffer) else { break };
            let input = Input::Datagram { leg, source, destination, contents: &self.buffer[..length] };
            feed(&self.bot, self.clock.now(), input);
        }
    }

    fn feed(&self, input: Input<'_>) {
        feed(&self.bot, self.clock.now(), input);
    }

    /// Sends the bot's datagrams and takes its events, until it says when to wake it.
    fn drain(&mut self) -> Mono {
        loop {
            let output = self.lock().poll_output();
            match output {
                Output::Transmit { leg, datagram } => {
                    if let Some(State::Open(socket, _)) = self.sessions.get(&leg).map(|s| &s.state) {
                        // A full socket loses the datagram, as a network would.
                        drop(socket.try_send_to(&datagram.contents, datagram.destination));
                    }
                }
                Output::Event(BotEvent::Lost(leg)) => {
                    tracing::debug!(?leg, "a bot's session is lost");
                    self.failed(leg);
                }
                Output::Event(BotEvent::Connected(leg)) => {
                    if let Some(session) = self.sessions.get_mut(&leg) {
                        session.failures = 0;
                    }
                }
                Output::Event(BotEvent::KeyFrameAsked { .. } | BotEvent::Carries { .. }) => {}
                Output::Timeout(at) => return at,
            }
        }
    }

    async fn farewell(&mut self, orders: &watch::Receiver<Orders>) {
        let caller = Caller { token: self.addresses.token.clone(), client: orders.borrow().client.clone() };
        let locations = self.sessions.values().filter_map(|session| match &session.state {
            State::Open(_, location) => location.clone(),
            State::Waits(_) | State::Asked(_) | State::Replaced => None,
        });
        let farewells = locations.map(|location| {
            let caller = caller.clone();
            async move { http::delete(&location, &caller).await }
        });
        let all = futures_util::future::join_all(farewells);
        if let Ok(results) = tokio::time::timeout(FAREWELL_MAX, all).await {
            for error in results.into_iter().filter_map(Result::err) {
                tracing::debug!(%error, "a bot could not say farewell");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Bot> {
        lock(&self.bot)
    }
}

/// A bot is whole between its calls, so one that panicked elsewhere while it was looked at is no reason to stop.
pub(crate) fn lock(bot: &Mutex<Bot>) -> MutexGuard<'_, Bot> {
    bot.lock().unwrap_or_else(PoisonError::into_inner)
}

fn feed(bot: &Mutex<Bot>, now: Mono, input: Input<'_>) {
    if let Err(error) = lock(bot).handle(now, input) {
        tracing::debug!(%error, "a bot refused an input");
    }
}

/// The first session whose socket can be read.
async fn readable(sessions: &BTreeMap<Leg, Session>) -> Leg {
    std::future::poll_fn(|context| {
        for (leg, session) in sessions {
            if let State::Open(socket, _) = &session.state
                && socket.poll_recv_ready(context).is_ready()
            {
                return Poll::Ready(*leg);
            }
        }
        Poll::Pending
    })
    .await
}

/// A socket on the local address from which the server is reached.
async fn bind(address: &str) -> std::io::Result<UdpSocket> {
    let (host, port) = http::host(address).map_err(std::io::Error::other)?;
    let mut targets = tokio::net::lookup_host((host.as_str(), port)).await?;
    // Media of a server that is reached by a loopback name is on 127.0.0.1, whichever loopback the name gives first.
    let target = targets.find(|t| t.is_ipv4() || !t.ip().is_loopback());
    let local = match target {
        Some(target) if !target.ip().is_loopback() => {
            let any: SocketAddr = if target.is_ipv4() { ([0; 4], 0).into() } else { ([0u16; 8], 0).into() };
            let probe = UdpSocket::bind(any).await?;
            probe.connect(target).await?;
            probe.local_addr()?.ip()
        }
        Some(_) | None => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    UdpSocket::bind((local, 0)).await
}
