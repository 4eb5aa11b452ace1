//! `onehall serve`: composition. Opens the data folder, starts the media plane and the meetings' tasks, and serves HTTP.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base::{MeetingId, RunId, TokenId};
use directory::policy::Role;
use http::CONNECTIONS_MAX;
use meeting::{Act, Actor, Command, Phase, across};
use meeting_file::Files;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use service::control::{AskedAt, NotAcked};
use service::office::apply::{Loaded, Office};
use service::office::links::Issuer;
use service::port::hop::{Fact, Hop, HopReport, HopReports, What};
use service::registry::Registry;
use service::task::Ground;
use service::token::TokenKey;
use store_sqlite::{ClosedPage, Opening, Store};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wire::ReadyLine;

use crate::cli::{DataArgs, ServeArgs};
use crate::clock::Clock;
use crate::config::Config;
use crate::random::{random_text, token_id};
use crate::ready;
use crate::server_file::ServerFile;
use crate::stop::{stopped, told};

/// Keyed so that a second start of the server does not start the meeting again.
const START_KEY: &str = "start-once";

/// Runs the server until it is interrupted.
///
/// # Errors
/// What keeps it from starting, or a listener that fails.
pub async fn run(args: &ServeArgs) -> Result<()> {
    let config = config(args)?;
    let files_max = raise_open_files();
    let clock = Clock::start();
    let store = open(args, &config).await?;
    let listener = tokio::net::TcpListener::bind(config.http.listen)
        .await
        .with_context(|| format!("HTTP cannot listen on {}", config.http.listen))?;
    let listen = listener.local_addr()?;
    let (hop, events) = start_media(&config, &clock)?;
    let media_port = hop.port();
    let hop: Arc<dyn Hop> = Arc::new(hop);

    let page = ClosedPage::open(&config.data).context("the page of closing acts cannot be opened")?;
    let keeping = tokio::spawn(page.clone().keep());
    let meetings = registry(&store, page, &hop, clock).await?;
    let server = Server { store, meetings };
    server.load_unclosed().await?;
    server.load_accepted(&args.accept_loss).await?;
    let issuer = issuer(&server.store, &clock, config.base_url(listen));
    let loaded: Arc<dyn Loaded> = Arc::new(server.meetings.clone());
    let office = Arc::new(Office::new(Arc::new(server.store.clone()), issuer.clone(), Some(loaded)));
    let (sessions, session_events) = mpsc::unbounded_channel();
    let noting = tokio::spawn(note_used(server.store.clone(), server.meetings.clone()));
    let mut routing = tokio::spawn(route(events, server.meetings.clone(), sessions));

    let stopped = stopped()?;
    let file =
        ServerFile { pid: std::process::id(), http: listen, media_port, office: random_text("office-") };
    file.write(&config.data)
        .with_context(|| format!("the data folder {} cannot be written", config.data.display()))?;
    let (stop, stopping) = oneshot::channel::<()>();
    let http = http::serve(
        listener,
        http::Config {
            meetings: server.meetings.clone(),
            hop,
            key: TokenKey::new(server.store.token_key()),
            boot: random_text("b"),
            origins: origins(&config),
            clock: Arc::new(clock),
            proxies: config.http.proxies.clone(),
            connections_max: connections_max(files_max),
            events: session_events,
            admin: Some(file.office.clone()),
            office: Some(Arc::new(Files::new(Arc::clone(&office)))),
            links: Some(office),
        },
        async move {
            // Either somebody says so, or nobody can any more.
            let _ = stopping.await;
        },
    );
    let served = tokio::spawn(http);

    if args.start {
        server.start_meeting(args.meeting.as_ref()).await?;
    }
    tell(args, &server.ready_line(args.meeting.as_ref(), &issuer, &config).await?, media_port)?;
    let deaf = told_or_deaf(told(stopped, args.with_parent), &mut routing).await?;
    // The receiver is gone only if HTTP has ended by itself, which the join tells.
    let _ = stop.send(());
    served.await?.context("HTTP ended")?;
    // The media plane ends with the last meeting, which is no fault then.
    routing.abort();
    noting.abort();
    // While it has the folder still: afterwards these may be another server's.
    ServerFile::remove(&config.data);
    server.close().await;
    keeping.abort();
    ensure!(!deaf, "the media plane has ended, and the server with it");
    Ok(())
}

/// Waits until the process is told to end, or until the media plane has ended by itself, which is true: whoever started the server starts it again.
async fn told_or_deaf(told: impl Future<Output = Result<()>>, routing: &mut JoinHandle<()>) -> Result<bool> {
    tokio::select! {
        told = told => told.map(|()| false),
        _ = routing => Ok(true),
    }
}

async fn open(args: &ServeArgs, config: &Config) -> Result<Store> {
    let opening = Opening {
        new_token_key: args.new_token_key,
        accept_loss: args.accept_loss.iter().cloned().collect(),
    };
    Store::open_as(&config.data, opening).await.context("the data folder cannot be opened")
}

/// Files that a meeting of hundreds of rooms opens: each page is a connection or two.
const OPEN_FILES_WANTED: u64 = 10_000;

/// Systems give a process few open files and let it ask for more, up to a limit of theirs, if they have one.
fn raise_open_files() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    if let Err(error) = &raised {
        tracing::warn!(%error, ?current, "the limit of open files stays as it is");
    }
    let most = if raised.is_ok() { maximum } else { current };
    if let Some(most) = most.filter(|most| *most < OPEN_FILES_WANTED) {
        tracing::warn!(
            most,
            wanted = OPEN_FILES_WANTED,
            "few open files are allowed; clients beyond that must wait"
        );
    }
    most
}

/// Connections for which there are files: what is open now stays open, and the log and the meetings that are opened later have some of their own.
fn connections_max(files_max: Option<u64>) -> usize {
    let Some(most) = files_max.and_then(|most| usize::try_from(most).ok()) else { return CONNECTIONS_MAX };
    // Where that cannot be read, it is about what a server with one meeting has open.
    let open = std::fs::read_dir("/proc/self/fd").map_or(32, Iterator::count);
    let kept = (most / 8).clamp(8, 64);
    most.saturating_sub(open + kept).clamp(1, CONNECTIONS_MAX)
}

/// How often it is noted which links were used: one small commit for all of them.
const NOTE_USED_EVERY: Duration = Duration::from_secs(60);
/// How long meetings, and then the database, may take to end when the server stops.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// What the server is made of.
struct Server {
    /// The data folder.
    store: Store,
    /// The meetings.
    meetings: Registry,
}

impl Server {
    /// Loads what is under way: its rooms are on their way back. One meeting's trouble stays that meeting's: the server's log names it, and
    /// it is tried again by whoever asks for it.
    async fn load_unclosed(&self) -> Result<()> {
        for id in self.store.unclosed().await? {
            if let Err(why) = self.meetings.hold_patiently(&id).await {
                tracing::error!(meeting = %id, %why, "this meeting is under way and cannot be loaded; the others go on");
            }
        }
        Ok(())
    }

    /// Loads the meetings whose loss is accepted, so that their logs say so now and need not be told again.
    async fn load_accepted(&self, runs: &[RunId]) -> Result<()> {
        for run in runs {
            let Some(meeting) = self.store.meeting_of(run).await? else {
                let nearest =
                    self.nearest_run(run).await?.map(|nearest| format!("; the nearest run is {nearest}"));
                bail!(
                    "--accept-loss: there is no run {run} in the data folder{}",
                    nearest.unwrap_or_default()
                );
            };
            let held = self.meetings.hold_patiently(&meeting).await;
            drop(held.with_context(|| format!("--accept-loss: meeting {meeting} cannot be loaded"))?);
        }
        Ok(())
    }

    /// The run of the data folder whose id is most like that one.
    async fn nearest_run(&self, given: &RunId) -> Result<Option<RunId>> {
        let mut runs = Vec::new();
        for meeting in self.store.meetings().await? {
            runs.extend(self.store.runs(&meeting.id).await?.into_iter().map(|run| run.id));
        }
        let likeness = |run: &RunId| strsim::jaro_winkler(run.as_str(), given.as_str());
        Ok(runs.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))))
    }

    /// Ends all meetings and closes the data folder, so that one file is all there is of them.
    async fn close(self) {
        if timeout(CLOSE_WITHIN, self.meetings.close()).await.is_err() {
            tracing::warn!("a meeting does not end: what it has in hand is not awaited");
        }
        if let Err(error) = self.store.note_used(self.meetings.take_used()).await {
            tracing::warn!(%error, "when links were last used is not noted");
        }
        if timeout(CLOSE_WITHIN, self.store.close()).await.is_err() {
            tracing::warn!(
                "the database does not close: what was acknowledged is in onehall.db and onehall.db-wal together"
            );
        }
    }

    /// The meeting that is meant: the named one, or the only one.
    async fn meant(&self, named: Option<&MeetingId>) -> Result<Option<MeetingId>> {
        let rows = self.store.meetings().await?;
        match (named, rows.as_slice()) {
            (Some(id), _) if rows.iter().any(|row| row.id == *id) => Ok(Some(id.clone())),
            (Some(id), _) => bail!("there is no meeting {id} in the data folder"),
            (None, [only]) => Ok(Some(only.id.clone())),
            (None, _) => Ok(None),
        }
    }

    /// Starts a meeting whose run was never started.
    async fn start_meeting(&self, named: Option<&MeetingId>) -> Result<()> {
        let Some(id) = self.meant(named).await? else { bail!("which meeting is to start is not clear") };
        let held = self.meetings.hold_patiently(&id).await;
        let hold = held.with_context(|| format!("meeting {id} cannot be loaded"))?;
        if hold.meeting.moment.borrow().state.phase() != Phase::Waiting {
            return Ok(());
        }
        let actor = Actor {
            role: Role::Director,
            venue: None,
            token: TokenId::new("server").context("a plain word is an id")?,
        };
        let key = base::CommandKey::new(START_KEY).context("a plain word is a key")?;
        let command = Command { key, actor, act: Act::Across(across::Act::Start) };
        match hold.meeting.command(command, AskedAt::NOW).await {
            Ok(_) | Err(NotAcked::Refused(_)) => Ok(()),
            Err(NotAcked::Busy | NotAcked::Unconfirmed | NotAcked::ClosedUnlogged(_)) => {
                bail!("the meeting did not start: its log does not take anything now")
            }
        }
    }

    async fn ready_line(
        &self,
        named: Option<&MeetingId>,
        issuer: &Issuer,
        config: &Config,
    ) -> Result<ReadyLine> {
        let data = config.data.canonicalize()?.display().to_string();
        match self.meant(named).await? {
            Some(id) => {
                let (directory, plan) = self.store.load(&id).await?;
                let links = issuer.links(&plan.id, &plan.venues).await?;
                Ok(ready::of_meeting(&links, &directory, &plan, data))
            }
            None => Ok(ready::of_none(&issuer.base, data)),
        }
    }
}

/// Who gives out the links of this store. They begin with `base`.
pub fn issuer(store: &Store, clock: &Clock, base: String) -> Issuer {
    Issuer {
        tokens: Arc::new(store.clone()),
        key: TokenKey::new(store.token_key()),
        clock: Arc::new(*clock),
        fresh_id: token_id,
        base,
    }
}

/// The configuration that file and command line amount to.
///
/// # Errors
/// If the file is not taken.
pub fn config(args: &ServeArgs) -> Result<Config> {
    let mut config = DataArgs { config: args.config.clone(), data: args.data.clone() }.config()?;
    if let Some(address) = args.address {
        config.http.listen = address;
    }
    if let Some(port) = args.media_port {
        config.media.port = port;
    }
    Ok(config)
}

impl DataArgs {
    /// The configuration of the server whose data is meant.
    ///
    /// # Errors
    /// If the file is not taken.
    pub fn config(&self) -> Result<Config> {
        let mut config = match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        };
        if let Some(data) = &self.data {
            config.data.clone_from(data);
        }
        Ok(config)
    }
}

/// Origins besides the one that a request names as its host: behind a proxy that is the outer one.
fn origins(config: &Config) -> Vec<String> {
    let outer = config.http.public_url.iter().map(|url| url.trim_end_matches('/').to_owned());
    config.http.origins.iter().cloned().chain(outer).collect()
}

fn start_media(config: &Config, clock: &Clock) -> Result<(media_net::Node, HopReports)> {
    let addresses = (!config.media.addresses.is_empty()).then(|| config.media.addresses.clone());
    let started = clock.instant(base::Mono(0));
    let media =
        media_net::Config { port: config.media.port, addresses, started, ..media_net::Config::default() };
    media_net::start(&media).context("the media plane cannot be started")
}

/// The registry of a data folder's meetings.
async fn registry(store: &Store, page: ClosedPage, hop: &Arc<dyn Hop>, clock: Clock) -> Result<Registry> {
    let clock = Arc::new(clock);
    let revoked = store.revoked().await?;
    let store = Arc::new(store.clone());
    let ground = Ground {
        log: Arc::clone(&store) as _,
        hop: Arc::clone(hop),
        clock: Arc::clone(&clock) as _,
        directories: Arc::clone(&store) as _,
        runs: store,
        unlogged: Arc::new(page),
    };
    Ok(Registry::new(Arc::new(ground), clock, revoked))
}

/// Notes now and then which links were used.
async fn note_used(store: Store, meetings: Registry) {
    loop {
        tokio::time::sleep(NOTE_USED_EVERY).await;
        let used = meetings.take_used();
        if !used.is_empty()
            && let Err(error) = store.note_used(used).await
        {
            tracing::warn!(%error, "when links were last used is not noted");
        }
    }
}

/// Brings each report of the hop to the mailbox of its meeting, and those of sessions to HTTP too. It waits for nobody but the hop (R18).
async fn route(mut reports: HopReports, meetings: Registry, sessions: mpsc::UnboundedSender<Fact>) {
    while let Some(report) = reports.recv().await {
        if let HopReport::Of { what: What::Fact(fact @ Fact::Session { .. }), .. } = &report {
            // HTTP may have ended already.
            let _ = sessions.send(fact.clone());
        }
        meetings.deliver(report);
    }
    tracing::error!("the media plane has ended");
}

#[expect(clippy::print_stdout, reason = "the ready line is what standard output is for")]
fn tell(args: &ServeArgs, ready: &ReadyLine, media_port: u16) -> Result<()> {
    if args.json {
        println!("{}", serde_json::to_string(ready)?);
    } else {
        // What is behind # lets its bearer in, and this line is kept by whoever keeps the log.
        let desk = ready.desk.as_deref().and_then(|desk| desk.split('#').next());
        let desk = desk.unwrap_or("(no single meeting)");
        tracing::info!(api = %ready.api, media_port, desk, data = %ready.data, "ready");
    }
    Ok(())
}
