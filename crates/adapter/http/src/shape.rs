//! What every request must be like, whatever it asks for.

use axum::extract::Request;
use axum::http::{StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use wire::ErrorCode;

use crate::answer::Refused;

/// Bytes of the headers, and of what is read ahead.
pub(crate) const HEADER_BYTES_MAX: usize = 32 * 1024;

/// RFC 9112, section 3.2: one header `Host`, and none is needed before HTTP/1.1. All headers together have a limit.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || hosts == 0 && request.version() >= Version::HTTP_11 {
        let detail = format!("a request has the header Host once, this one has it {hosts} times");
        return Refused::bad(ErrorCode::BadHost, detail).into_response();
    }
    if size(&request) > HEADER_BYTES_MAX {
        let detail = format!("the headers have at most {HEADER_BYTES_MAX} bytes");
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Refused::new(status, ErrorCode::TooLarge, detail).into_response();
    }
    next.run(request).await
}

/// Bytes of the first line and of the headers, as they came.
fn size(request: &Request) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let first = request.method().as_str().len() + target + "  HTTP/1.1\r\n".len();
    let lines = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    first + lines.sum::<usize>()
}
