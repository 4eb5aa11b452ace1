//! The control WebSocket until its hello is taken.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::ClientId;
use base::limits::MESSAGE_BYTES_MAX;
use service::token::Claims;
use wire::{ClientFrame, ErrorCode, ServerFrame};

use crate::answer::Refused;
use crate::auth;
use crate::connection::{self, Connection, Greeted};
use crate::context::HandlerContext;
use crate::hub::Hubs;
use crate::peer::{self, FULL_RETRY_S, Peer};
use crate::strangers::Place;

/// How long a client may take to say hello.
const HELLO_WITHIN: Duration = Duration::from_secs(5);
/// Bytes read at once: most frames of a client are short, and there are thousands of clients.
const READ_BYTES: usize = 4 * 1024;
/// Bytes that may wait to be written beside the message being written.
const WRITE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// `GET …/ws`.
pub(crate) async fn upgrade(
    State(context): State<Arc<HandlerContext>>,
    State(hubs): State<Hubs>,
    Path(meeting): Path<String>,
    peer::From(peer): peer::From,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => {
            return Refused::new(rejection.status(), ErrorCode::NoWebsocket, rejection.body_text())
                .into_response();
        }
    };
    // Whoever has not said who it is yet takes one of few places, for a few seconds.
    let place = context.strangers.take(peer.network(&context.proxies, &headers));
    upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BYTES_MAX)
        .on_upgrade(move |socket| async move {
            peer.meter.count();
            serve(context, hubs, meeting, peer, socket, place).await;
        })
}

async fn serve(
    context: Arc<HandlerContext>,
    hubs: Hubs,
    meeting: String,
    peer: Arc<Peer>,
    mut socket: WebSocket,
    place: Place,
) {
    let mut lost = place.lost();
    let greeted = tokio::select! {
        biased;
        greeted = hello(&context, &meeting, &peer, &mut socket) => greeted,
        () = lost.wait() => Err(Some(waited_longest())),
        () = peer.lost() => Err(Some(waited_longest())),
        () = tokio::time::sleep(HELLO_WITHIN) => {
            Err(Some(Refused::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::BadFrame, "no hello came within 5 s")))
        }
    };
    drop(place);
    match greeted {
        Ok((claims, returning)) => match auth::hold(&context, &claims.meeting).await {
            Ok(hold) => {
                let greeted = Greeted { hold, claims, returning, peer };
                Connection::run(context, &hubs, greeted, socket).await;
            }
            Err(refused) => refuse(&mut socket, &refused).await,
        },
        Err(Some(refused)) => refuse(&mut socket, &refused).await,
        Err(None) => {}
    }
}

fn waited_longest() -> Refused {
    let detail = "too many connections have not said hello yet, and this one has waited longest";
    Refused::busy(ErrorCode::Full, detail, FULL_RETRY_S)
}

async fn refuse(socket: &mut WebSocket, refused: &Refused) {
    let frame = ServerFrame::Error { code: refused.code(), detail: refused.detail().to_owned() };
    connection::part(socket, Some(&frame), "refused").await;
}

/// Reads the first frame and checks it: who the client is, and the name that it had before. `None` as the error if the client went away.
async fn hello(
    context: &HandlerContext,
    meeting: &str,
    peer: &Peer,
    socket: &mut WebSocket,
) -> Result<(Claims, Option<ClientId>), Option<Refused>> {
    let bad = |detail: String| Some(Refused::bad(ErrorCode::BadFrame, detail));
    let text = loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => break text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_))) => {
                return Err(bad("the first frame is the text frame hello".into()));
            }
            Some(Ok(Message::Close(_))) | None => return Err(None),
            Some(Err(_)) if peer.meter.flooded() => return Err(Some(connection::flood())),
            Some(Err(error)) => return Err(bad(error.to_string())),
        }
    };
    let (v, token, client) = match wire::read::frame(&text).map_err(|error| bad(error.to_string()))? {
        ClientFrame::Hello { v, token, client, .. } => (v, token, client),
        ClientFrame::Ready { .. }
        | ClientFrame::Resync
        | ClientFrame::Cmd { .. }
        | ClientFrame::Report(_)
        | ClientFrame::View { .. } => return Err(bad("the first frame is hello".into())),
    };
    if v != wire::VERSION {
        let detail = format!("version {v} is not spoken here, version {} is", wire::VERSION);
        return Err(Some(Refused::bad(ErrorCode::BadVersion, detail)));
    }
    let claims = admit(context, meeting, &token).await.map_err(Some)?;
    peer.shows(&claims).map_err(Some)?;
    Ok((claims, client))
}

async fn admit(context: &HandlerContext, meeting: &str, token: &str) -> Result<Claims, Refused> {
    let claims = auth::read(context, token)
        .map_err(|error| auth::unauthorized(auth::code(error), &error.to_string()))?;
    if claims.meeting.as_str() != meeting {
        auth::named(context, meeting).await?;
        return Err(Refused::forbidden(
            ErrorCode::BadToken,
            format!("the token is for the meeting {}", claims.meeting),
        ));
    }
    Ok(claims)
}
