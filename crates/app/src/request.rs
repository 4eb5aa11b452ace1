//! One HTTP request to the server that has the data folder open.

use anyhow::{Context, Result};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;

/// Posts a TOML file to an `http://address:port/path` and reads the whole answer.
///
/// # Errors
/// If the address is not of that form, or nobody answers.
pub async fn post_toml(url: &str, token: &str, body: Vec<u8>) -> Result<(StatusCode, Bytes)> {
    let uri: Uri = url.parse().with_context(|| format!("{url} is no address"))?;
    let authority = uri.authority().with_context(|| format!("{url} names no server"))?.to_string();
    let stream = tokio::net::TcpStream::connect(&authority).await.context("the server does not answer")?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(HOST, authority)
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, "application/toml")
        .body(Full::new(Bytes::from(body)))?;
    let response = sender.send_request(request).await.context("the server does not answer")?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    driver.abort();
    Ok((status, body))
}
