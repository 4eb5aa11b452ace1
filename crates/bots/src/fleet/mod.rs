//! Many bots over real sockets in one process: every venue of a meeting publishes, watches and is connected to control, and
//! as many plain players watch as are wanted.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let line = String::new();
//! let ready: wire::ReadyLine = serde_json::from_str(&line)?;
//! let fleet = bots::fleet::Fleet::start(&ready, bots::fleet::FleetOptions::default())?;
//! // … the meeting …
//! fleet.stop();
//! # Ok(()) }
//! ```

mod control;
mod http;
mod media;
pub mod script;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base::random::Random;
use base::{ClientId, Mono, SourceId, VenueId};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use wire::{CameraReport, Codec, ReadyLine, ReadyVenue};

use crate::bot::{Bot, BotSpec, Leg};
use crate::clip::{self, Clips, Coding, Picture};
use crate::control::{Control, ControlSpec, Whims};
use crate::publish::Sent;
use crate::watch::{HALL, Lines, PLAIN, Slot, SlotCount};
use media::{Addresses, Media, lock};

pub use http::HttpError;

/// Plain players of one fleet.
pub const WATCHERS_MAX: usize = 4_000;
/// Longest farewell of a fleet that stops.
const STOP_MAX: Duration = Duration::from_secs(3);

/// What a fleet is to be.
#[derive(Debug, Clone)]
pub struct FleetOptions {
    /// The same seed gives the same whims, pauses and stream numbers.
    pub seed: u64,
    /// Venues that people bring.
    pub without: BTreeSet<VenueId>,
    /// Venues that publish and watch, the first by rank; the others have only control.
    pub media_max: usize,
    /// What the cameras give.
    pub picture: Picture,
    /// Venues whose microphone sends whatever its gate.
    pub hostile: BTreeSet<VenueId>,
    /// Whether and how often venues ask to speak.
    pub whims: Option<Whims>,
    /// Plain players of the programme, besides.
    pub watchers: usize,
    /// What a plain player offers.
    pub watcher_lines: Lines,
    /// Threads that carry it all.
    pub threads: usize,
    /// When its time began; when it starts, if that is not said. Fleets that have it in common can compare their times.
    pub began: Option<Instant>,
}

impl Default for FleetOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            without: BTreeSet::new(),
            media_max: usize::MAX,
            picture: Picture::Room,
            hostile: BTreeSet::new(),
            whims: Some(Whims::DEMO),
            watchers: 0,
            watcher_lines: PLAIN,
            threads: 1,
            began: None,
        }
    }
}

/// Why a fleet could not start.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The ready line has no meeting.
    #[error("the server that is ready has no meeting")]
    NoMeeting,
    /// More plain players than the limit.
    #[error("{0} watchers were asked for, at most {WATCHERS_MAX} are made")]
    TooManyWatchers(usize),
    /// The threads could not be made.
    #[error("the threads of the bots could not be started")]
    Threads(#[source] std::io::Error),
}

/// A running fleet. Dropped, it stops without a word; [`stop`](Self::stop) says farewell.
pub struct Fleet {
    runtime: Option<Runtime>,
    clock: Clock,
    life: u64,
    members: Vec<Member>,
}

struct Member {
    venue: Option<VenueId>,
    bot: Arc<Mutex<Bot>>,
    sight: Arc<Sight>,
    orders: watch::Sender<Orders>,
    tasks: Vec<JoinHandle<()>>,
}

/// What a bot is doing now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotReport {
    /// Its venue; none for a plain player.
    pub venue: Option<VenueId>,
    /// Its control connection is up and welcomed.
    pub online: bool,
    /// Its name on the control connection.
    pub client: Option<ClientId>,
    /// Its microphone's gate, as it was told.
    pub gate: bool,
    /// Sessions that are connected.
    pub connected: BTreeSet<Leg>,
    /// What each slot has received since its session was last opened.
    pub slots: BTreeMap<Slot, SlotCount>,
    /// What each camera position has sent since its session was last opened.
    pub sent: BTreeMap<u8, Sent>,
}

/// What the control side tells the media side.
#[derive(Debug, Clone, Default)]
pub(crate) struct Orders {
    /// Open sessions with that life of the server, in that codec.
    pub(crate) open: Option<(String, Codec)>,
    pub(crate) client: Option<String>,
    pub(crate) gate: bool,
    pub(crate) replaced: BTreeSet<SourceId>,
    pub(crate) stop: bool,
}

/// What can be seen of a control connection from outside.
#[derive(Debug, Default)]
pub(crate) struct Sight(Mutex<Seen>);

#[derive(Debug, Clone, Default)]
struct Seen {
    online: bool,
    gate: bool,
    client: Option<ClientId>,
}

impl Sight {
    pub(crate) fn online(&self, online: bool) {
        self.look().online = online;
    }

    pub(crate) fn gate(&self, open: bool) {
        self.look().gate = open;
    }

    pub(crate) fn client(&self, client: &ClientId) {
        self.look().client = Some(client.clone());
    }

    fn look(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Time since the fleet began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn now(self) -> Mono {
        Mono(u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX))
    }
}

impl Fleet {
    /// Starts bots for the meeting of a ready line. They come by themselves, and come back by themselves.
    ///
    /// # Errors
    /// [`FleetError`], if there is no meeting or too much is asked for.
    pub fn start(ready: &ReadyLine, options: FleetOptions) -> Result<Self, FleetError> {
        let (Some(_), Some(whep), Some(tokens)) = (&ready.meeting, &ready.whep, &ready.tokens) else {
            return Err(FleetError::NoMeeting);
        };
        if options.watchers > WATCHERS_MAX {
            return Err(FleetError::TooManyWatchers(options.watchers));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(options.threads.max(1))
            .thread_name("bots")
            .enable_all()
            .build()
            .map_err(FleetError::Threads)?;
        let life = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64);
        let mut fleet = Self {
            runtime: None,
            clock: Clock(options.began.unwrap_or_else(Instant::now)),
            life,
            members: Vec::new(),
        };
        let seeds = Random::new(options.seed);
        let address = format!("{}/ws", ready.api.replacen("http", "ws", 1));
        let bots = ready.venues.len();
        {
            let _inside = runtime.enter();
            for (index, venue) in ready.venues.iter().enumerate() {
                if !options.without.contains(&venue.id) {
                    let rng = seeds.fork(index as u64);
                    fleet.members.push(fleet.venue(venue, index, bots, &address, &options, rng));
                }
            }
            for index in 0..options.watchers {
                let rng = seeds.fork((bots + index) as u64);
                fleet.members.push(fleet.watcher(whep, &tokens.watcher, options.watcher_lines, rng));
            }
        }
        fleet.runtime = Some(runtime);
        Ok(fleet)
    }

    /// Time since the fleet began, by which the reports count.
    #[must_use]
    pub fn now(&self) -> Mono {
        self.clock.now()
    }

    /// What every bot is doing now: venues in rank order, then plain players.
    #[must_use]
    pub fn reports(&self) -> Vec<BotReport> {
        self.members.iter().map(Member::report).collect()
    }

    /// What the bot of a venue is doing now.
    #[must_use]
    pub fn report(&self, venue: &VenueId) -> Option<BotReport> {
        self.members.iter().find(|m| m.venue.as_ref() == Some(venue)).map(Member::report)
    }

    /// Ends every session with a farewell to the server, and waits for it up to three seconds.
    pub fn stop(mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        let tasks: Vec<JoinHandle<()>> = self
            .members
            .drain(..)
            .flat_map(|member| {
                member.orders.send_modify(|o| o.stop = true);
                member.tasks
            })
            .collect();
        let all = async {
            for task in tasks {
                // A task that panicked has nothing left to say.
                drop(task.await);
            }
        };
        // On a thread of its own, since the caller may be an async task, where nothing may block on a runtime.
        let wait = std::thread::spawn(move || {
            runtime.block_on(async { drop(tokio::time::timeout(STOP_MAX, all).await) });
            runtime.shutdown_background();
        });
        drop(wait.join());
    }

    fn venue(
        &self,
        venue: &ReadyVenue,
        index: usize,
        bots: usize,
        address: &str,
        options: &FleetOptions,
        mut rng: Random,
    ) -> Member {
        let number = u16::try_from(index % usize::from(clip::VENUES)).unwrap_or(0) + 1;
        let hostile = options.hostile.contains(&venue.id);
        let media = index < options.media_max;
        let picture = options.picture;
        let spec = BotSpec { number, codec: Codec::Vp8, picture, hostile, lines: HALL, seed: rng.bits() };
        let bot = Arc::new(Mutex::new(Bot::new(spec)));
        let sight = Arc::new(Sight::default());
        let (orders, taken) = watch::channel(Orders::default());
        let control = ControlSpec {
            venue: venue.id.clone(),
            token: venue.token.clone(),
            whims: options.whims.map(|whims| whims.among(bots)),
            hostile,
            camera: if media { camera(number) } else { None },
            seed: rng.bits(),
            life: self.life,
        };
        let control = Control::new(self.clock.now(), control);
        let (seed, speaker) = (Random::new(rng.bits()), orders.clone());
        let connection =
            control::run(address.to_owned(), control, self.clock, seed, speaker.clone(), sight.clone());
        let mut tasks = vec![tokio::spawn(until_stopped(speaker, connection))];
        if media {
            let cameras = if number == 1 { usize::from(clip::MAIN_CAMERAS) } else { 1 };
            let publish =
                venue.sources.iter().take(cameras).map(|s| (s.id.clone(), s.whip.clone())).collect();
            let watch = http::with_query(&venue.whep, "page=hall");
            let addresses = Addresses { publish, watch, token: venue.token.clone() };
            let machine = Media::new(addresses, bot.clone(), self.clock, rng);
            tasks.push(tokio::spawn(machine.run(taken)));
        }
        Member { venue: Some(venue.id.clone()), bot, sight, orders, tasks }
    }

    fn watcher(&self, whep: &str, token: &str, lines: Lines, mut rng: Random) -> Member {
        let spec = BotSpec {
            number: 1,
            codec: Codec::Vp8,
            picture: Picture::Room,
            hostile: false,
            lines,
            seed: rng.bits(),
        };
        let bot = Arc::new(Mutex::new(Bot::new(spec)));
        // A plain player has no control connection; its sessions come back when they fall silent.
        let open = Some((String::new(), Codec::Vp8));
        let (orders, taken) = watch::channel(Orders { open, ..Orders::default() });
        let addresses = Addresses { publish: Vec::new(), watch: whep.to_owned(), token: token.to_owned() };
        let machine = Media::new(addresses, bot.clone(), self.clock, rng);
        let tasks = vec![tokio::spawn(machine.run(taken))];
        Member { venue: None, bot, sight: Arc::default(), orders, tasks }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Fleet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fleet").field("bots", &self.members.len()).finish_non_exhaustive()
    }
}

impl Member {
    fn report(&self) -> BotReport {
        let Seen { online, gate, client } = self.sight.look().clone();
        let bot = lock(&self.bot);
        let legs = (0..clip::MAIN_CAMERAS).map(Leg::Publish).chain([Leg::Watch]);
        BotReport {
            venue: self.venue.clone(),
            online,
            client,
            gate,
            connected: legs.filter(|leg| bot.connected(*leg)).collect(),
            slots: bot.slots().map(|(slot, count)| (slot, count.clone())).collect(),
            sent: (0..clip::MAIN_CAMERAS).filter_map(|c| Some((c, bot.sent(c)?.clone()))).collect(),
        }
    }
}

async fn until_stopped(orders: watch::Sender<Orders>, work: impl Future<Output = ()>) {
    let mut stop = orders.subscribe();
    tokio::select! {
        () = work => {}
        _ = stop.wait_for(|o| o.stop) => {}
    }
}

fn camera(number: u16) -> Option<CameraReport> {
    let layers = Clips::embedded(Coding::Vp8).layers(number, 0);
    let top = layers.last()?;
    let fps = u32::try_from(1_000_000 / top.frame_us().max(1)).unwrap_or(0);
    Some(CameraReport { width: u32::from(top.width), height: u32::from(top.height), fps })
}
