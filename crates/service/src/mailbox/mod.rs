//! The mailbox of a meeting: everybody may put something in, and nobody ever waits for it (R18).

mod mail;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::control::{Inbox, NotAcked};

pub use mail::{COMMANDS_MAX, Mail};

/// The way into a meeting. Clones lead to the same one.
#[derive(Debug, Clone)]
pub struct Mailbox {
    shared: Arc<Between>,
}

/// Where the task of the meeting reads. There is one; when it is dropped, the mailbox is closed.
#[derive(Debug)]
pub struct MailReader {
    shared: Arc<Between>,
}

#[derive(Debug, Default)]
struct Between {
    inside: Mutex<Inside>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    mail: Mail,
    closed: bool,
}

/// A mailbox, and where it is read.
#[must_use]
pub fn mailbox() -> (Mailbox, MailReader) {
    let shared = Arc::new(Between::default());
    (Mailbox { shared: Arc::clone(&shared) }, MailReader { shared })
}

impl Mailbox {
    /// Puts a message in. A command for which there is no room, or whose meeting is no longer loaded, is answered [`NotAcked::Busy`] at
    /// once; nothing else lacks room, and what nobody reads any more is of no use.
    pub fn post(&self, message: Inbox) {
        let refused = {
            let mut inside = self.shared.inside();
            if inside.closed { Some(message) } else { inside.mail.put(message) }
        };
        match refused {
            None => self.shared.changed.notify_one(),
            Some(Inbox::Command(_, _, answer) | Inbox::Acknowledge(_, answer)) => {
                // The asker may be gone.
                let _ = answer.send(Err(NotAcked::Busy));
            }
            Some(_) => {}
        }
    }

    /// Lets the task of the meeting end. What it has not read by then is not read any more.
    pub fn close(&self) {
        self.shared.inside().closed = true;
        self.shared.changed.notify_one();
    }
}

impl MailReader {
    /// The next message; none when the mailbox is closed. Nothing is lost if this is dropped while it waits.
    pub async fn recv(&mut self) -> Option<Inbox> {
        loop {
            {
                let mut inside = self.shared.inside();
                if inside.closed {
                    return None;
                }
                if let Some(message) = inside.mail.take() {
                    return Some(message);
                }
            }
            self.shared.changed.notified().await;
        }
    }

    /// Waits until the mailbox is closed, and reads nothing.
    pub async fn closed(&mut self) {
        while !self.shared.inside().closed {
            self.shared.changed.notified().await;
        }
    }
}

impl Drop for MailReader {
    fn drop(&mut self) {
        let unread = {
            let mut inside = self.shared.inside();
            inside.closed = true;
            std::mem::take(&mut inside.mail)
        };
        // Answers that are dropped tell their askers; that happens outside the lock.
        drop(unread);
    }
}

impl Between {
    // A holder of this lock does nothing that can panic, so a poisoned lock still guards whole mail.
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
