//! The other end of a TCP connection: a stranger until it has shown who it is, and then one of those who have its role and its link (R18).

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::{Places, Role, TokenId};
use service::token::Claims;
use wire::ErrorCode;

use crate::answer::Refused;
use crate::auth;
use crate::context::HandlerContext;
use crate::meter::Meter;
use crate::network::{Network, Proxies};
use crate::strangers::{Lost, Place};

/// After how many seconds one may come again who found no place.
pub(crate) const FULL_RETRY_S: u32 = 5;

/// The places for connections that have shown a link.
#[derive(Debug, Clone)]
pub(crate) struct Seats(Arc<Mutex<Places>>);

/// One of them, until it is dropped.
#[derive(Debug)]
struct Seat {
    seats: Seats,
    role: Role,
    link: TokenId,
}

impl Seats {
    /// None is taken of so many.
    pub(crate) fn new(max: usize) -> Self {
        Self(Arc::new(Mutex::new(Places::new(max))))
    }

    fn take(&self, role: Role, link: &TokenId) -> Option<Seat> {
        self.places().take(role, link).then(|| Seat { seats: self.clone(), role, link: link.clone() })
    }

    fn places(&self) -> std::sync::MutexGuard<'_, Places> {
        // A holder of this lock does nothing that can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Whether it counts as one of that role and link: of venues alone each link has its own share.
    fn is_for(&self, role: Role, link: &TokenId) -> bool {
        self.role == role && (role != Role::Venue || self.link == *link)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.places().give_back(self.role, &self.link);
    }
}

/// What a connection counts as.
#[derive(Debug)]
enum Standing {
    Stranger {
        /// Held, that it is given back.
        _place: Place,
    },
    Known(Seat),
}

/// The other end of a connection.
#[derive(Debug)]
pub(crate) struct Peer {
    address: IpAddr,
    pub(crate) meter: Arc<Meter>,
    seats: Seats,
    lost: Lost,
    standing: Mutex<Standing>,
}

impl Peer {
    pub(crate) fn new(address: IpAddr, place: Place, seats: Seats) -> Self {
        let lost = place.lost();
        let standing = Mutex::new(Standing::Stranger { _place: place });
        Self { address, meter: Arc::default(), seats, lost, standing }
    }

    /// Where its request comes from.
    pub(crate) fn network(&self, proxies: &Proxies, headers: &HeaderMap) -> Option<Network> {
        proxies.network(self.address, headers)
    }

    /// It has shown a token that is good, and counts from now on as one of that role and link. The connection of a proxy counts as what was shown
    /// last.
    ///
    /// # Errors
    /// There is no place for one more of them; then it counts as what it was.
    pub(crate) fn shows(&self, claims: &Claims) -> Result<(), Refused> {
        // A holder of this lock does nothing that can panic.
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Standing::Known(seat) = &*standing
            && seat.is_for(claims.role, &claims.id)
        {
            return Ok(());
        }
        let detail = "there are as many connections with such a link as may be; the last are for desks";
        let seat = self.seats.take(claims.role, &claims.id);
        let seat = seat.ok_or_else(|| Refused::busy(ErrorCode::Full, detail, FULL_RETRY_S))?;
        *standing = Standing::Known(seat);
        Ok(())
    }

    /// Waits until its place has gone to another, which never happens to one who has shown who it is.
    pub(crate) async fn lost(&self) {
        self.lost.clone().wait().await;
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

/// Notes that a peer has shown a token that is good, whatever it asks for. The connection ends if there is no place for it.
pub(crate) async fn note(
    State(context): State<Arc<HandlerContext>>,
    request: Request,
    next: Next,
) -> Response {
    if let Ok(token) = auth::bearer(request.headers())
        && let Ok(claims) = auth::read(&context, token)
        && let Err(full) = of(request.extensions()).shows(&claims)
    {
        let mut response = full.into_response();
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    }
    next.run(request).await
}

fn of(extensions: &axum::http::Extensions) -> &Arc<Peer> {
    extensions.get().expect("every connection puts its peer into its requests")
}
