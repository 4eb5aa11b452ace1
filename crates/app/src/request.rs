//! One HTTP request to the server that has the data folder open.

use anyhow::{Context, Result};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use wire::ErrorAnswer;

/// Posts a body of that type to an `http://address:port/path` and reads the whole answer.
///
/// # Errors
/// If the address is not of that form, or nobody answers.
pub async fn post(url: &str, token: &str, kind: &str, body: Vec<u8>) -> Result<(StatusCode, Bytes)> {
    let request = Request::post(url)
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, kind)
        .body(Full::new(Bytes::from(body)))?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.context("the server does not answer")?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

/// What a server said that refused something.
#[must_use]
pub fn said(status: StatusCode, body: &[u8]) -> String {
    let said = serde_json::from_slice::<ErrorAnswer>(body).map(|answer| answer.detail);
    said.unwrap_or_else(|_| format!("it answered {status}"))
}
