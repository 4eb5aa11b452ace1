//! What a meeting asks of the page of closing acts, done one after the other in its order: an entry that is forgotten before it was written would stay there
//! for ever, and close again what was opened since.

use std::sync::Arc;

use base::{MeetingId, RunId};
use tokio::sync::{mpsc, oneshot};

use crate::port::unlogged::{Entry, Unlogged};

/// The way of one meeting to the page.
pub(crate) struct Paging {
    asks: mpsc::UnboundedSender<Ask>,
}

enum Ask {
    Put(Box<Entry>, oneshot::Sender<bool>),
    Clear,
    End(oneshot::Sender<()>),
}

impl Paging {
    /// Begins to take what is asked, as a task of the runtime in which this is called.
    pub(crate) fn start(page: Arc<dyn Unlogged>, id: MeetingId, run: RunId) -> Self {
        let (asks, mut asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(ask) = asked.recv().await {
                match ask {
                    Ask::Put(entry, kept) => {
                        let put = page.put(*entry).await;
                        if let Err(cause) = &put {
                            tracing::error!(meeting = %id, error = cause as &dyn std::error::Error, "a closing act is kept in memory alone");
                        }
                        // Whoever asked may have been told meanwhile that it is not kept.
                        let _ = kept.send(put.is_ok());
                    }
                    Ask::End(done) => drop(done.send(())),
                    Ask::Clear => {
                        if let Err(cause) = page.clear(&run).await {
                            tracing::warn!(meeting = %id, error = &cause as &dyn std::error::Error, "closing acts stay on their page for now");
                        }
                    }
                }
            }
        });
        Self { asks }
    }

    /// Writes an entry. What comes back says whether it is kept.
    pub(crate) fn put(&self, entry: Entry) -> oneshot::Receiver<bool> {
        let (kept, answer) = oneshot::channel();
        self.ask(Ask::Put(Box::new(entry), kept));
        answer
    }

    /// Forgets what was written before: the log has it.
    pub(crate) fn clear(&self) {
        self.ask(Ask::Clear);
    }

    /// Done when all that was asked is.
    pub(crate) async fn end(&self) {
        let (done, answer) = oneshot::channel();
        self.ask(Ask::End(done));
        // One that broke has ended too.
        drop(answer.await);
    }

    fn ask(&self, ask: Ask) {
        // One that broke takes nothing, and whoever waits for its answer sees that.
        let _ = self.asks.send(ask);
    }
}
