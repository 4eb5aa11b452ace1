//! A venue's bot: one publisher per camera position and one watcher, without IO.
//!
//! The caller owns sockets, HTTP and clock: [`Bot::open`] gives an offer, the caller posts it and hands the answer to
//! [`Bot::handle`]; then datagrams and timeouts go in, and [`Bot::poll_output`] is asked until it answers `Timeout`.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use base::Mono;
use base::random::Random;
use wire::Codec;

use crate::clip::Picture;
use crate::origin::Origin;
use crate::peer::{Datagram, Peer};
use crate::publish::{Publisher, Sent, Studio};
use crate::watch::{Lines, Slot, SlotCount, Watcher};

/// A session that hears nothing for so long is lost. A hop answers ICE checks and reports reception well within.
const SILENCE_US_MAX: u64 = 5_000_000;
/// A session that is not connected so long after its answer is lost.
const CONNECT_US_MAX: u64 = 10_000_000;
/// Events kept for a caller that does not ask.
const EVENTS_MAX: usize = 1_024;

/// What went wrong with a bot.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    /// There is no clip for that.
    #[error("venue number {number} has no clip for camera position {camera}")]
    NoClip {
        /// Venue number.
        number: u16,
        /// Camera position.
        camera: u8,
    },
    /// An address that cannot be a candidate.
    #[error("{0} cannot be a candidate")]
    BadAddress(SocketAddr),
    /// An offer without a line.
    #[error("there is nothing to offer")]
    NothingToOffer,
    /// An answer without an offer before it.
    #[error("an answer came to a session that has no offer open")]
    NoOffer,
    /// The answer is larger than the limit.
    #[error("the answer has {bytes} bytes, at most {max} are taken")]
    AnswerTooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The answer cannot be used.
    #[error("the answer cannot be used: {0}")]
    BadAnswer(String),
}

/// Which bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotSpec {
    /// Venue number, from 1 (the main venue) to [`crate::clip::VENUES`]: whose clip it sends.
    pub number: u16,
    /// Codec of its cameras.
    pub codec: Codec,
    /// What its cameras give.
    pub picture: Picture,
    /// Its microphone sends whatever its gate.
    pub hostile: bool,
    /// Lines it offers to watch.
    pub lines: Lines,
    /// For stream ids, sequence numbers and clocks.
    pub seed: u64,
}

/// A session of a bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leg {
    /// WHIP, by camera position from 0; the first has the microphone.
    Publish(u8),
    /// WHEP.
    Watch,
}

/// What goes in.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// The answer to the offer of [`Bot::open`].
    Answer {
        /// Of which session.
        leg: Leg,
        /// SDP.
        sdp: &'a str,
    },
    /// A datagram came.
    Datagram {
        /// At which session's socket.
        leg: Leg,
        /// From where.
        source: SocketAddr,
        /// The socket's own address, as given to [`Bot::open`].
        destination: SocketAddr,
        /// The bytes.
        contents: &'a [u8],
    },
    /// The time that [`Output::Timeout`] named has come.
    Timeout,
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this.
    Transmit {
        /// From which session's socket.
        leg: Leg,
        /// What.
        datagram: Datagram,
    },
    /// Something happened.
    Event(BotEvent),
    /// Nothing more until an input, or until then.
    Timeout(Mono),
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BotEvent {
    /// ICE and DTLS are done.
    Connected(Leg),
    /// The session is dead and closed; the caller may open it again.
    Lost(Leg),
    /// A layer was asked for a key frame; it follows at once.
    KeyFrameAsked {
        /// Of which camera position.
        camera: u8,
        /// Which layer, 0 the lowest.
        layer: u8,
    },
    /// A slot carries another venue or camera position than before.
    Carries {
        /// Which slot.
        slot: Slot,
        /// What.
        origin: Origin,
    },
}

/// A synthetic venue.
#[derive(Debug)]
pub struct Bot {
    spec: BotSpec,
    rng: Random,
    now: Mono,
    gate: bool,
    publishers: BTreeMap<u8, Session<Publisher>>,
    watcher: Option<Session<Watcher>>,
    events: VecDeque<BotEvent>,
}

#[derive(Debug)]
struct Session<T> {
    machine: T,
    opened: Mono,
    told: bool,
}

impl Bot {
    /// A bot without sessions; they come by [`open`](Self::open).
    #[must_use]
    pub fn new(spec: BotSpec) -> Self {
        let rng = Random::new(spec.seed);
        Self {
            spec,
            rng,
            now: Mono(0),
            gate: false,
            publishers: BTreeMap::new(),
            watcher: None,
            events: VecDeque::new(),
        }
    }

    /// Opens a session, anew if it was open: the offer to post. `local` is the address of the socket that it alone will use.
    ///
    /// # Errors
    /// [`BotError`], if there is no clip for it or the address cannot be used.
    pub fn open(&mut self, now: Mono, leg: Leg, local: SocketAddr) -> Result<String, BotError> {
        self.close(leg);
        self.now = now;
        match leg {
            Leg::Publish(camera) => {
                let open = self.gate || self.spec.hostile;
                let studio = Studio {
                    number: self.spec.number,
                    camera,
                    codec: self.spec.codec,
                    picture: self.spec.picture,
                    open,
                };
                let (machine, offer) = Publisher::open(now, local, studio, &mut self.rng)?;
                self.publishers.insert(camera, Session { machine, opened: now, told: false });
                Ok(offer)
            }
            Leg::Watch => {
                let (machine, offer) = Watcher::open(now, local, self.spec.lines)?;
                self.watcher = Some(Session { machine, opened: now, told: false });
                Ok(offer)
            }
        }
    }

    /// Forgets a session. What it would still have sent is dropped; the server learns of it by `DELETE`.
    pub fn close(&mut self, leg: Leg) {
        match leg {
            Leg::Publish(camera) => {
                self.publishers.remove(&camera);
            }
            Leg::Watch => self.watcher = None,
        }
    }

    /// The codec of sessions that are opened from now on.
    pub const fn set_codec(&mut self, codec: Codec) {
        self.spec.codec = codec;
    }

    /// Opens or closes the microphone, as its gate says. A hostile bot does not listen.
    pub fn set_gate(&mut self, now: Mono, open: bool) {
        self.gate = open;
        for session in self.publishers.values_mut() {
            session.machine.set_gate(now, open || self.spec.hostile);
        }
        self.advance(now);
    }

    /// Takes an input. Inputs for sessions that are not open are dropped.
    ///
    /// # Errors
    /// [`BotError`], if an answer cannot be used.
    pub fn handle(&mut self, now: Mono, input: Input<'_>) -> Result<(), BotError> {
        match input {
            Input::Answer { leg, sdp } => {
                if let Some(peer) = self.peer(leg) {
                    peer.answer(now, sdp)?;
                }
            }
            Input::Datagram { leg, source, destination, contents } => {
                if let Some(peer) = self.peer(leg) {
                    peer.datagram(now, source, destination, contents);
                }
            }
            Input::Timeout => {
                let publishers = self.publishers.values_mut().map(|s| &mut s.machine.peer);
                for peer in publishers.chain(self.watcher.as_mut().map(|s| &mut s.machine.peer)) {
                    if peer.answered() && peer.wake(now) <= now {
                        peer.timeout(now);
                    }
                }
            }
        }
        self.advance(now);
        Ok(())
    }

    /// What to do next. After a `Timeout` nothing more comes until the next input.
    pub fn poll_output(&mut self) -> Output {
        if let Some(event) = self.events.pop_front() {
            return Output::Event(event);
        }
        for (camera, session) in &mut self.publishers {
            if let Some(datagram) = session.machine.peer.next_datagram() {
                return Output::Transmit { leg: Leg::Publish(*camera), datagram };
            }
        }
        if let Some(datagram) = self.watcher.as_mut().and_then(|s| s.machine.peer.next_datagram()) {
            return Output::Transmit { leg: Leg::Watch, datagram };
        }
        Output::Timeout(self.wake())
    }

    /// Whether a session is connected.
    #[must_use]
    pub fn connected(&self, leg: Leg) -> bool {
        match leg {
            Leg::Publish(camera) => self.publishers.get(&camera).is_some_and(|s| s.machine.connected()),
            Leg::Watch => self.watcher.as_ref().is_some_and(|s| s.machine.connected()),
        }
    }

    /// What the watching session has received in its slots, since it was last opened; empty while it is closed.
    pub fn slots(&self) -> impl Iterator<Item = (Slot, &SlotCount)> {
        self.watcher.iter().flat_map(|s| s.machine.slots.iter().map(|(slot, count)| (*slot, count)))
    }

    /// What one slot has received.
    #[must_use]
    pub fn slot(&self, slot: Slot) -> Option<&SlotCount> {
        self.watcher.as_ref()?.machine.slots.get(&slot)
    }

    /// What a camera position has sent since its session was last opened.
    #[must_use]
    pub fn sent(&self, camera: u8) -> Option<&Sent> {
        Some(&self.publishers.get(&camera)?.machine.sent)
    }

    fn peer(&mut self, leg: Leg) -> Option<&mut Peer> {
        match leg {
            Leg::Publish(camera) => Some(&mut self.publishers.get_mut(&camera)?.machine.peer),
            Leg::Watch => Some(&mut self.watcher.as_mut()?.machine.peer),
        }
    }

    fn advance(&mut self, now: Mono) {
        self.now = now;
        let events = &mut self.events;
        let mut tell = |event| {
            if events.len() < EVENTS_MAX {
                events.push_back(event);
            }
        };
        let mut lost = Vec::new();
        for (camera, session) in &mut self.publishers {
            let camera = *camera;
            let closed = session
                .machine
                .advance(now, &mut |asked| tell(BotEvent::KeyFrameAsked { camera, layer: asked.layer }));
            let leg = Leg::Publish(camera);
            let connected = session.machine.connected();
            if session.look(now, connected, closed, |s| &s.peer, || tell(BotEvent::Connected(leg))) {
                lost.push(leg);
            }
        }
        if let Some(session) = &mut self.watcher {
            let closed = session.machine.advance(now, &mut |changed| {
                tell(BotEvent::Carries { slot: changed.slot, origin: changed.origin });
            });
            let connected = session.machine.connected();
            if session.look(now, connected, closed, |s| &s.peer, || tell(BotEvent::Connected(Leg::Watch))) {
                lost.push(Leg::Watch);
            }
        }
        for leg in lost {
            self.close(leg);
            self.events.push_back(BotEvent::Lost(leg));
        }
    }

    fn wake(&self) -> Mono {
        let now = self.now;
        let idle = Mono(now.0 + 1_000_000);
        let publishers =
            self.publishers.values().filter(|s| s.machine.peer.answered()).map(|s| s.machine.wake(now));
        let watcher =
            self.watcher.iter().filter(|s| s.machine.peer.answered()).map(|s| s.machine.peer.wake(now));
        publishers.chain(watcher).fold(idle, Mono::min)
    }
}

impl<T> Session<T> {
    /// Tells once that it is connected; says whether it is lost.
    fn look(
        &mut self,
        now: Mono,
        connected: bool,
        closed: bool,
        peer: impl FnOnce(&T) -> &Peer,
        tell: impl FnOnce(),
    ) -> bool {
        if connected && !self.told {
            self.told = true;
            tell();
        }
        let peer = peer(&self.machine);
        let silent = now.since(peer.heard()).as_micros() > u128::from(SILENCE_US_MAX);
        let late = !connected && now.since(self.opened).as_micros() > u128::from(CONNECT_US_MAX);
        closed || late || (connected && silent) || !peer.rtc.is_alive()
    }
}
