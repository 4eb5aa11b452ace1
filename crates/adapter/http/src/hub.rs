//! One task per meeting publishes its views to all clients.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use base::{MeetingId, VenueId};
use screen::clients::Clients;
use screen::levels;
use screen::mirror::Mirror;
use service::control::{Inbox, Levels, Meeting, Moment, OpenDesk};
use service::registry::Registry;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, MissedTickBehavior};

use crate::clock::{Clock, stopped};

/// Level frames are made this often.
const LEVELS_EVERY: Duration = Duration::from_millis(200);
/// Views that follow each other faster are published as one.
const PUBLISH_EVERY: Duration = Duration::from_millis(20);
/// How long a level that the hop reported holds.
const LEVEL_HOLDS: Duration = Duration::from_secs(1);
/// How often a meeting whose handle is gone is looked for.
const RETRY_EVERY: Duration = Duration::from_millis(100);

/// What is published of one meeting.
#[derive(Debug)]
pub(crate) struct Hub {
    id: MeetingId,
    around: Arc<Around>,
    mirror: RwLock<Mirror>,
    /// The present revision; a change of it wakes the connections.
    pub(crate) rev: watch::Sender<u64>,
    /// The last frame of levels.
    pub(crate) levels: watch::Sender<Arc<[u8]>>,
    /// What the pages of venues report of their microphones.
    pages: Mutex<BTreeMap<VenueId, u8>>,
}

/// What hubs need of the server around them.
#[derive(Debug)]
pub(crate) struct Around {
    pub(crate) meetings: Registry,
    pub(crate) clock: Clock,
    pub(crate) stop: watch::Receiver<bool>,
    /// Whoever is on the control connection.
    pub(crate) clients: Arc<Mutex<Clients>>,
}

impl Around {
    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hubs of all meetings.
#[derive(Debug, Clone)]
pub(crate) struct Hubs {
    around: Arc<Around>,
    all: Arc<RwLock<BTreeMap<MeetingId, Arc<Hub>>>>,
}

impl Hubs {
    /// None has been started.
    pub(crate) fn new(around: Around) -> Self {
        Self { around: Arc::new(around), all: Arc::default() }
    }

    /// The hub of a meeting. The first who asks starts it.
    pub(crate) fn of(&self, meeting: &Meeting) -> Arc<Hub> {
        if let Some(hub) = self.all.read().unwrap_or_else(PoisonError::into_inner).get(&meeting.id) {
            return Arc::clone(hub);
        }
        let mut hubs = self.all.write().unwrap_or_else(PoisonError::into_inner);
        let start = || Hub::start(self.clone(), meeting.clone());
        Arc::clone(hubs.entry(meeting.id.clone()).or_insert_with(start))
    }

    /// Ends a hub that nobody but its task has; not one that somebody still looks at.
    fn end(&self, hub: &Arc<Hub>) -> bool {
        let mut hubs = self.all.write().unwrap_or_else(PoisonError::into_inner);
        // One is here, one is the task's. Another can come only through this map.
        let unused = Arc::strong_count(hub) <= 2;
        if unused {
            hubs.remove(&hub.id);
        }
        unused
    }
}

impl Hub {
    fn start(hubs: Hubs, meeting: Meeting) -> Arc<Self> {
        let mut mirror = Mirror::new();
        let moment = meeting.moment.borrow().clone();
        mirror.update(hubs.around.clock.mono(), &moment);
        let hub = Arc::new(Self {
            id: meeting.id.clone(),
            around: Arc::clone(&hubs.around),
            rev: watch::Sender::new(mirror.rev()),
            mirror: RwLock::new(mirror),
            levels: watch::Sender::new(levels::frame(&moment, &BTreeMap::new(), &BTreeMap::new()).into()),
            pages: Mutex::default(),
        });
        tokio::spawn(Publishing::new(hubs, Arc::clone(&hub), meeting).run());
        hub
    }

    /// What is published.
    pub(crate) fn mirror(&self) -> RwLockReadGuard<'_, Mirror> {
        self.mirror.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Level of a page's microphone; none when the page is gone.
    pub(crate) fn page_level(&self, venue: &VenueId, level: Option<u8>) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        match level {
            Some(level) => pages.insert(venue.clone(), level),
            None => pages.remove(venue),
        };
    }

    /// Publishes what the meeting shows now, so that whoever asks after an answer sees what it answered.
    pub(crate) fn refresh(&self) {
        if let Some(meeting) = self.around.meetings.loaded(&self.id) {
            let moment = meeting.moment.borrow().clone();
            self.publish(&moment);
        }
    }

    fn publish(&self, moment: &Moment) {
        let now = self.around.clock.mono();
        let mut mirror = self.mirror.write().unwrap_or_else(PoisonError::into_inner);
        if mirror.update(now, moment) {
            self.rev.send_replace(mirror.rev());
        }
    }
}

/// The task of a hub.
struct Publishing {
    hubs: Hubs,
    hub: Arc<Hub>,
    meeting: Meeting,
    heard: broadcast::Receiver<Levels>,
    last: Option<(Instant, Levels)>,
    clients: u32,
    desks: Vec<OpenDesk>,
}

impl Publishing {
    fn new(hubs: Hubs, hub: Arc<Hub>, meeting: Meeting) -> Self {
        let heard = meeting.levels.subscribe();
        Self { hubs, hub, meeting, heard, last: None, clients: 0, desks: Vec::new() }
    }

    async fn run(mut self) {
        let mut stop = self.hub.around.stop.clone();
        let mut levels = tokio::time::interval(LEVELS_EVERY);
        levels.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut published = Instant::now();
        let mut fresh = false;
        loop {
            let due = self.due(fresh, published);
            tokio::select! {
                () = stopped(&mut stop) => return,
                changed = self.meeting.moment.changed(), if !fresh => match changed {
                    Ok(()) => fresh = true,
                    Err(_) => match self.again(self.hub.around.stop.clone()).await {
                        Some(meeting) => {
                            self.follow(meeting);
                            fresh = true;
                        }
                        None => return,
                    },
                },
                () = sleep_until(due) => {
                    let moment = self.meeting.moment.borrow_and_update().clone();
                    self.hub.publish(&moment);
                    (published, fresh) = (Instant::now(), false);
                }
                _ = levels.tick() => {
                    fresh |= self.moved();
                    self.levels();
                }
            }
        }
    }

    /// When to publish: what is fresh after a short pause, what waits in the mirror at its time.
    fn due(&self, fresh: bool, published: Instant) -> Option<Instant> {
        if fresh {
            return Some(published + PUBLISH_EVERY);
        }
        self.hub.mirror().deadline().map(|at| self.hub.around.clock.instant(at))
    }

    fn follow(&mut self, meeting: Meeting) {
        self.heard = meeting.levels.subscribe();
        self.meeting = meeting;
        (self.clients, self.desks) = (0, Vec::new());
    }

    /// The meeting has another task by now, which is followed from here on.
    fn moved(&mut self) -> bool {
        match self.hub.around.meetings.loaded(&self.hub.id) {
            Some(meeting) if !meeting.moment.same_channel(&self.meeting.moment) => {
                self.follow(meeting);
                true
            }
            Some(_) | None => false,
        }
    }

    /// The meeting's task has ended; waits for the next one. None when the server stops, or when nobody needs the hub any more: then it ends
    /// with its meeting.
    async fn again(&self, mut stop: watch::Receiver<bool>) -> Option<Meeting> {
        loop {
            if self.hubs.end(&self.hub) {
                return None;
            }
            tokio::select! {
                () = stopped(&mut stop) => return None,
                () = tokio::time::sleep(RETRY_EVERY) => {}
            }
            if let Some(meeting) = self.hub.around.meetings.loaded(&self.hub.id)
                && meeting.moment.has_changed().is_ok()
            {
                return Some(meeting);
            }
        }
    }

    /// Makes the frame of levels, and tells the meeting how many clients there are.
    fn levels(&mut self) {
        loop {
            match self.heard.try_recv() {
                Ok(levels) => self.last = Some((Instant::now(), levels)),
                Err(broadcast::error::TryRecvError::Lagged(_)) => {}
                Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed) => break,
            }
        }
        if self.hub.levels.receiver_count() > 0 {
            let hop = match &self.last {
                Some((at, levels)) if at.elapsed() < LEVEL_HOLDS => levels.iter().cloned().collect(),
                Some(_) | None => BTreeMap::new(),
            };
            let moment = self.meeting.moment.borrow().clone();
            let pages = self.hub.pages.lock().unwrap_or_else(PoisonError::into_inner).clone();
            self.hub.levels.send_replace(levels::frame(&moment, &hop, &pages).into());
        }
        let clients = u32::try_from(self.hub.around.clients().count(&self.hub.id)).unwrap_or(u32::MAX);
        if std::mem::replace(&mut self.clients, clients) != clients {
            self.meeting.inbox.post(Inbox::Clients(clients));
        }
        let desks = self.hub.around.clients().desks(&self.hub.id);
        if self.desks != desks {
            self.desks.clone_from(&desks);
            self.meeting.inbox.post(Inbox::Desks(desks));
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
