//! One task per meeting publishes its views to all clients.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use base::{MeetingId, Mono, VenueId};
use screen::levels;
use screen::mirror::Mirror;
use service::control::{Inbox, Levels, Meeting, Moment};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, MissedTickBehavior};

use crate::shared::{Shared, stopped};

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
    mirror: RwLock<Mirror>,
    /// The present revision; a change of it wakes the connections.
    pub(crate) rev: watch::Sender<u64>,
    /// The last frame of levels.
    pub(crate) levels: watch::Sender<Arc<[u8]>>,
    /// What the pages of venues report of their microphones.
    pages: Mutex<BTreeMap<VenueId, u8>>,
}

/// The hubs of all meetings.
#[derive(Debug, Default)]
pub(crate) struct Hubs(RwLock<BTreeMap<MeetingId, Arc<Hub>>>);

impl Hubs {
    /// The hub of a meeting. The first who asks starts it.
    pub(crate) fn of(&self, shared: &Arc<Shared>, meeting: &Meeting) -> Arc<Hub> {
        if let Some(hub) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&meeting.id) {
            return Arc::clone(hub);
        }
        let mut hubs = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let start = || Hub::start(Arc::clone(shared), meeting.clone());
        Arc::clone(hubs.entry(meeting.id.clone()).or_insert_with(start))
    }

    /// Ends a hub that nobody but its task has; not one that somebody still looks at.
    fn end(&self, hub: &Arc<Hub>) -> bool {
        let mut hubs = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // One is here, one is the task's. Another can come only through this map.
        let unused = Arc::strong_count(hub) <= 2;
        if unused {
            hubs.remove(&hub.id);
        }
        unused
    }
}

impl Hub {
    fn start(shared: Arc<Shared>, meeting: Meeting) -> Arc<Self> {
        let mut mirror = Mirror::new();
        let moment = meeting.moment.borrow().clone();
        mirror.update(shared.mono(), &moment);
        let hub = Arc::new(Self {
            id: meeting.id.clone(),
            rev: watch::Sender::new(mirror.rev()),
            mirror: RwLock::new(mirror),
            levels: watch::Sender::new(levels::frame(&moment, &BTreeMap::new(), &BTreeMap::new()).into()),
            pages: Mutex::default(),
        });
        tokio::spawn(Publishing::new(shared, Arc::clone(&hub), meeting).run());
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
    pub(crate) fn refresh(&self, shared: &Shared) {
        if let Some(meeting) = shared.meetings.loaded(&self.id) {
            let moment = meeting.moment.borrow().clone();
            self.publish(shared.mono(), &moment);
        }
    }

    fn publish(&self, now: Mono, moment: &Moment) {
        let mut mirror = self.mirror.write().unwrap_or_else(PoisonError::into_inner);
        if mirror.update(now, moment) {
            self.rev.send_replace(mirror.rev());
        }
    }
}

/// The task of a hub.
struct Publishing {
    shared: Arc<Shared>,
    hub: Arc<Hub>,
    meeting: Meeting,
    heard: broadcast::Receiver<Levels>,
    last: Option<(Instant, Levels)>,
    clients: u32,
}

impl Publishing {
    fn new(shared: Arc<Shared>, hub: Arc<Hub>, meeting: Meeting) -> Self {
        let heard = meeting.levels.subscribe();
        Self { shared, hub, meeting, heard, last: None, clients: 0 }
    }

    async fn run(mut self) {
        let mut stop = self.shared.stop.clone();
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
                    Err(_) => match self.again(self.shared.stop.clone()).await {
                        Some(meeting) => {
                            self.follow(meeting);
                            fresh = true;
                        }
                        None => return,
                    },
                },
                () = sleep_until(due) => {
                    let moment = self.meeting.moment.borrow_and_update().clone();
                    self.hub.publish(self.shared.mono(), &moment);
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
        self.hub.mirror().deadline().map(|at| self.shared.instant(at))
    }

    fn follow(&mut self, meeting: Meeting) {
        self.heard = meeting.levels.subscribe();
        self.meeting = meeting;
        self.clients = 0;
    }

    /// The meeting has another task by now, which is followed from here on.
    fn moved(&mut self) -> bool {
        match self.shared.meetings.loaded(&self.hub.id) {
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
            if self.shared.hubs.end(&self.hub) {
                return None;
            }
            tokio::select! {
                () = stopped(&mut stop) => return None,
                () = tokio::time::sleep(RETRY_EVERY) => {}
            }
            if let Some(meeting) = self.shared.meetings.loaded(&self.hub.id)
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
        let clients = u32::try_from(self.shared.clients().count(&self.hub.id)).unwrap_or(u32::MAX);
        if std::mem::replace(&mut self.clients, clients) != clients {
            self.meeting.inbox.post(Inbox::Clients(clients));
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
