//! Commands over HTTP, and what they share with those of the WebSocket.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::limits::COMMAND_BYTES_MAX;
use base::{CommandKey, Mono};
use screen::convert::{self, Asked};
use service::control::{Acked, AskedAt, ClosedUnlogged, Inbox, Meeting, NotAcked};
use tokio::sync::oneshot::{self, error::RecvError};
use wire::{ErrorCode, RefusalCode, ServerFrame};

use crate::answer::{Refused, json};
use crate::auth;
use crate::context::HandlerContext;

/// The header that names the key of a command.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header that says which tick the asker had seen last.
const SEEN: HeaderName = HeaderName::from_static("onehall-seen");
/// How long an answer over HTTP is waited for.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Where the answer to a command arrives.
pub(crate) type Answer = oneshot::Receiver<Result<Acked, NotAcked>>;

/// `POST …/commands`.
pub(crate) async fn post(
    State(context): State<Arc<HandlerContext>>,
    Path(meeting): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let (hold, claims) = auth::meeting(&context, &headers, &meeting).await?;
    auth::may_act(&context, &claims)?;
    let key = key(&headers)?;
    let bytes = auth::body(&context, &claims, &headers, body, COMMAND_BYTES_MAX).await?;
    let act = wire::read::act(&bytes)
        .map_err(|bad| Refused::bad(ErrorCode::BadCommand, bad.detail).nearest(bad.nearest))?;
    let asked = convert::asked(key.clone(), convert::actor(&claims), act);
    let at = asked_at(&context, seen(&headers)?);
    let frame = match tokio::time::timeout(ANSWER_WITHIN, submit(&hold.meeting, asked, at)).await {
        Ok(answered) => answer(key, answered),
        Err(_) => busy(key),
    };
    Ok(respond(&frame))
}

/// Gives what is asked to the meeting.
pub(crate) fn submit(meeting: &Meeting, asked: Asked, at: AskedAt) -> Answer {
    let (answer, answered) = oneshot::channel();
    meeting.inbox.post(match asked {
        Asked::Command(command) => Inbox::Command(command, at, answer),
        Asked::Acknowledge(acknowledge) => Inbox::Acknowledge(acknowledge, answer),
    });
    answered
}

/// The frame of an answer. A meeting that is gone without one recovers, and knows after that what happened.
pub(crate) fn answer(key: CommandKey, answered: Result<Result<Acked, NotAcked>, RecvError>) -> ServerFrame {
    match answered {
        Ok(Ok(acked)) => ServerFrame::Ack { key, seq: acked.seq.0, at: acked.at },
        Ok(Err(NotAcked::Refused(refusal))) => convert::refused(key, refusal),
        Ok(Err(NotAcked::ClosedUnlogged(ClosedUnlogged { at, kept, ended }))) => {
            ServerFrame::ClosedUnlogged { key, at, kept, ended }
        }
        Ok(Err(NotAcked::Unconfirmed)) => refused(key, RefusalCode::Unconfirmed),
        Ok(Err(NotAcked::Busy)) | Err(_) => busy(key),
    }
}

/// The refusal of a command that the server cannot take now.
pub(crate) fn busy(key: CommandKey) -> ServerFrame {
    refused(key, RefusalCode::Busy)
}

fn refused(key: CommandKey, code: RefusalCode) -> ServerFrame {
    ServerFrame::Refused { key, code, holder: None, may: Vec::new() }
}

/// How old a command is that is read now.
pub(crate) fn asked_at(context: &HandlerContext, seen: Option<u64>) -> AskedAt {
    let seen = seen.map(|ms| Mono(ms.saturating_mul(1_000)));
    AskedAt { read: context.clock.mono(), seen }
}

/// The last tick that the asker had seen, as `n` of that frame.
fn seen(headers: &HeaderMap) -> Result<Option<u64>, Refused> {
    let Some(value) = headers.get(SEEN) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| {
        Refused::bad(
            ErrorCode::BadCommand,
            "Onehall-Seen is not the number n of a tick, which are milliseconds",
        )
    })
}

/// The refusal of a command of a token that gives too many.
pub(crate) fn too_often(key: CommandKey) -> ServerFrame {
    ServerFrame::Refused { key, code: RefusalCode::TooOften, holder: None, may: Vec::new() }
}

fn key(headers: &HeaderMap) -> Result<CommandKey, Refused> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Err(Refused::bad(ErrorCode::NoKey, "the header Idempotency-Key is missing"));
    };
    let text =
        value.to_str().map_err(|_| Refused::bad(ErrorCode::BadKey, "Idempotency-Key is not plain text"))?;
    CommandKey::new(text)
        .map_err(|error| Refused::bad(ErrorCode::BadKey, format!("Idempotency-Key: {error}")))
}

fn respond(frame: &ServerFrame) -> Response {
    let busy =
        matches!(frame, ServerFrame::Refused { code: RefusalCode::Busy | RefusalCode::Unconfirmed, .. });
    let too_often = matches!(frame, ServerFrame::Refused { code: RefusalCode::TooOften, .. });
    let status = match frame {
        ServerFrame::Refused { .. } if busy => StatusCode::SERVICE_UNAVAILABLE,
        ServerFrame::Refused { .. } if too_often => StatusCode::TOO_MANY_REQUESTS,
        ServerFrame::Refused { .. } => StatusCode::CONFLICT,
        ServerFrame::ClosedUnlogged { .. } => StatusCode::ACCEPTED,
        ServerFrame::Ack { .. }
        | ServerFrame::Snapshot { .. }
        | ServerFrame::Delta { .. }
        | ServerFrame::Tick { .. }
        | ServerFrame::Replaced { .. }
        | ServerFrame::Error { .. } => StatusCode::OK,
    };
    let mut response = json(status, frame);
    if busy {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(1));
    }
    if too_often {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(10));
    }
    response.into_response()
}
