//! Addresses: whose datagrams come from where, and how many each session may have.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use base::Mono;
use media::budget::Allowance;
use media::datagram::{is_stun, stun_local_ufrag};
use slotmap::SlotMap;

use super::sessions::{Session, Sessions};
use crate::keys::SessionKey;
use crate::transport::Path;

/// Remote addresses of one session at one time.
pub(crate) const ADDRESSES_MAX: usize = 8;
/// Remote addresses that one session may ever have: ICE forgets none, not even those that it has given up.
pub(crate) const ADDRESSES_EVER_MAX: u32 = 256;
/// An address is in use for so long after the last datagram from there that only its peer can have sent. A STUN request shows no more
/// than that its sender knows a session's password, so a forged one must not take what another session is using.
pub(crate) const ADDRESS_KEPT: Duration = Duration::from_secs(3);
/// STUN requests of one session that are read: in a second, and at once. A browser in trouble sends 21 in a second.
pub(crate) const STUN_PER_SECOND_MAX: u32 = 50;
pub(crate) const STUN_BURST_MAX: u32 = 100;

/// What shows that a session's peer has sent a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// STUN with its password, whatever address it bears.
    Stun,
    /// SRTP or SRTCP that opens: it has shaken hands.
    Opened,
}

/// Whose datagrams come from an address.
#[derive(Debug, Clone, Copy)]
struct Holder {
    number: SessionKey,
    /// Last datagram from there that only its peer can have sent.
    heard: Mono,
    /// What came from there has opened. A peer that is connected elsewhere, and only says STUN from here, may be a forger.
    opened: bool,
}

impl Holder {
    /// Another session cannot have it: its peer has opened it or is shaking hands there, and was heard lately.
    fn is_firm(&self, now: Mono, sessions: &SlotMap<SessionKey, Box<Session>>) -> bool {
        let shakes_hands = || sessions.get(self.number).is_some_and(|session| !session.connected);
        now.since(self.heard) < ADDRESS_KEPT && (self.opened || shakes_hands())
    }
}

/// Whose datagrams come from which address.
#[derive(Debug, Default)]
pub(crate) struct Addresses(BTreeMap<SocketAddr, Holder>);

/// Remote addresses of one session, the one that it had first in front, and when its peer was heard from there.
#[derive(Debug)]
pub(crate) struct Remotes {
    held: Vec<(SocketAddr, Mono)>,
    ever: u32,
    stun: Allowance,
}

impl Default for Remotes {
    fn default() -> Self {
        Self { held: Vec::new(), ever: 0, stun: Allowance::new(STUN_PER_SECOND_MAX, STUN_BURST_MAX) }
    }
}

impl Remotes {
    /// A STUN request from that address is read; else it is dropped as it is.
    pub(crate) fn reads(&mut self, now: Mono, address: SocketAddr) -> bool {
        let known = self.held.iter().any(|(held, _)| *held == address);
        (known || self.has_room(now)) && self.stun.take(now)
    }

    fn has_room(&self, now: Mono) -> bool {
        self.ever < ADDRESSES_EVER_MAX && (self.held.len() < ADDRESSES_MAX || self.unused(now).is_some())
    }

    /// The oldest address that is not in use.
    fn unused(&self, now: Mono) -> Option<usize> {
        self.held.iter().position(|(_, heard)| now.since(*heard) >= ADDRESS_KEPT)
    }

    /// The peer was heard from that address. Answers with the address that goes for it.
    fn note(&mut self, now: Mono, address: SocketAddr) -> Option<SocketAddr> {
        if let Some((_, heard)) = self.held.iter_mut().find(|(held, _)| *held == address) {
            *heard = now;
            return None;
        }
        let full = self.held.len() >= ADDRESSES_MAX;
        let gone = full.then(|| self.held.remove(self.unused(now).unwrap_or(0)).0);
        self.held.push((address, now));
        self.ever += 1;
        gone
    }
}

impl Addresses {
    /// Of that session, unless it has been given to another.
    fn give_back(&mut self, address: SocketAddr, number: SessionKey) {
        if self.0.get(&address).is_some_and(|holder| holder.number == number) {
            self.0.remove(&address);
        }
    }

    /// All that a session leaves behind, and nothing of what is another's by now.
    pub(crate) fn leave(&mut self, remotes: &Remotes, number: SessionKey) {
        for (address, _) in &remotes.held {
            self.give_back(*address, number);
        }
    }

    /// How many have an owner.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Sessions {
    /// Whose a datagram is: STUN by the user name, all else by the address.
    pub(crate) fn owner(&self, path: Path, bytes: &[u8]) -> Option<SessionKey> {
        if is_stun(bytes) {
            stun_local_ufrag(bytes).and_then(|ufrag| self.ufrags.get(ufrag)).copied()
        } else {
            self.addresses_of.0.get(&path.remote).map(|holder| holder.number)
        }
    }

    /// A session's peer was heard from an address. By STUN it gets that address, or has it put back, unless another session uses it.
    pub(crate) fn heard_from(&mut self, now: Mono, number: SessionKey, address: SocketAddr, proof: Proof) {
        let Some(session) = self.all.get_mut(number) else { return };
        if let Some(gone) = session.remotes.note(now, address) {
            self.addresses_of.give_back(gone, number);
        }
        let opened = proof == Proof::Opened;
        let holder = self.addresses_of.0.entry(address).or_insert(Holder { number, heard: now, opened });
        if holder.number == number {
            holder.heard = now;
            holder.opened |= opened;
        } else if !holder.is_firm(now, &self.all) {
            *holder = Holder { number, heard: now, opened };
        }
    }
}
