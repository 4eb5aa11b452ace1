//! What a client says.

use std::sync::Arc;

use axum::extract::ws::Message;
use base::limits::{COMMANDS_WAITING_MAX, MESSAGES_PER_SECOND_MAX, WALL_LINES_MAX};
use base::{CommandKey, SourceId};
use screen::convert;
use service::control::Inbox;
use tokio::time::Instant;
use wire::{ClientFrame, ErrorCode, ServerFrame};

use super::{Connection, Parting};
use crate::commands;

impl Connection {
    pub(super) async fn on_message(&mut self, message: Message) -> Result<(), Parting> {
        self.heard = Instant::now();
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(Parting::LOST),
            Message::Ping(_) | Message::Pong(_) => return self.within_rate(),
            Message::Binary(_) => {
                self.within_rate()?;
                return self
                    .error(ErrorCode::BadFrame, "a client speaks in text frames, not in binary ones")
                    .await;
            }
        };
        self.within_rate()?;
        match wire::read::frame(&text) {
            Ok(frame) => self.on_frame(frame).await,
            Err(bad) => self.error(ErrorCode::BadFrame, bad.to_string()).await,
        }
    }

    fn within_rate(&mut self) -> Result<(), Parting> {
        if self.bucket.take(self.context.clock.mono()) {
            return Ok(());
        }
        Err(Parting::error(
            ErrorCode::Flood,
            format!("more than {MESSAGES_PER_SECOND_MAX} messages a second"),
        ))
    }

    async fn on_frame(&mut self, frame: ClientFrame) -> Result<(), Parting> {
        match frame {
            ClientFrame::Hello { .. } => self.error(ErrorCode::BadFrame, "hello was said before").await,
            ClientFrame::Ready { rev } => {
                if rev >= self.shown_from {
                    let waiting = self.context.clients().ready(&self.client, self.id);
                    waiting.into_iter().for_each(|session| self.context.hop.admit(session));
                }
                Ok(())
            }
            ClientFrame::Resync => self.resync().await,
            ClientFrame::Cmd { key, r#do, seen } => match self.command(key, r#do, seen) {
                Some(refused) => self.send(&refused).await,
                None => Ok(()),
            },
            ClientFrame::Report(report) => self.on_report(&report).await,
            ClientFrame::View { lines } => self.on_view(lines).await,
        }
    }

    /// Gives a command to the meeting, in the order in which commands came. The answer comes later; a frame is an answer at once.
    fn command(&mut self, key: CommandKey, act: wire::Act, seen: Option<u64>) -> Option<ServerFrame> {
        let busy = |key| Some(commands::busy(key));
        if self.commands.len() >= COMMANDS_WAITING_MAX {
            return busy(key);
        }
        if !self.context.may_act(&self.claims.id) {
            return Some(commands::too_often(key));
        }
        let Some(meeting) = self.meeting() else { return busy(key) };
        let asked = convert::asked(key.clone(), convert::actor(&self.claims), act);
        let answer = commands::submit(&meeting, asked, commands::asked_at(&self.context, seen));
        self.commands.spawn(async move { commands::answer(key, answer.await) });
        None
    }

    async fn on_report(&mut self, report: &wire::Report) -> Result<(), Parting> {
        let Some(venue) = self.claims.venue.clone() else {
            return self.error(ErrorCode::BadFrame, "only pages of a venue report").await;
        };
        self.context.clients().reports(&self.client);
        let report = convert::report(report);
        if let Some(level) = report.level {
            self.hub.page_level(&venue, Some(level.unsigned_abs()));
        }
        if let Some(meeting) = self.meeting() {
            meeting.inbox.post(Inbox::Report(venue, report));
        }
        Ok(())
    }

    async fn on_view(&mut self, lines: Vec<Option<SourceId>>) -> Result<(), Parting> {
        if !self.reader.viewer().sees_all() {
            return self.error(ErrorCode::BadFrame, "only a desk has a wall").await;
        }
        if lines.len() > WALL_LINES_MAX {
            let detail = format!("a wall has at most {WALL_LINES_MAX} lines, this one has {}", lines.len());
            return self.error(ErrorCode::BadFrame, detail).await;
        }
        let Some(meeting) = self.meeting() else { return Ok(()) };
        let state = Arc::clone(&meeting.moment.borrow().state);
        let known = |source: SourceId| state.roster().and_then(|roster| roster.resolve(&source));
        let lines = lines.into_iter().map(|line| line.and_then(known)).collect();
        self.context.clients().views(&self.client);
        self.context.hop.views(&meeting.id, &self.client, lines);
        Ok(())
    }
}
