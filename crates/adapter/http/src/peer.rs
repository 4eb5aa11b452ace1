//! The other end of a TCP connection: what is counted of it until it has shown who it is.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base::Role;

use crate::auth;
use crate::context::HandlerContext;
use crate::meter::Meter;
use crate::network::{Network, Place, Proxies};

/// The other end of a connection.
#[derive(Debug)]
pub(crate) struct Peer {
    address: IpAddr,
    pub(crate) meter: Arc<Meter>,
    /// It has one of the last places for connections: of those that stay, desks alone may.
    scarce: bool,
    /// Its place among those of its network who have shown no token that is good.
    stranger: Mutex<Option<Place>>,
}

impl Peer {
    pub(crate) fn new(address: IpAddr, scarce: bool, stranger: Option<Place>) -> Self {
        Self { address, meter: Arc::default(), scarce, stranger: Mutex::new(stranger) }
    }

    /// Where its request comes from.
    pub(crate) fn network(&self, proxies: &Proxies, headers: &HeaderMap) -> Option<Network> {
        proxies.network(self.address, headers)
    }

    /// It has shown a token that is good.
    pub(crate) fn known(&self) {
        self.stranger().take();
    }

    /// Whether it may stay on the control connection in that role.
    pub(crate) fn may_stay(&self, role: Role) -> bool {
        !self.scarce || matches!(role, Role::Director | Role::Chair)
    }

    fn is_stranger(&self) -> bool {
        self.stranger().is_some()
    }

    fn stranger(&self) -> std::sync::MutexGuard<'_, Option<Place>> {
        // A holder of this lock does nothing that can panic.
        self.stranger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The peer of a request, which its connection has put there.
pub(crate) struct From(pub(crate) Arc<Peer>);

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(Arc::clone(of(&parts.extensions))))
    }
}

/// Notes that a peer has shown a token that is good, whatever it asks for. One of the last places for connections is free again after its answer.
pub(crate) async fn note(
    State(context): State<Arc<HandlerContext>>,
    request: Request,
    next: Next,
) -> Response {
    let peer = of(request.extensions());
    if peer.is_stranger()
        && let Ok(token) = auth::bearer(request.headers())
        && auth::read(&context, token).is_ok()
    {
        peer.known();
    }
    let scarce = peer.scarce;
    let mut response = next.run(request).await;
    if scarce && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn of(extensions: &axum::http::Extensions) -> &Arc<Peer> {
    extensions.get().expect("every connection puts its peer into its requests")
}
