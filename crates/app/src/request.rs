//! One HTTP request to the server that has the data folder open.

use anyhow::{Context, Result};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// Posts a TOML file to an `http://address:port/path` and reads the whole answer.
///
/// # Errors
/// If the address is not of that form, or nobody answers.
pub async fn post_toml(url: &str, token: &str, body: Vec<u8>) -> Result<(StatusCode, Bytes)> {
    let request = Request::post(url)
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, "application/toml")
        .body(Full::new(Bytes::from(body)))?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.context("the server does not answer")?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}
