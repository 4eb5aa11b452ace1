//! Bodies of requests, limited in size and time.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use wire::ErrorCode;

use crate::answer::Refused;

/// A body that is longer under way is not waited for.
const WITHIN: Duration = Duration::from_secs(10);

/// Reads a body of at most `bytes_max`.
pub(crate) async fn read(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Vec<u8>, Refused> {
    if let Some(coding) = coding(headers) {
        return Err(encoded(coding));
    }
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > bytes_max as u64) {
        return Err(too_large(bytes_max));
    }
    match tokio::time::timeout(WITHIN, collect(body, bytes_max)).await {
        Ok(read) => read,
        Err(_) => Err(Refused::new(
            StatusCode::REQUEST_TIMEOUT,
            ErrorCode::Slow,
            "the body did not arrive within 10 s",
        )),
    }
}

/// How the body is coded, if it is.
fn coding(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(header::CONTENT_ENCODING).into_iter();
    let mut codings = values.map(|value| value.to_str().unwrap_or("?").trim());
    codings.find(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
}

/// RFC 9110, section 15.5.16: none is taken, and the answer says so.
fn encoded(coding: &str) -> Refused {
    let detail = format!("the body comes under Content-Encoding: {coding}, and none is taken");
    Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::BadBody, detail)
        .with(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))
}

async fn collect(mut body: Body, bytes_max: usize) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame
            .map_err(|error| Refused::bad(ErrorCode::BadBody, format!("the body broke off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Err(too_large(bytes_max));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn too_large(bytes_max: usize) -> Refused {
    Refused::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::TooLarge,
        format!("at most {bytes_max} bytes are taken"),
    )
}
