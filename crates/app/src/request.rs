//! One HTTP request to a server on this machine, for the command line, the bench and tests.

use anyhow::{Context, Result};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Call<'a> {
    /// Method.
    pub method: Method,
    /// Bearer token.
    pub token: &'a str,
    /// Type of the body.
    pub content_type: &'a str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// Sends it to an `http://address:port/path` and reads the whole answer.
///
/// # Errors
/// If the address is not of that form, or nobody answers.
pub async fn send(url: &str, call: Call<'_>) -> Result<(StatusCode, Bytes)> {
    let uri: Uri = url.parse().with_context(|| format!("{url} is no address"))?;
    let authority = uri.authority().with_context(|| format!("{url} names no server"))?.to_string();
    let stream = tokio::net::TcpStream::connect(&authority).await.context("the server does not answer")?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(call.method)
        .uri(path)
        .header(HOST, authority)
        .header(AUTHORIZATION, format!("Bearer {}", call.token))
        .header(CONTENT_TYPE, call.content_type);
    for (name, value) in call.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(call.body)))?;
    let response = sender.send_request(request).await.context("the server does not answer")?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    driver.abort();
    Ok((status, body))
}

/// Sends an act, as a script does. The answer is the frame of the protocol.
///
/// # Errors
/// If nobody answers, or not in the protocol.
pub async fn act(api: &str, token: &str, key: &str, act: &str) -> Result<(StatusCode, serde_json::Value)> {
    let call = Call {
        method: Method::POST,
        token,
        content_type: "application/json",
        headers: vec![("idempotency-key", key.to_owned())],
        body: act.as_bytes().to_vec(),
    };
    let (status, body) = send(&format!("{api}/commands"), call).await?;
    Ok((status, serde_json::from_slice(&body).context("the answer is not JSON")?))
}

/// Reads the state as the bearer sees it.
///
/// # Errors
/// If nobody answers, or not in the protocol.
pub async fn state(api: &str, token: &str) -> Result<serde_json::Value> {
    let call = Call { token, content_type: "application/json", ..Call::default() };
    let (_, body) = send(&format!("{api}/state"), call).await?;
    serde_json::from_slice(&body).context("the answer is not JSON")
}
