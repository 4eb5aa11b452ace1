//! One client on the control connection, from its hello to its end.

mod incoming;
mod outgoing;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use axum::http::StatusCode;
use base::ClientId;
use base::limits::{BYTES_PER_SECOND_MAX, FRAMES_PER_SECOND_MAX, MESSAGE_BURST_MAX, MESSAGES_PER_SECOND_MAX};
use directory::policy::Role;
use screen::Viewer;
use screen::clients::{Arrival, ConnectionId};
use screen::mirror::Reader;
use service::bucket::Bucket;
use service::control::{Inbox, Meeting};
use service::registry::Hold;
use service::token::{Claims, TokenError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use wire::{ErrorCode, ServerFrame};

use crate::answer::Refused;
use crate::auth;
use crate::clock::stopped;
use crate::context::{HandlerContext, Notice};
use crate::hub::{Hub, Hubs};
use crate::name;
use crate::peer::Peer;

/// Time for the last words.
const PART_WITHIN: Duration = Duration::from_secs(1);
/// A client is asked for a sign of life this often.
const PING_EVERY: Duration = Duration::from_secs(10);
/// A client that says nothing for so long, not even an answer to a ping, is let go.
const IDLE: Duration = Duration::from_secs(30);
const SECOND: Duration = Duration::from_secs(1);
/// Snapshots that a client may ask for at once; after that it gets one a second.
const SNAPSHOTS_AT_ONCE: u32 = 4;
/// Things to tell a connection that may wait.
const NOTICES_MAX: usize = 16;

/// A client whose hello was taken.
#[derive(Debug)]
pub(crate) struct Greeted {
    pub(crate) hold: Hold,
    pub(crate) claims: Claims,
    /// The name it had before.
    pub(crate) returning: Option<ClientId>,
    pub(crate) peer: Arc<Peer>,
}

/// A client that is to be let go.
struct Parting {
    frame: Option<Box<ServerFrame>>,
    reason: &'static str,
}

impl Parting {
    const LOST: Self = Self { frame: None, reason: "lost" };

    fn error(code: ErrorCode, detail: impl ToString) -> Self {
        let frame = ServerFrame::Error { code, detail: detail.to_string() };
        Self { frame: Some(Box::new(frame)), reason: "refused" }
    }
}

/// One client.
pub(crate) struct Connection {
    context: Arc<HandlerContext>,
    hub: Arc<Hub>,
    socket: WebSocket,
    claims: Claims,
    /// The meeting stays loaded while this connection lives.
    _hold: Hold,
    client: ClientId,
    id: ConnectionId,
    reader: Reader,
    /// Revision of the first snapshot of this connection: a `ready` for less is old.
    shown_from: u64,
    peer: Arc<Peer>,
    bucket: Bucket,
    snapshots: Bucket,
    /// It has asked for a snapshot that it may have later.
    owes_snapshot: bool,
    commands: JoinSet<ServerFrame>,
    notices: mpsc::Receiver<Notice>,
    rev: watch::Receiver<u64>,
    levels: watch::Receiver<Arc<[u8]>>,
    /// The last level that this venue was sent, and its place in the frame of a generation.
    own_level: Option<u8>,
    place: (u32, Option<usize>),
    heard: Instant,
    pinged: Instant,
}

impl Connection {
    pub(crate) async fn run(
        context: Arc<HandlerContext>,
        hubs: &Hubs,
        greeted: Greeted,
        mut socket: WebSocket,
    ) {
        let id = ConnectionId(context.next_connection());
        let fresh = match name::client() {
            Ok(fresh) => fresh,
            Err(error) => {
                tracing::error!(%error, "a client gets no name");
                return part(&mut socket, None, "failed").await;
            }
        };
        let Greeted { hold, claims, returning, peer } = greeted;
        let viewer = Viewer { role: claims.role, venue: claims.venue.clone() };
        let arrival = Arrival {
            connection: id,
            meeting: claims.meeting.clone(),
            token: claims.id.clone(),
            role: claims.role,
            venue: claims.venue.clone(),
            at: context.clock.now(),
            returning,
            fresh,
        };
        let Some(welcome) = context.clients().hello(arrival) else {
            let detail = "this meeting has as many clients of this role as it may".to_owned();
            let frame = ServerFrame::Error { code: ErrorCode::TooManyClients, detail };
            return part(&mut socket, Some(&frame), "full").await;
        };
        let (notices, noticed) = mpsc::channel(NOTICES_MAX);
        for source in welcome.replaced {
            // The channel is new and holds more than a venue has sources.
            let _ = notices.try_send(Notice::Replaced(source));
        }
        context.connect(id, notices);
        if let Some(displaced) = welcome.displaced {
            context.notify(displaced, Notice::Displaced);
        }
        if let Some(watcher) = welcome.made_room {
            context.notify(watcher, Notice::MakesRoom);
        }
        let hub = hubs.of(&hold.meeting);
        let now = Instant::now();
        let connection = Self {
            reader: Reader::new(viewer),
            shown_from: 0,
            bucket: Bucket::new(MESSAGES_PER_SECOND_MAX, SECOND, MESSAGE_BURST_MAX, context.clock.mono()),
            snapshots: Bucket::new(1, SECOND, SNAPSHOTS_AT_ONCE, context.clock.mono()),
            owes_snapshot: false,
            commands: JoinSet::new(),
            peer,
            notices: noticed,
            rev: hub.rev.subscribe(),
            levels: hub.levels.subscribe(),
            own_level: None,
            place: (0, None),
            heard: now,
            pinged: now,
            client: welcome.client,
            id,
            claims,
            _hold: hold,
            socket,
            hub,
            context,
        };
        connection.live().await;
    }

    async fn live(mut self) {
        let parting = match self.begin().await {
            Ok(()) => self.turn().await,
            Err(parting) => parting,
        };
        self.leave();
        part(&mut self.socket, parting.frame.as_deref(), parting.reason).await;
    }

    async fn begin(&mut self) -> Result<(), Parting> {
        self.shown_from = self.snapshot().await?;
        Ok(())
    }

    async fn turn(&mut self) -> Parting {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop = self.context.stop.clone();
        let hears = self.claims.role != Role::Watcher;
        loop {
            let done = tokio::select! {
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.on_message(message).await,
                    Some(Err(_)) if self.peer.meter.flooded() => {
                        let refused = flood();
                        Err(Parting::error(refused.code(), refused.detail()))
                    }
                    Some(Err(error)) => Err(Parting::error(ErrorCode::BadFrame, error)),
                    None => Err(Parting::LOST),
                },
                Some(answer) = self.commands.join_next(), if !self.commands.is_empty() => match answer {
                    Ok(frame) => self.send(&frame).await,
                    Err(_) => Err(Parting::LOST),
                },
                Ok(()) = self.rev.changed() => self.step().await,
                Ok(()) = self.levels.changed(), if hears => self.send_levels().await,
                Some(notice) = self.notices.recv() => self.on_notice(notice).await,
                _ = second.tick() => self.on_second().await,
                () = stopped(&mut stop) => Err(Parting { frame: None, reason: "the server stops" }),
            };
            if let Err(parting) = done {
                return parting;
            }
        }
    }

    /// The control connection has ended. Its media sessions live on (R3).
    fn leave(&mut self) {
        self.context.disconnect(self.id);
        let gone = self.context.clients().left(self.context.clock.mono(), &self.client, self.id);
        if let Some(venue) = gone.and_then(|gone| gone.silent_venue) {
            self.hub.page_level(&venue, None);
            if let Some(meeting) = self.meeting() {
                meeting.inbox.post(Inbox::ReportGone(venue));
            }
        }
    }

    /// The meeting's present handle: its task may have started anew.
    fn meeting(&self) -> Option<Meeting> {
        self.context.meetings.loaded(&self.claims.meeting)
    }

    async fn on_notice(&mut self, notice: Notice) -> Result<(), Parting> {
        match notice {
            Notice::Replaced(source) => self.send(&ServerFrame::Replaced { source }).await,
            Notice::MakesRoom => {
                Err(Parting::error(ErrorCode::TooManyClients, "a desk takes the place of the first watcher"))
            }
            Notice::Displaced => Err(Parting { frame: None, reason: "the page has another connection" }),
        }
    }

    async fn on_second(&mut self) -> Result<(), Parting> {
        let now = self.context.clock.now();
        if now.0 / 1000 >= self.claims.expires_s {
            return Err(Parting::error(auth::code(TokenError::Expired), TokenError::Expired));
        }
        if self.context.meetings.is_revoked(&self.claims.id) {
            return Err(Parting::error(auth::code(TokenError::Revoked), TokenError::Revoked));
        }
        if self.heard.elapsed() >= IDLE {
            return Err(Parting { frame: None, reason: "nothing was heard for 30 s" });
        }
        if self.pinged.elapsed() >= PING_EVERY {
            self.pinged = Instant::now();
            self.send_message(Message::Ping(Vec::new().into())).await?;
        }
        if self.owes_snapshot {
            self.resync().await?;
        }
        let n = self.context.clock.mono().0 / 1_000;
        self.send(&ServerFrame::Tick { at: now, n }).await
    }
}

/// What a client is told that sends more than may be read.
pub(crate) fn flood() -> Refused {
    let detail = format!(
        "more than {FRAMES_PER_SECOND_MAX} frames or {BYTES_PER_SECOND_MAX} bytes a second, on average"
    );
    Refused::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::Flood, detail)
}

/// Says the last words, if the client still listens.
pub(crate) async fn part(socket: &mut WebSocket, frame: Option<&ServerFrame>, reason: &'static str) {
    let words = async {
        if let Some(frame) = frame {
            socket.send(text(frame)).await?;
        }
        let code = if frame.is_some() { close_code::POLICY } else { close_code::AWAY };
        socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await
    };
    // Whoever does not listen is not told.
    let _ = tokio::time::timeout(PART_WITHIN, words).await;
}

fn text(frame: &ServerFrame) -> Message {
    let text = serde_json::to_string(frame).expect("a frame of the protocol has string keys alone");
    Message::Text(text.into())
}
