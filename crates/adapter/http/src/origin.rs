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
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("?");
        let detail = format!(
            "pages of the origin {:?} may not do this here, where Host is {:?}; behind a proxy it is public_url of the section http that names the origin",
            text(header::ORIGIN),
            text(header::HOST),
        );
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
    if reach.origins.iter().any(|allowed| normal(allowed) == normal(origin)) {
        return From::Allowed;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let scheme = ["http://", "https://"].into_iter().find(|scheme| origin.starts_with(scheme));
    match (scheme, host) {
        (Some(scheme), Some(host)) if normal(origin) == normal(&format!("{scheme}{host}")) => From::Here,
        (Some(_) | None, Some(_) | None) => From::Foreign,
    }
}

/// An origin in lower case and without its scheme's own port (RFC 6454, section 4).
fn normal(origin: &str) -> String {
    let origin = origin.to_ascii_lowercase();
    let port = if origin.starts_with("https://") { ":443" } else { ":80" };
    origin.strip_suffix(port).map_or(origin.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_the_server_s_own_whichever_of_the_two_says_the_usual_port() {
        let check = |origin: &'static str, host: &'static str, want: From| {
            let reach = Reach { origins: ["https://friend.example:443".to_owned()].into() };
            let headers = [(header::ORIGIN, origin), (header::HOST, host)];
            let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
            assert_eq!(from(&reach, &headers.into_iter().collect()), want, "{origin} at {host}");
        };
        check("https://meet.example", "meet.example", From::Here);
        check("https://meet.example", "meet.example:443", From::Here);
        check("https://meet.example:443", "Meet.Example", From::Here);
        check("http://meet.example", "meet.example:80", From::Here);
        check("http://[::1]:8440", "[::1]:8440", From::Here);
        // Another port is another origin, also where a proxy keeps it to itself.
        check("https://meet.example:8443", "meet.example", From::Foreign);
        check("https://meet.example", "meet.example:80", From::Foreign);
        check("http://meet.example", "meet.example:443", From::Foreign);
        check("https://meet.example.evil", "meet.example", From::Foreign);
        check("null", "meet.example", From::Foreign);
        check("https://friend.example", "meet.example", From::Allowed);
        check("http://friend.example", "meet.example", From::Foreign);
    }
}
