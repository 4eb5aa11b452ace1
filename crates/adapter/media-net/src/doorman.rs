//! Who takes offers at the door: reading them, and making a session's transport and its answer of them, costs up to a millisecond and a half
//! each. That is done on a thread of its own, so that a crowd that joins does not stall those who are in.

use std::net::SocketAddr;
use std::sync::Arc;

use base::Mono;
use service::port::hop::{HopError, Sdp, SessionKind, SessionSpec};
use str0m::config::DtlsCert;

use crate::node::{Between, Prepared};
use crate::plane::guard;
use crate::sdp::{self, Lines, Offer};
use crate::transport::{Accepted, Clock, Seals, accept, certificate};

/// Makes transports and answers of offers.
pub(crate) struct Doorman {
    clock: Clock,
    /// The certificate of the node, for all its sessions.
    cert: Option<DtlsCert>,
    /// What this node offers to its peers.
    addresses: Vec<SocketAddr>,
    /// Who seals what those who watch are sent.
    seals: Seals,
}

/// What was made of an offer.
pub(crate) struct Taken {
    pub(crate) offer: Offer,
    pub(crate) accepted: Accepted,
}

impl Doorman {
    pub(crate) fn new(clock: Clock, addresses: Vec<SocketAddr>, seals: Seals) -> Self {
        Self { clock, cert: certificate(), addresses, seals }
    }

    /// Takes an offer.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(crate) fn take(&self, now: Mono, spec: &SessionSpec, offer: &Sdp) -> Result<Taken, HopError> {
        let want = match &spec.kind {
            SessionKind::Publish { .. } => Lines::Publish,
            SessionKind::Watch { wishes, .. } if wishes.chooses.is_some() => Lines::Wall,
            SessionKind::Watch { .. } => Lines::Watch,
        };
        let offer = sdp::read(&offer.0, want, spec.codec)?;
        let at = self.clock.instant(now);
        let seals = if want == Lines::Publish { Seals::Str } else { self.seals };
        let accepted = accept(at, self.cert.as_ref(), spec.codec, seals, &offer, &self.addresses);
        Ok(Taken { accepted: accepted.ok_or_else(unforeseen)?, offer })
    }

    /// Takes offers until the node stops.
    pub(crate) fn run(self, shared: &Arc<Between>) {
        while let Some(open) = shared.next_offer() {
            let now = self.clock.mono(std::time::Instant::now());
            // A fault in reading one offer costs whoever made it that one.
            match guard(|| self.take(now, &open.spec, &open.offer)).unwrap_or_else(|| Err(unforeseen())) {
                Ok(taken) => shared.prepared(Prepared { spec: open.spec, taken, reply: open.reply }),
                // Whoever asked may be gone.
                Err(error) => drop(open.reply.send(Err(error))),
            }
        }
    }
}

fn unforeseen() -> HopError {
    HopError::BadOffer("this server cannot make a session of it".to_owned())
}
