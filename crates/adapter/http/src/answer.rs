//! Refusals over HTTP: a status, and JSON that names what was wrong.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use wire::{ErrorAnswer, ErrorCode};

/// A refused request. Boxed, for it is the rare way out of many functions.
#[derive(Debug)]
pub(crate) struct Refused(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    body: ErrorAnswer,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: ErrorCode, detail: impl ToString) -> Self {
        let body = ErrorAnswer { error: code, detail: detail.to_string(), nearest: None };
        Self(Box::new(Inner { status, body, header: None }))
    }

    pub(crate) fn bad(code: ErrorCode, detail: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub(crate) fn not_found(code: ErrorCode, detail: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    pub(crate) fn forbidden(code: ErrorCode, detail: impl ToString) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// The server cannot now; the client may try again.
    pub(crate) fn busy(code: ErrorCode, detail: impl ToString, retry_s: u32) -> Self {
        let refused = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail);
        refused.with(header::RETRY_AFTER, HeaderValue::from(retry_s))
    }

    /// Names the known name that comes nearest.
    pub(crate) fn nearest(mut self, nearest: Option<String>) -> Self {
        self.0.body.nearest = nearest;
        self
    }

    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// The code, for frames that say the same.
    pub(crate) fn code(&self) -> ErrorCode {
        self.0.body.error
    }

    /// The words, for frames that say the same.
    pub(crate) fn detail(&self) -> &str {
        &self.0.body.detail
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = json(self.0.status, &self.0.body);
        if let Some((name, value)) = self.0.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// A body of JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_vec(body).expect("a body of the protocol has string keys alone");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
