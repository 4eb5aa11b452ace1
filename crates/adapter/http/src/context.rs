//! What every handler is given.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::TokenId;
use base::limits::{MESSAGE_BURST_MAX, MESSAGES_PER_SECOND_MAX, READ_BURST_MAX, READS_PER_SECOND_MAX};
use screen::clients::{Clients, ConnectionId};
use service::office::MeetingFiles;
use service::office::apply::Office;
use service::port::hop::{CloseReason, Fact, Hop, SessionChange, SessionKind};
use service::registry::{Hold, Registry};
use service::token::TokenKey;
use tokio::sync::{mpsc, watch};

use crate::buckets::Buckets;
use crate::clock::Clock;
use crate::hub::{Around, Hubs};
use crate::network::Proxies;
use crate::pace::Pace;
use crate::sessions::Sessions;
use crate::strangers::Strangers;

/// Connections that have not said hello yet.
const STRANGERS_MAX: usize = 1_024;

/// Origins that are allowed beside the server's own.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    pub(crate) origins: Arc<[String]>,
}

/// What a connection is told from outside.
#[derive(Debug)]
pub(crate) enum Notice {
    /// Another page publishes that source now.
    Replaced(base::SourceId),
    /// Another connection has taken its name.
    Displaced,
    /// A desk needs its place.
    MakesRoom,
}

/// What every handler is given.
pub(crate) struct HandlerContext {
    pub(crate) meetings: Registry,
    pub(crate) hop: Arc<dyn Hop>,
    pub(crate) key: TokenKey,
    pub(crate) boot: String,
    pub(crate) office: Option<Arc<dyn MeetingFiles>>,
    pub(crate) links: Option<Arc<Office>>,
    pub(crate) admin: Option<String>,
    pub(crate) stop: watch::Receiver<bool>,
    /// Places for connections that have not said hello yet.
    pub(crate) strangers: Strangers,
    pub(crate) proxies: Proxies,
    paces: Mutex<BTreeMap<&'static str, Pace>>,
    pub(crate) clock: Clock,
    clients: Arc<Mutex<Clients>>,
    sessions: Mutex<Sessions<Hold>>,
    connections: Mutex<BTreeMap<ConnectionId, mpsc::Sender<Notice>>>,
    acts: Buckets,
    reads: Buckets,
    counted: AtomicU64,
}

impl fmt::Debug for HandlerContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerContext").field("boot", &self.boot).finish_non_exhaustive()
    }
}

impl HandlerContext {
    pub(crate) fn new(
        config: crate::Config,
        stop: watch::Receiver<bool>,
    ) -> (Self, mpsc::UnboundedReceiver<Fact>) {
        let context = Self {
            meetings: config.meetings,
            hop: config.hop,
            key: config.key,
            boot: config.boot,
            office: config.office,
            links: config.links,
            admin: config.admin,
            stop,
            strangers: Strangers::new(STRANGERS_MAX),
            proxies: Proxies::new(&config.proxies),
            paces: Mutex::default(),
            clock: Clock::new(config.clock),
            clients: Arc::default(),
            sessions: Mutex::default(),
            connections: Mutex::default(),
            acts: Buckets::new(MESSAGES_PER_SECOND_MAX, MESSAGE_BURST_MAX),
            reads: Buckets::new(READS_PER_SECOND_MAX, READ_BURST_MAX),
            counted: AtomicU64::new(0),
        };
        (context, config.events)
    }

    /// The hubs of the meetings, none of them started yet.
    pub(crate) fn hubs(&self) -> Hubs {
        Hubs::new(Around {
            meetings: self.meetings.clone(),
            clock: self.clock.clone(),
            stop: self.stop.clone(),
            clients: Arc::clone(&self.clients),
        })
    }

    pub(crate) fn clients(&self) -> MutexGuard<'_, Clients> {
        hold(&self.clients)
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions<Hold>> {
        hold(&self.sessions)
    }

    /// Whether that token may give one more command, or open one more session to publish: over WebSockets and HTTP together.
    pub(crate) fn may_act(&self, token: &TokenId) -> bool {
        self.acts.take(token, self.clock.mono())
    }

    /// Whether that token may have one more answer that is made of the whole state or of the log.
    pub(crate) fn may_read(&self, token: &TokenId) -> bool {
        self.reads.take(token, self.clock.mono())
    }

    /// Whether a line of that kind may be written now: how often it was not, since the last.
    pub(crate) fn line_due(&self, kind: &'static str) -> Option<u64> {
        hold(&self.paces).entry(kind).or_default().due(self.clock.mono())
    }

    /// Number of the next connection.
    pub(crate) fn next_connection(&self) -> u64 {
        self.counted.fetch_add(1, Ordering::Relaxed)
    }

    /// A connection that can be told something.
    pub(crate) fn connect(&self, connection: ConnectionId, notices: mpsc::Sender<Notice>) {
        hold(&self.connections).insert(connection, notices);
    }

    pub(crate) fn disconnect(&self, connection: ConnectionId) {
        hold(&self.connections).remove(&connection);
    }

    pub(crate) fn notify(&self, connection: ConnectionId, notice: Notice) {
        if let Some(notices) = hold(&self.connections).get(&connection) {
            // Full only when the connection does not read its notices, and then it is about to be closed.
            let _ = notices.try_send(notice);
        }
    }

    /// Forgets clients that left long ago, and their walls.
    pub(crate) fn forget(&self) {
        let forgotten = self.clients().forget(self.clock.mono());
        for (meeting, client) in forgotten {
            self.hop.views(&meeting, &client, Vec::new());
        }
    }

    /// Takes what the hop says of a session; everything else is not for here.
    pub(crate) fn on_fact(&self, fact: &Fact) {
        let Fact::Session { session, client, kind, change: SessionChange::Closed(why) } = fact else {
            return;
        };
        self.sessions().closed(*session);
        let Some(client) = client else { return };
        let told = {
            let mut clients = self.clients();
            clients.closed(client, *session);
            match (kind, why) {
                (SessionKind::Publish { source, .. }, CloseReason::Replaced) => {
                    clients.replaced(client, source).map(|connection| (connection, source.clone()))
                }
                (SessionKind::Publish { .. } | SessionKind::Watch { .. }, _) => None,
            }
        };
        if let Some((connection, source)) = told {
            self.notify(connection, Notice::Replaced(source));
        }
    }
}

// A holder of these locks does nothing that can panic, so a poisoned lock still guards whole data.
fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
