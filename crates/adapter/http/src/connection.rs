//! One client on the control connection, from its hello to its end.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use base::limits::{MESSAGE_BURST_MAX, MESSAGES_PER_SECOND_MAX, WALL_LINES_MAX};
use base::{ClientId, CommandKey, SourceId};
use directory::policy::{self, ActKind, Role};
use meeting::{Actor, Command};
use service::control::{Inbox, Meeting};
use service::facts::PageReport;
use service::token::{Claims, TokenError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use wire::{ClientFrame, ServerFrame, You};

use crate::auth;
use crate::bucket::Bucket;
use crate::clients::{Arrival, ConnectionId};
use crate::commands;
use crate::convert;
use crate::hub::Hub;
use crate::levels;
use crate::mirror::Reader;
use crate::name;
use crate::parse;
use crate::projection::Viewer;
use crate::shared::{Notice, Shared, stopped};

/// A client that takes nothing for so long is let go.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// Time for the last words.
const PART_WITHIN: Duration = Duration::from_secs(1);
/// A client is asked for a sign of life this often.
const PING_EVERY: Duration = Duration::from_secs(10);
/// A client that says nothing for so long, not even an answer to a ping, is let go.
const IDLE: Duration = Duration::from_secs(30);
/// Commands of one client that may wait for their answers.
const COMMANDS_MAX: usize = 64;
/// Things to tell a connection that may wait.
const NOTICES_MAX: usize = 16;

/// A client whose hello was taken.
#[derive(Debug)]
pub(crate) struct Greeted {
    pub(crate) meeting: Meeting,
    pub(crate) claims: Claims,
    /// The name it had before.
    pub(crate) returning: Option<ClientId>,
}

/// A client that is to be let go.
struct Parting {
    frame: Option<ServerFrame>,
    reason: &'static str,
}

impl Parting {
    const LOST: Self = Self { frame: None, reason: "lost" };

    fn error(code: &str, detail: impl ToString) -> Self {
        let frame = ServerFrame::Error { code: code.to_owned(), detail: detail.to_string() };
        Self { frame: Some(frame), reason: "refused" }
    }
}

/// One client.
pub(crate) struct Connection {
    shared: Arc<Shared>,
    hub: Arc<Hub>,
    socket: WebSocket,
    claims: Claims,
    client: ClientId,
    id: ConnectionId,
    reader: Reader,
    /// Revision of the first snapshot of this connection: a `ready` for less is old.
    shown_from: u64,
    bucket: Bucket,
    commands: JoinSet<ServerFrame>,
    notices: mpsc::Receiver<Notice>,
    rev: watch::Receiver<u64>,
    levels: watch::Receiver<Arc<[u8]>>,
    /// The last level that this venue was sent, and its place in the frame of a generation.
    own_level: Option<u8>,
    place: (u32, Option<usize>),
    /// What the page reported and the meeting did not take yet.
    report: Option<PageReport>,
    heard: Instant,
    pinged: Instant,
}

impl Connection {
    pub(crate) async fn run(shared: Arc<Shared>, greeted: Greeted, mut socket: WebSocket) {
        let id = ConnectionId(shared.next_connection());
        let fresh = match name::client() {
            Ok(fresh) => fresh,
            Err(error) => {
                tracing::error!(%error, "a client gets no name");
                return part(&mut socket, None, "failed").await;
            }
        };
        let Greeted { meeting, claims, returning } = greeted;
        let arrival = Arrival {
            connection: id,
            meeting: meeting.id.clone(),
            token: claims.id.clone(),
            venue: claims.venue.clone(),
            returning,
            fresh,
        };
        let Some(welcome) = shared.clients().hello(arrival) else {
            let detail = "this meeting has as many clients as it may".to_owned();
            let frame = ServerFrame::Error { code: "too_many_clients".to_owned(), detail };
            return part(&mut socket, Some(&frame), "full").await;
        };
        let (notices, noticed) = mpsc::channel(NOTICES_MAX);
        for source in welcome.replaced {
            // The channel is new and holds more than a venue has sources.
            let _ = notices.try_send(Notice::Replaced(source));
        }
        shared.connect(id, notices);
        if let Some(displaced) = welcome.displaced {
            shared.notify(displaced, Notice::Displaced);
        }
        let hub = shared.hubs.of(&shared, &meeting);
        let viewer = Viewer { role: claims.role, venue: claims.venue.clone() };
        let now = Instant::now();
        let connection = Self {
            reader: Reader::new(viewer),
            shown_from: 0,
            bucket: Bucket::new(MESSAGES_PER_SECOND_MAX, MESSAGE_BURST_MAX, shared.mono()),
            commands: JoinSet::new(),
            notices: noticed,
            rev: hub.rev.subscribe(),
            levels: hub.levels.subscribe(),
            own_level: None,
            place: (0, None),
            report: None,
            heard: now,
            pinged: now,
            client: welcome.client,
            id,
            claims,
            socket,
            hub,
            shared,
        };
        connection.live().await;
    }

    async fn live(mut self) {
        let parting = match self.begin().await {
            Ok(()) => self.turn().await,
            Err(parting) => parting,
        };
        self.leave();
        part(&mut self.socket, parting.frame.as_ref(), parting.reason).await;
    }

    async fn begin(&mut self) -> Result<(), Parting> {
        self.shown_from = self.snapshot().await?;
        Ok(())
    }

    async fn turn(&mut self) -> Parting {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop = self.shared.stop.clone();
        let hears = self.claims.role != Role::Watcher;
        loop {
            let done = tokio::select! {
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.on_message(message).await,
                    Some(Err(error)) => Err(Parting::error("bad_frame", error)),
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
        self.shared.disconnect(self.id);
        let gone = self.shared.clients().left(self.shared.mono(), &self.client, self.id);
        if let Some(venue) = gone.and_then(|gone| gone.silent_venue) {
            self.hub.page_level(&venue, None);
            if let Some(meeting) = self.meeting() {
                let inbox = meeting.inbox;
                // Must arrive, and the meeting may be busy: an old report would stand as a fact.
                tokio::spawn(async move { inbox.send(Inbox::ReportGone(venue)).await });
            }
        }
    }

    /// The meeting's present handle: its task may have started anew.
    fn meeting(&self) -> Option<Meeting> {
        self.shared.meetings.meeting(&self.claims.meeting)
    }

    async fn on_message(&mut self, message: Message) -> Result<(), Parting> {
        self.heard = Instant::now();
        let text = match message {
            Message::Text(text) => text,
            Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(Parting::LOST),
            Message::Ping(_) | Message::Binary(_) => {
                return self.within_rate();
            }
        };
        self.within_rate()?;
        match parse::frame(&text) {
            Ok(frame) => self.on_frame(frame).await,
            Err(bad) => self.error("bad_frame", bad.line()).await,
        }
    }

    fn within_rate(&mut self) -> Result<(), Parting> {
        if self.bucket.take(self.shared.mono()) {
            return Ok(());
        }
        Err(Parting::error("flood", format!("more than {MESSAGES_PER_SECOND_MAX} messages a second")))
    }

    async fn on_frame(&mut self, frame: ClientFrame) -> Result<(), Parting> {
        match frame {
            ClientFrame::Hello { .. } => self.error("bad_frame", "hello was said before").await,
            ClientFrame::Ready { rev } => {
                if rev >= self.shown_from {
                    let waiting = self.shared.clients().ready(&self.client, self.id);
                    waiting.into_iter().for_each(|session| self.shared.hop.admit(session));
                }
                Ok(())
            }
            ClientFrame::Resync => self.snapshot().await.map(|_| ()),
            ClientFrame::Cmd { key, r#do } => match self.command(key, r#do) {
                Some(refused) => self.send(&refused).await,
                None => Ok(()),
            },
            ClientFrame::Report(report) => self.on_report(&report).await,
            ClientFrame::View { lines } => self.on_view(lines).await,
        }
    }

    /// Gives a command to the meeting, in the order in which commands came. The answer comes later; a frame is an answer at once.
    fn command(&mut self, key: CommandKey, act: wire::Act) -> Option<ServerFrame> {
        let busy = |key| Some(commands::busy(key));
        if self.commands.len() >= COMMANDS_MAX {
            return busy(key);
        }
        let Some(meeting) = self.meeting() else { return busy(key) };
        let command = Command { key: key.clone(), actor: actor(&self.claims), act: convert::act(act) };
        match commands::submit(&meeting, command) {
            Some(answer) => {
                self.commands.spawn(async move { commands::answer(key, answer.await) });
                None
            }
            None => busy(key),
        }
    }

    async fn on_report(&mut self, report: &wire::Report) -> Result<(), Parting> {
        let Some(venue) = self.claims.venue.clone() else {
            return self.error("bad_frame", "only pages of a venue report").await;
        };
        self.shared.clients().reports(&self.client);
        let report = convert::report(report);
        if let Some(level) = report.level {
            self.hub.page_level(&venue, Some(level.unsigned_abs()));
        }
        let kept = self.report.take().unwrap_or_default();
        self.report = Some(PageReport {
            level: report.level.or(kept.level),
            microphone: report.microphone.or(kept.microphone),
            sound_blocked: report.sound_blocked.or(kept.sound_blocked),
            hidden: report.hidden.or(kept.hidden),
            camera: report.camera.or(kept.camera),
        });
        self.pass_report();
        Ok(())
    }

    /// Gives the report to the meeting. If that is busy, the report waits and later ones are added to it.
    fn pass_report(&mut self) {
        let (Some(venue), Some(report)) = (&self.claims.venue, &self.report) else { return };
        let Some(meeting) = self.meeting() else { return };
        if meeting.inbox.try_send(Inbox::Report(venue.clone(), report.clone())).is_ok() {
            self.report = None;
        }
    }

    async fn on_view(&mut self, lines: Vec<Option<SourceId>>) -> Result<(), Parting> {
        if !self.reader.viewer().sees_all() {
            return self.error("bad_frame", "only a desk has a wall").await;
        }
        if lines.len() > WALL_LINES_MAX {
            let detail = format!("a wall has at most {WALL_LINES_MAX} lines, this one has {}", lines.len());
            return self.error("bad_frame", detail).await;
        }
        let Some(meeting) = self.meeting() else { return Ok(()) };
        let state = Arc::clone(&meeting.view.borrow().state);
        let known = |source: SourceId| state.roster.as_ref().and_then(|roster| roster.resolve(&source));
        let lines = lines.into_iter().map(|line| line.and_then(known)).collect();
        self.shared.clients().views(&self.client);
        match meeting.inbox.try_send(Inbox::View(self.client.clone(), lines)) {
            Ok(()) => Ok(()),
            Err(_) => self.error("busy", "the meeting takes no wall now; send it again").await,
        }
    }

    async fn on_notice(&mut self, notice: Notice) -> Result<(), Parting> {
        match notice {
            Notice::Replaced(source) => self.send(&ServerFrame::Replaced { source }).await,
            Notice::Displaced => Err(Parting { frame: None, reason: "the page has another connection" }),
        }
    }

    async fn on_second(&mut self) -> Result<(), Parting> {
        let now = self.shared.now();
        if now.0 / 1000 >= self.claims.expires_s {
            return Err(Parting::error(auth::code(TokenError::Expired), TokenError::Expired));
        }
        if self.shared.meetings.is_revoked(&self.claims.id) {
            return Err(Parting::error(auth::code(TokenError::Revoked), TokenError::Revoked));
        }
        if self.heard.elapsed() >= IDLE {
            return Err(Parting { frame: None, reason: "nothing was heard for 30 s" });
        }
        self.pass_report();
        if self.pinged.elapsed() >= PING_EVERY {
            self.pinged = Instant::now();
            self.send_message(Message::Ping(Vec::new().into())).await?;
        }
        self.send(&ServerFrame::Tick { at: now }).await
    }

    /// Sends the whole state, and gives its revision.
    async fn snapshot(&mut self) -> Result<u64, Parting> {
        self.hub.refresh(&self.shared);
        self.rev.mark_unchanged();
        let (rev, state) = self.reader.snapshot(&self.hub.mirror());
        let frame = ServerFrame::Snapshot {
            boot: self.shared.boot.clone(),
            rev,
            client: self.client.clone(),
            at: self.shared.now(),
            state: Box::new(state),
            you: you(&self.claims),
        };
        self.send(&frame).await?;
        Ok(rev)
    }

    async fn step(&mut self) -> Result<(), Parting> {
        let step = self.reader.step(&self.hub.mirror());
        match step {
            Some(step) => {
                let boot = self.shared.boot.clone();
                self.send(&ServerFrame::Delta { boot, from: step.from, to: step.to, set: Box::new(step.set) })
                    .await
            }
            None => Ok(()),
        }
    }

    /// Director and chair hear all; a venue itself alone, and only when that changes.
    async fn send_levels(&mut self) -> Result<(), Parting> {
        let frame = Arc::clone(&self.levels.borrow_and_update());
        if self.reader.viewer().sees_all() {
            return self.send_message(Message::Binary(frame.to_vec().into())).await;
        }
        let Some(venue) = &self.claims.venue else { return Ok(()) };
        if frame.get(1..levels::HEADER_BYTES) != Some(&self.place.0.to_be_bytes()) {
            self.place = self.hub.mirror().place(venue);
        }
        let Some(place) = self.place.1 else { return Ok(()) };
        let own = frame.get(levels::HEADER_BYTES + place).copied();
        if own == self.own_level {
            return Ok(());
        }
        self.own_level = own;
        self.send_message(Message::Binary(levels::of_one(&frame, place).into())).await
    }

    async fn error(&mut self, code: &str, detail: impl ToString) -> Result<(), Parting> {
        self.send(&ServerFrame::Error { code: code.to_owned(), detail: detail.to_string() }).await
    }

    async fn send(&mut self, frame: &ServerFrame) -> Result<(), Parting> {
        self.send_message(text(frame)).await
    }

    async fn send_message(&mut self, message: Message) -> Result<(), Parting> {
        match tokio::time::timeout(SEND_WITHIN, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Parting::LOST),
        }
    }
}

/// Who a token makes its bearer.
pub(crate) fn you(claims: &Claims) -> You {
    You {
        role: convert::role(claims.role),
        venue: claims.venue.clone(),
        may: policy::may(claims.role).into_iter().map(|act: ActKind| act.name().to_owned()).collect(),
    }
}

/// Who acts by a token.
pub(crate) fn actor(claims: &Claims) -> Actor {
    Actor { role: claims.role, venue: claims.venue.clone(), token: claims.id.clone() }
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
