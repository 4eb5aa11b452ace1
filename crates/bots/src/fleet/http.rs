//! HTTP/1.1, one connection a request: WHIP and WHEP, `POST` an offer, `DELETE` a session.

use std::time::Duration;

use base::limits::SDP_BYTES_MAX;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;

/// A server that takes longer is not there.
const REQUEST_MAX: Duration = Duration::from_secs(10);

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address has another scheme, or no host.
    #[error("{0} is not an http address")]
    BadAddress(String),
    /// A header or the path has a character that HTTP does not take.
    #[error("the request could not be made")]
    Request(#[source] hyper::http::Error),
    /// Nobody listens there, or the connection ended in between.
    #[error("the exchange broke off")]
    Exchange(#[source] Error),
    /// The body of the answer broke off, or is too long.
    #[error("the answer could not be read")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The body of the answer is not in the protocol.
    #[error("the answer is not JSON")]
    Json(#[source] serde_json::Error),
    /// The server refused.
    #[error("the server answered {0}")]
    Status(StatusCode),
    /// The server is silent.
    #[error("no answer in {} s", REQUEST_MAX.as_secs())]
    TimedOut,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) token: String,
    /// For the header `Onehall-Client`; a plain player has none.
    pub(crate) client: Option<String>,
}

impl Caller {
    fn request(&self, method: Method, sdp: String) -> Ask<'_> {
        let further = self.client.as_deref().map(|client| ("Onehall-Client", client));
        Ask { method, token: &self.token, content_type: "application/sdp", further, body: sdp }
    }
}

/// What is asked for.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    /// Bearer token.
    pub(super) token: &'a str,
    pub(super) content_type: &'static str,
    /// A header more.
    pub(super) further: Option<(&'static str, &'a str)>,
    pub(super) body: String,
}

/// A session that the server opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) answer: String,
    /// Where to `DELETE` it.
    pub(crate) location: Option<String>,
}

/// Posts an offer.
pub(crate) async fn post(address: &str, caller: &Caller, offer: String) -> Result<Opened, HttpError> {
    let uri = parse(address)?;
    let response = exchange(&uri, caller.request(Method::POST, offer)).await?;
    if response.status() != StatusCode::CREATED {
        return Err(HttpError::Status(response.status()));
    }
    let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok()).map(|l| resolve(&uri, l));
    let body = whole(response, SDP_BYTES_MAX).await?;
    Ok(Opened { answer: String::from_utf8_lossy(&body).into_owned(), location })
}

/// The body of an answer.
pub(super) async fn whole(response: Response<Incoming>, bytes_max: usize) -> Result<Bytes, HttpError> {
    let body = Limited::new(response.into_body(), bytes_max).collect();
    let body = tokio::time::timeout(REQUEST_MAX, body).await.map_err(|_| HttpError::TimedOut)?;
    Ok(body.map_err(HttpError::Body)?.to_bytes())
}

/// Ends a session.
pub(crate) async fn delete(location: &str, caller: &Caller) -> Result<(), HttpError> {
    let response = exchange(&parse(location)?, caller.request(Method::DELETE, String::new())).await?;
    match response.status() {
        status if status.is_success() => Ok(()),
        status => Err(HttpError::Status(status)),
    }
}

/// An address with one more query field.
pub(crate) fn with_query(address: &str, field: &str) -> String {
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{field}")
}

/// Host and port of an address.
pub(crate) fn host(address: &str) -> Result<(String, u16), HttpError> {
    let uri = parse(address)?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    Ok((host, uri.port_u16().unwrap_or(80)))
}

pub(super) fn parse(address: &str) -> Result<Uri, HttpError> {
    let bad = || HttpError::BadAddress(address.to_owned());
    let uri: Uri = address.parse().map_err(|_| bad())?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http"), Some(_)) => Ok(uri),
        _ => Err(bad()),
    }
}

/// Asks, and gives the head of the answer.
pub(super) async fn exchange(uri: &Uri, ask: Ask<'_>) -> Result<Response<Incoming>, HttpError> {
    let mut request = Request::builder()
        .method(ask.method)
        .uri(uri)
        .header(AUTHORIZATION, format!("Bearer {}", ask.token))
        .header(CONTENT_TYPE, ask.content_type);
    if let Some((name, value)) = ask.further {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(ask.body))).map_err(HttpError::Request)?;
    let answer = tokio::time::timeout(REQUEST_MAX, client().request(request)).await;
    answer.map_err(|_| HttpError::TimedOut)?.map_err(HttpError::Exchange)
}

/// A client that keeps no connection.
fn client() -> Client<HttpConnector, Full<Bytes>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector)
}

/// `Location` may be a whole address or a path.
fn resolve(base: &Uri, location: &str) -> String {
    let origin = format!("http://{}", base.authority().map_or("", |a| a.as_str()));
    if location.starts_with("http://") {
        location.to_owned()
    } else if location.starts_with('/') {
        format!("{origin}{location}")
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{origin}{folder}/{location}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_found_in_every_form() {
        let base = parse("http://localhost:9/whip/v1").unwrap();
        for (location, whole) in [
            ("http://other/x", "http://other/x"),
            ("/session/4", "http://localhost:9/session/4"),
            ("4", "http://localhost:9/whip/4"),
        ] {
            assert_eq!(resolve(&base, location), whole);
        }
        assert_eq!(with_query("http://h/w", "page=hall"), "http://h/w?page=hall");
        assert_eq!(with_query("http://h/w?a=1", "page=hall"), "http://h/w?a=1&page=hall");
        assert_eq!(host("http://[::1]:8/x").unwrap(), ("::1".to_owned(), 8));
        assert!(host("ftp://h/x").is_err() && host("/x").is_err());
    }
}
