//! DTLS handshakes: they are dear, so a crowd that joins has its turns.

use std::collections::VecDeque;

use base::Mono;
use media::datagram::without_clear_alerts;

use super::addresses::Proof;
use super::sessions::{HALF_OPEN_MAX, Session};
use crate::keys::SessionKey;
use crate::plane::Plane;
use crate::transport::Path;

/// DTLS datagrams of unfinished handshakes that one tick takes: each costs up to 0.13 ms of a core, so about 2 ms.
const HANDSHAKES_PER_TICK_MAX: usize = 15;
/// Handshake datagrams that wait for their tick; more are dropped, and DTLS sends them again.
const HANDSHAKES_WAITING_MAX: usize = HALF_OPEN_MAX * HANDSHAKES_OF_ONE_MAX;
/// Those of one session: a flight of a client, and one that it sent again.
const HANDSHAKES_OF_ONE_MAX: usize = 8;

/// A datagram of a session's handshake that waits for its tick.
struct Handshake {
    number: SessionKey,
    path: Path,
    bytes: Vec<u8>,
}

/// Handshakes under way.
#[derive(Default)]
pub(crate) struct Handshakes {
    waiting: VecDeque<Handshake>,
    /// Datagrams that this tick has taken.
    spent: usize,
}

impl Handshakes {
    /// A tick begins.
    pub(crate) fn begin(&mut self) {
        self.spent = 0;
    }

    /// This tick may take another datagram; it is counted.
    pub(crate) fn takes(&mut self) -> bool {
        let takes = self.spent < HANDSHAKES_PER_TICK_MAX;
        self.spent += usize::from(takes);
        takes
    }

    /// Some wait for their tick.
    pub(crate) fn wait(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// One waits for its tick. Each session has places of its own, so that none can take those of the others.
    pub(crate) fn put_off(&mut self, session: &mut Session, number: SessionKey, path: Path, bytes: &[u8]) {
        let room = self.waiting.len() < HANDSHAKES_WAITING_MAX;
        if room && session.handshakes_waiting < HANDSHAKES_OF_ONE_MAX {
            session.handshakes_waiting += 1;
            self.waiting.push_back(Handshake { number, path, bytes: bytes.to_vec() });
        }
    }
}

impl Plane {
    /// A datagram of a handshake came. Alerts in the clear can be anybody's: the last one is noted, and none of them ends anything.
    pub(crate) fn on_handshake(&mut self, now: Mono, number: SessionKey, path: Path, bytes: &[u8]) {
        let Some(session) = self.sessions.all.get_mut(number) else { return };
        let (bytes, alert) = without_clear_alerts(bytes);
        session.alert = alert.or(session.alert);
        if bytes.is_empty() {
            return;
        }
        if self.handshakes.takes() {
            self.shake(now, number, path, &bytes);
        } else {
            self.handshakes.put_off(session, number, path, &bytes);
        }
    }

    /// One datagram of a handshake; where the handshake ends with it, the peer is at that address.
    fn shake(&mut self, now: Mono, number: SessionKey, path: Path, bytes: &[u8]) {
        self.feed(now, number, path, bytes);
        if self.sessions.all.get(number).is_some_and(|session| session.connected) {
            self.sessions.heard_from(now, number, path.remote, Proof::Opened);
        }
    }

    pub(crate) fn take_handshakes(&mut self, now: Mono) {
        while self.handshakes.spent < HANDSHAKES_PER_TICK_MAX {
            let Some(Handshake { number, path, bytes }) = self.handshakes.waiting.pop_front() else { break };
            if let Some(session) = self.sessions.all.get_mut(number) {
                session.handshakes_waiting -= 1;
                self.handshakes.spent += 1;
                self.shake(now, number, path, &bytes);
            }
        }
    }
}
