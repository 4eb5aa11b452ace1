//! Refusals over HTTP: a status, and JSON that names what was wrong.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use wire::ErrorAnswer;

/// A refused request.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    status: StatusCode,
    body: ErrorAnswer,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl ToString) -> Self {
        Self {
            status,
            body: ErrorAnswer { error: code.to_owned(), detail: detail.to_string(), nearest: None },
            header: None,
        }
    }

    pub(crate) fn bad(code: &str, detail: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub(crate) fn not_found(code: &str, detail: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    pub(crate) fn forbidden(code: &str, detail: impl ToString) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// The server cannot now; the client may try again.
    pub(crate) fn busy(code: &str, detail: impl ToString, retry_s: u32) -> Self {
        let refused = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail);
        refused.with(header::RETRY_AFTER, HeaderValue::from(retry_s))
    }

    /// Names the known name that comes nearest.
    pub(crate) fn nearest(mut self, nearest: Option<String>) -> Self {
        self.body.nearest = nearest;
        self
    }

    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// The code, for frames that say the same.
    pub(crate) fn code(&self) -> &str {
        &self.body.error
    }

    /// The words, for frames that say the same.
    pub(crate) fn detail(&self) -> &str {
        &self.body.detail
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = json(self.status, &self.body);
        if let Some((name, value)) = self.header {
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
