//! The web pages and what they load.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::{EmbeddedFile, RustEmbed};
use wire::ErrorCode;

use crate::answer::Refused;

/// The built pages. Absent when the interface was not built; a debug build reads them as they are asked for.
#[derive(RustEmbed)]
#[folder = "../../../web/dist"]
#[allow_missing = true]
struct Built;

const HOME: &str = include_str!("pages/home.html");
const NOT_BUILT: &str = include_str!("pages/not-built.html");

/// A file as gzip.
struct Packed {
    /// Hash of what was packed: in a debug build it may change.
    of: [u8; 32],
    bytes: Vec<u8>,
}

/// Packed files by name.
static PACKED: Mutex<BTreeMap<String, Packed>> = Mutex::new(BTreeMap::new());

/// `/`.
pub(crate) async fn home(headers: HeaderMap) -> Response {
    document(&headers, Cow::Borrowed(HOME.as_bytes()), false)
}

/// `/venue`, `/venue/tech`.
pub(crate) async fn room(headers: HeaderMap) -> Response {
    built(&headers, "room.html", true)
}

/// `/m/{id}/desk`.
pub(crate) async fn desk(headers: HeaderMap) -> Response {
    built(&headers, "desk.html", false)
}

/// `/m/{id}/watch`.
pub(crate) async fn watch(headers: HeaderMap) -> Response {
    built(&headers, "watch.html", false)
}

/// `/assets/…`. Their names hold their hash, so they may be kept for ever.
pub(crate) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let name = format!("assets/{path}");
    let Some(file) = Built::get(&name) else {
        return Refused::not_found(ErrorCode::UnknownFile, format!("there is no {name}")).into_response();
    };
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    let mut response = match packed(&headers, &name, &file) {
        Some(packed) => {
            let mut response = Response::new(Body::from(packed));
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        None => Response::new(Body::from(file.data)),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(&name)));
    headers.insert(header::CACHE_CONTROL, kept);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// No such address.
pub(crate) async fn unknown() -> Refused {
    Refused::not_found(ErrorCode::UnknownAddress, "there is nothing at this address")
}

/// No such method at this address; the header Allow names those that are.
pub(crate) async fn bad_method() -> Refused {
    Refused::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::BadMethod,
        "this address does not take that method",
    )
}

fn built(headers: &HeaderMap, name: &str, captures: bool) -> Response {
    match Built::get(name) {
        Some(file) => document(headers, file.data, captures),
        None => document(headers, Cow::Borrowed(NOT_BUILT.as_bytes()), false),
    }
}

/// A page. `captures`: it may use camera and microphone.
fn document(asked: &HeaderMap, html: Cow<'static, [u8]>, captures: bool) -> Response {
    let mut response = Response::new(Body::from(html));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, content_policy(asked));
    let permissions = if captures {
        "camera=(self), microphone=(self), speaker-selection=(self), fullscreen=(self), screen-wake-lock=(self), autoplay=(self)"
    } else {
        "camera=(), microphone=(), speaker-selection=(self), fullscreen=(self), screen-wake-lock=(self), autoplay=(self)"
    };
    headers
        .insert(header::HeaderName::from_static("permissions-policy"), HeaderValue::from_static(permissions));
    response
}

/// Everything from here alone. Older browsers do not count a WebSocket to the same host as `'self'`, so it is named.
fn content_policy(asked: &HeaderMap) -> HeaderValue {
    let host = asked.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| is_authority(host));
    let sockets = host.map(|host| format!(" ws://{host} wss://{host}")).unwrap_or_default();
    let policy = format!(
        "default-src 'self'; connect-src 'self'{sockets}; img-src 'self' blob:; media-src 'self' blob:; worker-src 'self' blob:; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'self'"))
}

/// A host and a port, and nothing that would end the directive.
fn is_authority(host: &str) -> bool {
    !host.is_empty()
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']'))
}

/// The file as gzip, if the browser takes that and it is worth it. Packed once.
fn packed(headers: &HeaderMap, name: &str, file: &EmbeddedFile) -> Option<Vec<u8>> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let worth = kind(name).starts_with("text/") || kind(name) == "image/svg+xml";
    if !worth || !accepted.split(',').any(|coding| coding.trim().split(';').next() == Some("gzip")) {
        return None;
    }
    let hash = file.metadata.sha256_hash();
    let mut kept = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(packed) = kept.get(name).filter(|packed| packed.of == hash) {
        return Some(packed.bytes.clone());
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&file.data).ok()?;
    let bytes = encoder.finish().ok()?;
    kept.insert(name.to_owned(), Packed { of: hash, bytes: bytes.clone() });
    Some(bytes)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        // A catalogue of words.
        Some("ftl") => "text/plain; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some(_) | None => "application/octet-stream",
    }
}
