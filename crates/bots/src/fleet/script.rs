//! What a script does over HTTP: it acts and reads (`docs/protocol.md`).

use hyper::Method;
use serde_json::Value;

use super::http::{Ask, HttpError, exchange, parse, whole};

/// Bytes of an answer: the state of the largest meeting.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Sends an act. Answers the HTTP status and the frame of the protocol. `api` is the meeting's base, as the ready line has it.
///
/// # Errors
/// If nobody answers, or not in the protocol.
pub async fn act(api: &str, token: &str, key: &str, act: &str) -> Result<(u16, Value), HttpError> {
    let further = Some(("idempotency-key", key));
    ask(&format!("{api}/commands"), json(Method::POST, token, further, act.to_owned())).await
}

/// Reads the state as the bearer sees it.
///
/// # Errors
/// If nobody answers, or not in the protocol.
pub async fn state(api: &str, token: &str) -> Result<Value, HttpError> {
    Ok(ask(&format!("{api}/state"), json(Method::GET, token, None, String::new())).await?.1)
}

fn json<'a>(
    method: Method,
    token: &'a str,
    further: Option<(&'static str, &'a str)>,
    body: String,
) -> Ask<'a> {
    Ask { method, token, content_type: "application/json", further, body }
}

async fn ask(address: &str, ask: Ask<'_>) -> Result<(u16, Value), HttpError> {
    let response = exchange(&parse(address)?, ask).await?;
    let status = response.status().as_u16();
    let body = whole(response, ANSWER_BYTES_MAX).await?;
    Ok((status, serde_json::from_slice(&body).map_err(HttpError::Json)?))
}
