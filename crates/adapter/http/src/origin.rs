//! Where a page that asks was loaded from.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use wire::ErrorCode;

use crate::answer::Refused;
use crate::context::Reach;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, DELETE, OPTIONS");
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, idempotency-key, onehall-client");
const EXPOSED: HeaderValue = HeaderValue::from_static("location, retry-after");

/// From where a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    /// No browser says so, or a page of this server.
    Here,
    /// A page of another origin that is allowed.
    Allowed,
    /// Any other page.
    Foreign,
}

/// Lets pages of foreign origins neither change anything nor open a WebSocket, and tells browsers of the allowed ones what they may.
pub(crate) async fn check(State(reach): State<Reach>, request: Request, next: Next) -> Response {
    let from = from(&reach, request.headers());
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if from == From::Foreign && (!safe || request.headers().contains_key(header::UPGRADE)) {
        let origin = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok());
        let detail = format!("pages of the origin {:?} may not do this here", origin.unwrap_or("?"));
        return Refused::forbidden(ErrorCode::ForeignOrigin, detail).into_response();
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = if *request.method() == Method::OPTIONS { options() } else { next.run(request).await };
    if let (From::Allowed, Some(origin)) = (from, origin) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

/// RFC 9725, section 4.2: a client may ask what a WHIP endpoint takes.
fn options() -> Response {
    let accepted = HeaderValue::from_static("application/sdp");
    (
        StatusCode::NO_CONTENT,
        [(header::HeaderName::from_static("accept-post"), accepted), (header::ALLOW, METHODS)],
    )
        .into_response()
}

fn from(reach: &Reach, headers: &HeaderMap) -> From {
    let Some(origin) = headers.get(header::ORIGIN) else { return From::Here };
    let Ok(origin) = origin.to_str() else { return From::Foreign };
    if reach.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) {
        return From::Allowed;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    match (authority, host) {
        (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host) => From::Here,
        (Some(_) | None, Some(_) | None) => From::Foreign,
    }
}
