//! A house with as many meetings as a test asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base::{
    ClientId, CommandKey, Epoch, MeetingId, Mono, RunId, Sequence, SessionId, SourceId, TokenId, VenueId,
    Wall,
};
use directory::policy::Role;
use directory::{Directory, Plan};
use meeting::{Act, Actor, Command, across};
use service::control::{Acked, AskedAt, NotAcked};
use service::port::clock::Clock;
use service::port::directories::{Directories, DirectoriesError, DirectoriesFuture, MeetingRow};
use service::port::hop::{CloseReason, Hop, HopError, MediaTarget, OpenFuture, Sdp, SessionSpec};
use service::port::log::{Log, LogError, LogFuture, OpenedRun, StoredEvent};
use service::port::runs::{Course, RunKind, RunRow, Runs, RunsFuture};
use service::port::unlogged::{Entry, Unlogged, UnloggedFuture};
use service::registry::{Hold, Registry};
use service::task::Ground;
use testing::small;
use tokio::time::Instant;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn id(n: u32) -> MeetingId {
    MeetingId::new(&format!("m{n}")).unwrap()
}

pub(crate) fn run(n: u32) -> RunId {
    RunId::new(&format!("m{n}-held")).unwrap()
}

/// How a log behaves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// It does not open.
    pub(crate) shut: bool,
    /// It takes no batch.
    pub(crate) full: bool,
    /// It takes so long to open or to take a batch.
    pub(crate) takes: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) epoch: Epoch,
    pub(crate) events: Vec<StoredEvent>,
    /// How often it was opened, to write and to read.
    pub(crate) opened: (u32, u32),
    pub(crate) weather: Weather,
}

/// All that the registry stands on.
pub(crate) struct House {
    began: Instant,
    runs: Mutex<BTreeMap<RunId, Stored>>,
    /// How often the plan has changed; it is the title of every meeting.
    pub(crate) plan: Mutex<u32>,
    /// The page of closing acts.
    pub(crate) page: Mutex<Vec<Entry>>,
    /// How long it takes to write into it.
    pub(crate) page_takes: Mutex<Duration>,
    /// What the hop was told, without repeats.
    pub(crate) hop: Mutex<Vec<Told>>,
    /// The next target breaks the task that gives it.
    pub(crate) breaks: Mutex<bool>,
}

/// What the hop was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Target(MeetingId, Epoch),
    Forget(MeetingId, Epoch),
    LetGo(TokenId),
}

impl House {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            runs: Mutex::default(),
            plan: Mutex::default(),
            page: Mutex::default(),
            page_takes: Mutex::default(),
            hop: Mutex::default(),
            breaks: Mutex::default(),
        })
    }

    pub(crate) fn registry(self: &Arc<Self>) -> Registry {
        let ground = Ground {
            log: Arc::clone(self) as Arc<dyn Log>,
            hop: Arc::clone(self) as Arc<dyn Hop>,
            clock: Arc::clone(self) as Arc<dyn Clock>,
            directories: Arc::clone(self) as Arc<dyn Directories>,
            runs: Arc::clone(self) as Arc<dyn Runs>,
            unlogged: Arc::clone(self) as Arc<dyn Unlogged>,
        };
        Registry::new(Arc::new(ground), Arc::clone(self) as Arc<dyn Clock>, [])
    }

    /// The run of a meeting, which is made if need be.
    pub(crate) fn run<T>(&self, n: u32, look: impl FnOnce(&mut Stored) -> T) -> T {
        look(self.runs().entry(run(n)).or_default())
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.hop.lock().unwrap().clone()
    }

    fn tell(&self, told: Told) {
        let mut hop = self.hop.lock().unwrap();
        if hop.last() != Some(&told) {
            hop.push(told);
        }
    }

    pub(crate) fn runs(&self) -> MutexGuard<'_, BTreeMap<RunId, Stored>> {
        self.runs.lock().unwrap()
    }

    fn weather(&self, run: &RunId) -> Weather {
        self.runs().get(run).map(|stored| stored.weather).unwrap_or_default()
    }
}

pub(crate) fn start() -> Act {
    across::Act::Start.into()
}

pub(crate) fn end() -> Act {
    across::Act::End.into()
}

pub(crate) fn slate() -> Act {
    across::Act::Slate.into()
}

/// An act that closes nothing.
pub(crate) fn preview() -> Act {
    Act::Preview(meeting::preview::Act::Set { source: None })
}

pub(crate) fn mute_all() -> Act {
    across::Act::MuteAll.into()
}

/// Gives a command to a meeting that is held.
pub(crate) async fn act(hold: &Hold, key: &str, act: Act) -> Result<Acked, NotAcked> {
    let actor = Actor { role: Role::Director, venue: None, token: TokenId::new("desk").unwrap() };
    hold.meeting.command(Command { key: CommandKey::new(key).unwrap(), actor, act }, AskedAt::NOW).await
}

fn failed(doing: &'static str) -> LogError {
    LogError::Store { doing, why: base::LogCause::DiskFull, cause: "the disk is full".into() }
}

impl Unlogged for House {
    fn put(&self, entry: Entry) -> UnloggedFuture<'_, ()> {
        let takes = *self.page_takes.lock().unwrap();
        Box::pin(async move {
            tokio::time::sleep(takes).await;
            self.page.lock().unwrap().push(entry);
            Ok(())
        })
    }

    fn all(&self, run: &RunId) -> UnloggedFuture<'_, Vec<Entry>> {
        let of_run = self.page.lock().unwrap().iter().filter(|entry| entry.run == *run).cloned().collect();
        Box::pin(async { Ok(of_run) })
    }

    fn clear(&self, run: &RunId) -> UnloggedFuture<'_, ()> {
        self.page.lock().unwrap().retain(|known| known.run != *run);
        Box::pin(async { Ok(()) })
    }
}

impl Log for House {
    fn open(&self, run: &RunId) -> LogFuture<'_, OpenedRun> {
        let run = run.clone();
        Box::pin(async move {
            let weather = self.weather(&run);
            tokio::time::sleep(weather.takes).await;
            if weather.shut {
                return Err(failed("open"));
            }
            let mut runs = self.runs();
            let stored = runs.get_mut(&run).ok_or(LogError::NoRun(run))?;
            stored.opened.0 += 1;
            stored.epoch = stored.epoch.next();
            Ok(OpenedRun::whole(stored.epoch, stored.events.clone()))
        })
    }

    fn open_to_read(&self, run: &RunId) -> LogFuture<'_, OpenedRun> {
        let run = run.clone();
        Box::pin(async move {
            let mut runs = self.runs();
            let stored = runs.get_mut(&run).ok_or(LogError::NoRun(run))?;
            stored.opened.1 += 1;
            Ok(OpenedRun::whole(stored.epoch, stored.events.clone()))
        })
    }

    fn append(&self, run: &RunId, epoch: Epoch, events: Vec<StoredEvent>) -> LogFuture<'_, ()> {
        let run = run.clone();
        Box::pin(async move {
            let weather = self.weather(&run);
            tokio::time::sleep(weather.takes).await;
            if weather.full {
                return Err(failed("append"));
            }
            let mut runs = self.runs();
            let stored = runs.get_mut(&run).ok_or(LogError::NoRun(run))?;
            assert_eq!(epoch, stored.epoch, "an old task writes");
            stored.events.extend(events);
            Ok(())
        })
    }

    fn read(&self, _: &RunId, _: Sequence, _: u32) -> LogFuture<'_, Vec<StoredEvent>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl Runs for House {
    fn add_run(&self, id: RunId, _: MeetingId, _: RunKind, _: Wall) -> RunsFuture<'_, ()> {
        self.runs().entry(id).or_default();
        Box::pin(async { Ok(()) })
    }

    fn runs(&self, _: &MeetingId) -> RunsFuture<'_, Vec<RunRow>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn course(&self, run: &RunId) -> RunsFuture<'_, Option<Course>> {
        let course = self.runs().get(run).map(|stored| {
            let known = stored.events.iter().rev().find_map(|event| Course::after(&event.kind, event.ver));
            known.unwrap_or(Course::Prepared)
        });
        Box::pin(async move { Ok(course) })
    }

    fn unclosed(&self) -> RunsFuture<'_, Vec<MeetingId>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl Directories for House {
    fn directory(&self) -> DirectoriesFuture<'_, Option<Directory>> {
        Box::pin(async { Ok(Some(small::directory())) })
    }

    fn load(&self, meeting: &MeetingId) -> DirectoriesFuture<'_, (Directory, Plan)> {
        let id = meeting.clone();
        let title = self.plan.lock().unwrap().to_string();
        Box::pin(async move {
            if id.as_str() == "m0" {
                return Err(DirectoriesError::NoMeeting(id));
            }
            let title = base::Text::new(title.as_str(), title.as_str());
            Ok((small::directory(), Plan { id, title, ..small::plan() }))
        })
    }

    fn meetings(&self) -> DirectoriesFuture<'_, Vec<MeetingRow>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn fits(&self, _: &Directory, _: &MeetingId) -> DirectoriesFuture<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn replace(&self, _: Directory, _: Plan) -> DirectoriesFuture<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl Clock for House {
    fn mono(&self) -> Mono {
        Mono(u64::try_from(self.began.elapsed().as_micros()).unwrap())
    }

    fn wall(&self) -> Wall {
        small::START + self.began.elapsed()
    }
}

impl Hop for House {
    fn open(&self, _: SessionSpec, _: Sdp) -> OpenFuture<'_> {
        Box::pin(async { Err(HopError::Stopped) })
    }

    fn admit(&self, _: SessionId) {}

    fn close(&self, _: SessionId, _: CloseReason) {}

    fn close_token(&self, token: &TokenId) {
        self.tell(Told::LetGo(token.clone()));
    }

    fn close_gates(&self, _: &MeetingId, _: Epoch, _: Sequence, _: &[VenueId]) {}

    fn forget(&self, meeting: &MeetingId, epoch: Epoch) {
        self.tell(Told::Forget(meeting.clone(), epoch));
    }

    fn views(&self, _: &MeetingId, _: &ClientId, _: Vec<Option<SourceId>>) {}

    fn apply(&self, meeting: &MeetingId, epoch: Epoch, _: Sequence, _: MediaTarget) {
        if std::mem::take(&mut *self.breaks.lock().unwrap()) {
            panic!("the task breaks, as it should");
        }
        self.tell(Told::Target(meeting.clone(), epoch));
    }
}
