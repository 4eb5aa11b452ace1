//! The handle of the media thread: the port `Hop` towards control, and the mailbox between the two.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use base::limits::SESSIONS_MAX;
use base::{ClientId, Epoch, MeetingId, Places, Role, Sequence, SessionId, SourceId, TokenId, VenueId};
use mio::Waker;
use service::port::hop::{CloseReason, Hop, HopError, HopReports, MediaTarget, OpenFuture, Sdp, SessionSpec};
use tokio::sync::oneshot;

use crate::doorman::Taken;
use crate::io as thread_io;
use crate::watchdog::Pulse;

/// Sessions that wait to be opened.
const OPENS_MAX: usize = 1_024;
/// Sessions whose offers are taken and that are not opened yet.
const PREPARED_MAX: usize = 64;

/// How the media plane is started.
#[derive(Debug, Clone)]
pub struct Config {
    /// The UDP port, 0 for any that is free.
    pub port: u16,
    /// Addresses to bind and to advertise; none for every IPv4 address of this machine, loopback included.
    pub addresses: Option<Vec<IpAddr>>,
    /// When the process began: the zero of every [`base::Mono`] that is told.
    pub started: Instant,
    /// Reports that may wait for control.
    pub reports_max: usize,
    /// Sessions at one time.
    pub sessions_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            addresses: None,
            started: Instant::now(),
            reports_max: 4_096,
            sessions_max: SESSIONS_MAX,
        }
    }
}

/// Why the media plane could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The interfaces of this machine could not be listed.
    #[error("the addresses of this machine could not be listed")]
    Interfaces(#[source] io::Error),
    /// An address could not be bound.
    #[error("UDP {address} could not be bound")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// An address that is none of this machine's, beside others.
    #[error(
        "{0} is none of this machine's addresses; as the outer address of a 1:1 NAT it must be the only one"
    )]
    OuterNotAlone(IpAddr),
    /// An address that nobody can send to.
    #[error(
        "{0} is not an address that clients can send to; name those of this machine, or none for all of them"
    )]
    Unspecified(IpAddr),
    /// There is no address to bind.
    #[error("there is no address to bind")]
    NoAddress,
    /// The system refused what the thread needs.
    #[error("the media thread could not be started")]
    Thread(#[source] io::Error),
}

/// Starts the media plane: its thread, its handle, and the facts that it reports.
///
/// # Errors
/// [`StartError`] says what the system refused.
pub fn start(config: &Config) -> Result<(Node, HopReports), StartError> {
    thread_io::start(config)
}

/// A request for a session, and where its answer goes.
pub(crate) struct Open {
    pub(crate) spec: SessionSpec,
    pub(crate) offer: Sdp,
    pub(crate) reply: oneshot::Sender<Result<(SessionId, Sdp), HopError>>,
}

/// A session that may be opened, and where its answer goes.
pub(crate) struct Prepared {
    pub(crate) spec: SessionSpec,
    pub(crate) taken: Taken,
    pub(crate) reply: oneshot::Sender<Result<(SessionId, Sdp), HopError>>,
}

/// Gates to shut: of each venue of a meeting, by whom, and up to which sequence.
pub(crate) type Shuts = BTreeMap<(MeetingId, VenueId), (Epoch, Sequence)>;

/// What control has asked for and the thread has not taken yet. Of each meeting one target waits, the latest; gates to shut are never
/// dropped, and each venue of a meeting is one entry at most.
#[derive(Default)]
pub(crate) struct Mail {
    pub(crate) forgets: BTreeMap<MeetingId, Epoch>,
    pub(crate) shuts: Shuts,
    pub(crate) targets: BTreeMap<MeetingId, (Epoch, Sequence, MediaTarget)>,
    pub(crate) views: BTreeMap<(MeetingId, ClientId), Vec<Option<SourceId>>>,
    pub(crate) opens: Opens,
    pub(crate) prepared: VecDeque<Prepared>,
    pub(crate) admits: Vec<SessionId>,
    pub(crate) closes: Vec<(SessionId, CloseReason)>,
    pub(crate) tokens: BTreeSet<TokenId>,
}

impl Mail {
    /// A meeting to forget, and with it what waits under that epoch or an earlier one.
    fn forget(&mut self, meeting: &MeetingId, epoch: Epoch) {
        self.shuts.retain(|(of, _), (of_epoch, _)| of != meeting || *of_epoch > epoch);
        self.targets.retain(|of, (of_epoch, _, _)| of != meeting || *of_epoch > epoch);
        let last = self.forgets.entry(meeting.clone()).or_insert(epoch);
        *last = (*last).max(epoch);
    }

    /// Gates to shut: of each venue the latest.
    fn shut(&mut self, meeting: &MeetingId, epoch: Epoch, until: Sequence, venues: &[VenueId]) {
        for venue in venues {
            let bar = self.shuts.entry((meeting.clone(), venue.clone())).or_insert((epoch, until));
            *bar = (*bar).max((epoch, until));
        }
    }

    /// A target takes the place of the one that waits, unless it is older.
    fn target(&mut self, meeting: &MeetingId, epoch: Epoch, sequence: Sequence, target: MediaTarget) {
        if self.targets.get(meeting).is_none_or(|(e, s, _)| (*e, *s) <= (epoch, sequence)) {
            self.targets.insert(meeting.clone(), (epoch, sequence, target));
        }
    }
}

/// Sessions to open: watchers wait behind all others, and take no place that is kept for these.
pub(crate) struct Opens {
    places: Places,
    watchers: VecDeque<Open>,
    others: VecDeque<Open>,
}

impl Default for Opens {
    fn default() -> Self {
        Self { places: Places::new(OPENS_MAX), watchers: VecDeque::new(), others: VecDeque::new() }
    }
}

impl Opens {
    /// False if too many of its role wait already.
    fn push(&mut self, open: Open) -> bool {
        let room = self.places.take(open.spec.role, &open.spec.token);
        if room {
            match open.spec.role {
                Role::Watcher => self.watchers.push_back(open),
                Role::Director | Role::Chair | Role::Venue => self.others.push_back(open),
            }
        }
        room
    }

    /// The next one to open.
    pub(crate) fn pop(&mut self) -> Option<Open> {
        let open = self.others.pop_front().or_else(|| self.watchers.pop_front())?;
        self.places.give_back(open.spec.role, &open.spec.token);
        Some(open)
    }
}

/// What the handle and the thread share.
pub(crate) struct Between {
    mail: Mutex<Mail>,
    /// The doorman waits here for offers, and for room behind those that are taken; the watchdog for its time.
    door: Condvar,
    stop: AtomicBool,
    waker: Waker,
    pub(crate) pulse: Pulse,
    /// A planted fault: the media thread panics.
    #[cfg(test)]
    pub(crate) fault: AtomicBool,
}

impl Between {
    pub(crate) fn new(waker: Waker) -> Self {
        Self {
            mail: Mutex::new(Mail::default()),
            door: Condvar::new(),
            stop: AtomicBool::new(false),
            waker,
            pulse: Pulse::default(),
            #[cfg(test)]
            fault: AtomicBool::new(false),
        }
    }

    /// The mailbox. A holder that panicked left it whole: every change of it is one call.
    pub(crate) fn mail(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Waits for so long, or until it stops; whether it does.
    pub(crate) fn stops_within(&self, time: Duration) -> bool {
        let going = |_: &mut Mail| !self.stopped();
        drop(self.door.wait_timeout_while(self.mail(), time, going));
        self.stopped()
    }

    /// The next offer for the doorman, who waits for it; none once the node stops.
    pub(crate) fn next_offer(&self) -> Option<Open> {
        let mut mail = self.mail();
        loop {
            if self.stopped() {
                return None;
            }
            if mail.prepared.len() < PREPARED_MAX
                && let Some(open) = mail.opens.pop()
            {
                return Some(open);
            }
            mail = self.door.wait(mail).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A session may be opened.
    pub(crate) fn prepared(&self, prepared: Prepared) {
        self.mail().prepared.push_back(prepared);
        self.wake();
    }

    /// There is something for the doorman to do.
    pub(crate) fn ring(&self) {
        self.door.notify_all();
    }

    fn stop(&self) {
        // Under the lock, so that the doorman sees it or is still to wait.
        let mail = self.mail();
        self.stop.store(true, Ordering::Release);
        drop(mail);
        self.ring();
        self.wake();
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::warn!(%error, "the media thread could not be woken");
        }
    }
}

/// The media plane of this node. Dropping it ends all sessions and the thread.
pub struct Node {
    shared: Arc<Between>,
    addresses: Vec<SocketAddr>,
    threads: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl Node {
    pub(crate) fn new(
        shared: Arc<Between>,
        addresses: Vec<SocketAddr>,
        threads: Vec<JoinHandle<()>>,
    ) -> Self {
        Self { shared, addresses, threads }
    }

    /// Another thread that ends with it.
    pub(crate) fn also(&mut self, thread: JoinHandle<()>) {
        self.threads.push(thread);
    }

    /// The media thread panics.
    #[cfg(test)]
    pub(crate) fn plant_fault(&self) {
        self.shared.fault.store(true, Ordering::Relaxed);
        self.shared.wake();
    }

    /// The UDP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.addresses.first().map_or(0, SocketAddr::port)
    }

    /// Addresses that are bound and advertised.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    fn post<R>(&self, write: impl FnOnce(&mut Mail) -> R) -> R {
        let result = write(&mut self.shared.mail());
        self.shared.wake();
        result
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.shared.stop();
        for thread in self.threads.drain(..) {
            let name = thread.thread().name().unwrap_or_default().to_owned();
            if thread.join().is_err() {
                tracing::error!(thread = name, "a thread of the media plane panicked");
            }
        }
    }
}

impl Hop for Node {
    fn open(&self, spec: SessionSpec, offer: Sdp) -> OpenFuture<'_> {
        let (reply, answer) = oneshot::channel();
        let role = spec.role;
        let room = self.shared.mail().opens.push(Open { spec, offer, reply });
        self.shared.ring();
        Box::pin(async move {
            if !room {
                return Err(HopError::Full(role));
            }
            answer.await.unwrap_or(Err(HopError::Stopped))
        })
    }

    fn admit(&self, session: SessionId) {
        self.post(|mail| {
            if !mail.admits.contains(&session) {
                mail.admits.push(session);
            }
        });
    }

    fn close(&self, session: SessionId, why: CloseReason) {
        self.post(|mail| {
            if !mail.closes.iter().any(|(id, _)| *id == session) {
                mail.closes.push((session, why));
            }
        });
    }

    fn close_token(&self, token: &TokenId) {
        self.post(|mail| mail.tokens.insert(token.clone()));
    }

    fn close_gates(&self, meeting: &MeetingId, epoch: Epoch, until: Sequence, venues: &[VenueId]) {
        self.post(|mail| mail.shut(meeting, epoch, until, venues));
    }

    fn forget(&self, meeting: &MeetingId, epoch: Epoch) {
        self.post(|mail| mail.forget(meeting, epoch));
    }

    fn views(&self, meeting: &MeetingId, client: &ClientId, lines: Vec<Option<SourceId>>) {
        self.post(|mail| mail.views.insert((meeting.clone(), client.clone()), lines));
    }

    fn apply(&self, meeting: &MeetingId, epoch: Epoch, sequence: Sequence, target: MediaTarget) {
        self.post(|mail| mail.target(meeting, epoch, sequence, target));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_targets_the_latest_waits_and_no_gate_to_shut_is_lost() {
        let mut mail = Mail::default();
        let meeting = MeetingId::new("m").unwrap();
        let venues: Vec<VenueId> = ["a", "b"].iter().map(|v| VenueId::new(v).unwrap()).collect();
        for n in 0..10_000 {
            let sequence = Sequence(n ^ 1);
            mail.target(&meeting, Epoch(1), sequence, MediaTarget::default());
            mail.shut(&meeting, Epoch(1), sequence, &venues[n as usize % 2..]);
        }
        assert_eq!(mail.targets.len(), 1);
        assert_eq!(mail.targets[&meeting].1, Sequence(9_999));
        assert_eq!(mail.shuts.len(), 2);
        assert!(mail.shuts.values().all(|(_, until)| until.0 >= 9_998));
    }

    #[test]
    fn a_meeting_to_forget_takes_along_what_waits_under_its_epoch_and_nothing_later() {
        let mut mail = Mail::default();
        let meeting = MeetingId::new("m").unwrap();
        let venues = ["a", "b"].map(|v| VenueId::new(v).unwrap());
        mail.target(&meeting, Epoch(1), Sequence(9), MediaTarget::default());
        mail.shut(&meeting, Epoch(1), Sequence(9), &venues[..1]);
        mail.shut(&meeting, Epoch(2), Sequence(9), &venues[1..]);
        mail.forget(&meeting, Epoch(1));
        assert!(mail.targets.is_empty());
        assert_eq!(mail.shuts.keys().map(|(_, venue)| venue).collect::<Vec<_>>(), [&venues[1]]);
        mail.target(&meeting, Epoch(2), Sequence(9), MediaTarget::default());
        mail.forget(&meeting, Epoch(1));
        assert_eq!((mail.targets.len(), mail.forgets[&meeting]), (1, Epoch(1)));
    }
}
