//! What a client is told.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Message;
use screen::{convert, levels};
use wire::levels::HEADER_BYTES;
use wire::{ErrorCode, ServerFrame};

use super::{Connection, Parting, text};

/// A client that takes nothing for so long is let go.
const SEND_WITHIN: Duration = Duration::from_secs(10);

impl Connection {
    /// Sends the whole state, and gives its revision.
    pub(super) async fn snapshot(&mut self) -> Result<u64, Parting> {
        self.hub.refresh();
        self.rev.mark_unchanged();
        let (rev, state) = self.reader.snapshot(&self.hub.mirror());
        let frame = ServerFrame::Snapshot {
            boot: self.context.boot.clone(),
            rev,
            client: self.client.clone(),
            at: self.context.clock.now(),
            state: Box::new(state),
            you: convert::you(&self.claims),
        };
        self.send(&frame).await?;
        Ok(rev)
    }

    /// Sends the whole state again, at most once a second and as often as the token may have it; what is asked for too early is owed, as one.
    pub(super) async fn resync(&mut self) -> Result<(), Parting> {
        let now = self.context.clock.mono();
        self.owes_snapshot = !(self.snapshots.take(now) && self.context.may_read(&self.claims.id));
        if self.owes_snapshot { Ok(()) } else { self.snapshot().await.map(|_| ()) }
    }

    pub(super) async fn step(&mut self) -> Result<(), Parting> {
        let step = self.reader.step(&self.hub.mirror());
        match step {
            Some(step) => {
                let boot = self.context.boot.clone();
                self.send(&ServerFrame::Delta { boot, from: step.from, to: step.to, set: Box::new(step.set) })
                    .await
            }
            None => Ok(()),
        }
    }

    /// Director and chair hear all; a venue hears only of itself, and only when that changes.
    pub(super) async fn send_levels(&mut self) -> Result<(), Parting> {
        let frame = Arc::clone(&self.levels.borrow_and_update());
        if self.reader.viewer().sees_all() {
            return self.send_message(Message::Binary(frame.to_vec().into())).await;
        }
        let Some(venue) = &self.claims.venue else { return Ok(()) };
        if frame.get(1..HEADER_BYTES) != Some(&self.place.0.to_be_bytes()) {
            self.place = self.hub.mirror().place(venue);
        }
        let Some(place) = self.place.1 else { return Ok(()) };
        let own = frame.get(HEADER_BYTES + place).copied();
        if own == self.own_level {
            return Ok(());
        }
        self.own_level = own;
        self.send_message(Message::Binary(levels::of_one(&frame, place).into())).await
    }

    pub(super) async fn error(&mut self, code: ErrorCode, detail: impl ToString) -> Result<(), Parting> {
        self.send(&ServerFrame::Error { code, detail: detail.to_string() }).await
    }

    pub(super) async fn send(&mut self, frame: &ServerFrame) -> Result<(), Parting> {
        self.send_message(text(frame)).await
    }

    pub(super) async fn send_message(&mut self, message: Message) -> Result<(), Parting> {
        match tokio::time::timeout(SEND_WITHIN, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Parting::LOST),
        }
    }
}
