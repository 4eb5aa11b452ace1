//! `onehall bench`: what forwarding costs, beside the floor of this machine in the same run. `docs/performance.md` has the method.
//!
//! For each number of watchers a server of its own is started; the main venue publishes its two camera positions in three layers, and the
//! watchers are plain players: real ICE, DTLS and SRTP over loopback, every packet counted by the clip that it is from.

mod cores;
mod floods;
mod floor;
mod gate;
mod process;
mod server;
mod table;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base::{Mono, VenueId};
use bots::fleet::{BotReport, Fleet, FleetOptions};
use bots::{Delays, Picture, Slot};

use crate::args::BenchArgs;
use cores::Cores;
use floor::Floor;
use server::Server;
use table::{Table, tell};

/// How long anything that must happen may take.
const WITHIN: Duration = Duration::from_secs(60);
/// Time between the last watcher's first picture and the window.
const SETTLE: Duration = Duration::from_secs(3);
/// Takes whose delay is measured.
const TAKES: u32 = 20;

/// What one number of watchers cost.
#[derive(Debug)]
struct Row {
    /// CPU of the server per packet that reached a watcher, nanoseconds.
    packet_ns: f64,
    /// Packets that reached watchers in a second.
    packets_per_second: f64,
    /// Packets that are missing, per million.
    missing_ppm: f64,
    /// Resident memory of the server per watcher, KiB.
    memory_kib: f64,
    /// CPU of the server to admit a watcher: ICE, DTLS, SDP and its first packets, milliseconds.
    admit_cpu_ms: f64,
    /// From the first request to a picture at every watcher, milliseconds.
    admit_all_ms: f64,
    /// From the acknowledgement of a take to `shown`, milliseconds, median and 95th percentile.
    shown_ms: (f64, f64),
    /// From the sending of a take to its picture at a watcher, milliseconds, median and 95th percentile of all watchers and takes.
    picture_ms: (f64, f64),
    /// The same until the last packet of its key frame has come.
    whole_ms: (f64, f64),
    /// From the sending of a frame to the arrival of its last packet at a watcher, milliseconds, median and 99th percentile. What the watchers themselves
    /// are late by is in it.
    delay_ms: (f64, f64),
    /// Time that a hypervisor took from this machine in the window, per cent. It is told, and no window is left out for it.
    stolen_percent: f64,
}

/// Runs the bench and prints its table.
///
/// # Errors
/// If a server or its watchers do not come up, a counter cannot be read, or a row is worse than it may be.
pub async fn run(args: &BenchArgs) -> Result<()> {
    if let (Some(flood), Some(ready)) = (&args.flood, &args.ready) {
        return floods::attack(flood, ready).await;
    }
    if let Some(seconds) = args.floods {
        return floods::measure(seconds, args.ready.as_deref()).await;
    }
    let cores = Cores::shared_out()?;
    let mut tables = Vec::new();
    for watchers in &args.watchers {
        let mut windows = Vec::new();
        for n in 0..args.windows {
            windows.push(measure_both(n, *watchers, Duration::from_secs(args.seconds), &cores).await?);
        }
        tables.push(Table::of(*watchers, &windows));
    }
    tell(&cores, &tables);
    gate::check(&tables)
}

/// One window of the server and one of the floor: which comes first changes from window to window, so that what drifts hits both alike.
async fn measure_both(n: u8, watchers: usize, window: Duration, cores: &Cores) -> Result<(Floor, Row)> {
    let floor = async || {
        let on = cores.server;
        let measured = tokio::task::spawn_blocking(move || floor::measure(watchers, on));
        measured.await?.context("the floor cannot be measured")
    };
    if n.is_multiple_of(2) {
        let floor = floor().await?;
        Ok((floor, measure(watchers, window, cores).await?))
    } else {
        let row = measure(watchers, window, cores).await?;
        Ok((floor().await?, row))
    }
}

async fn measure(watchers: usize, window: Duration, cores: &Cores) -> Result<Row> {
    let server = Server::start(cores.server).await?;
    let venues: BTreeSet<VenueId> = server.ready.venues.iter().map(|venue| venue.id.clone()).collect();
    let main = venues.iter().find(|venue| venue.as_str() == "main").context("no main venue")?;
    let others: BTreeSet<VenueId> = venues.iter().filter(|venue| *venue != main).cloned().collect();
    // One clock for both, so that a watcher knows how long a frame was under way.
    let began = Some(Instant::now());
    let picture = Picture::Broadcast;
    let options = FleetOptions { without: others, whims: None, picture, began, ..FleetOptions::default() };
    let publisher = Fleet::start(&server.ready, options)?;
    until("the main venue publishes", async || {
        server.decodable("main.1").await && server.decodable("main.2").await
    })
    .await?;
    server.take("main.1").await?;

    let memory_before = process::resident_kib(server.pid())?;
    let idle_per_second = server.cpu_per_second(Duration::from_secs(2)).await?;
    let cpu_start = process::cpu_ns(server.pid())?;
    let options =
        FleetOptions { without: venues, whims: None, watchers, threads: 1, began, ..FleetOptions::default() };
    let fleet = Fleet::start(&server.ready, options)?;
    let began = fleet.now();
    until("every watcher has a picture", async || {
        fleet.reports().iter().all(|report| programme(report).is_some_and(|slot| slot.first_key_at.is_some()))
    })
    .await?;
    let admitted = fleet.now();
    let admit_ns = process::cpu_ns(server.pid())? - cpu_start;
    tokio::time::sleep(SETTLE).await;
    let memory = process::resident_kib(server.pid())?.saturating_sub(memory_before);

    let (packets_before, missing_before) = delivered(&fleet);
    let delays_before = delays(&fleet);
    let cpu_before = process::cpu_ns(server.pid())?;
    let window_began = fleet.now();
    let (ran_before, stolen_before) = cores::stolen()?;
    tokio::time::sleep(window).await;
    let cpu = process::cpu_ns(server.pid())? - cpu_before;
    let (packets, missing) = delivered(&fleet);
    let mut delays = delays(&fleet);
    delays.less(&delays_before);
    let (ran, stolen) = cores::stolen()?;
    let stolen_percent = (stolen - stolen_before) as f64 / (ran - ran_before).max(1) as f64 * 100.0;
    let seconds = fleet.now().since(window_began).as_secs_f64();
    let packets = (packets - packets_before) as f64;

    let Takes { shown, pictures, whole } = takes(&server, &fleet).await?;
    let admit_s = admitted.since(began).as_secs_f64();
    fleet.stop();
    publisher.stop();
    server.stop().await?;
    let count = watchers as f64;
    Ok(Row {
        packet_ns: cpu as f64 / packets,
        packets_per_second: packets / seconds,
        missing_ppm: missing.saturating_sub(missing_before) as f64 / packets * 1e6,
        memory_kib: memory as f64 / count,
        admit_cpu_ms: (admit_ns as f64 - idle_per_second * admit_s).max(0.0) / count / 1e6,
        admit_all_ms: admit_s * 1e3,
        shown_ms: percentiles(shown),
        picture_ms: percentiles(pictures),
        whole_ms: percentiles(whole),
        delay_ms: (delays.percentile_ms(50), delays.percentile_ms(99)),
        stolen_percent,
    })
}

fn programme(report: &BotReport) -> Option<&bots::SlotCount> {
    report.slots.get(&Slot::Video(0))
}

/// Packets that reached watchers, and those that are missing.
fn delivered(fleet: &Fleet) -> (u64, u64) {
    let reports = fleet.reports();
    let slots = reports.iter().flat_map(|report| report.slots.values());
    slots.fold((0, 0), |(packets, missing), slot| (packets + slot.packets, missing + slot.missing))
}

/// How long frames were under way so far.
fn delays(fleet: &Fleet) -> Delays {
    let mut all = Delays::default();
    fleet.reports().iter().filter_map(programme).for_each(|slot| all.add(&slot.delays));
    all
}

/// Milliseconds of all takes: until they were shown, and at each watcher until its first packet came and its key frame was whole.
#[derive(Debug, Default)]
struct Takes {
    shown: Vec<f64>,
    pictures: Vec<f64>,
    whole: Vec<f64>,
}

/// Takes one camera position of the main venue after the other.
async fn takes(server: &Server, fleet: &Fleet) -> Result<Takes> {
    let mut takes = Takes::default();
    for n in 0..TAKES {
        let camera = (n + 1) % 2;
        let source = format!("main.{}", camera + 1);
        server.act(&format!(r#"{{"preview":{{"source":"{source}"}}}}"#)).await?;
        until("the preview can be decoded", async || server.decodable(&source).await).await?;
        let sent = fleet.now();
        let at = server.act(r#"{"take":{}}"#).await?;
        let seen = async || {
            fleet.reports().iter().all(|report| {
                let of_camera = |slot: &&bots::SlotCount| {
                    slot.last.is_some_and(|origin| u32::from(origin.camera) == camera)
                };
                programme(report).filter(of_camera).is_some_and(|slot| slot.whole_at.is_some())
            })
        };
        until("the take is seen", seen).await?;
        let since = |at: Option<Mono>| at.map(|at| at.since(sent).as_secs_f64() * 1e3);
        for slot in fleet.reports().iter().filter_map(programme) {
            takes.pictures.extend(since(slot.since));
            takes.whole.extend(since(slot.whole_at));
        }
        let mut shown_at = 0;
        until("the take is shown", async || {
            let state = server.state().await.unwrap_or_default();
            shown_at = state["programme"]["shown_at"].as_i64().unwrap_or_default();
            state["programme"]["shown"]["source"] == source.as_str()
        })
        .await?;
        takes.shown.push((shown_at - at).max(0) as f64);
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    Ok(takes)
}

/// The median and the 95th percentile.
fn percentiles(mut figures: Vec<f64>) -> (f64, f64) {
    figures.sort_by(f64::total_cmp);
    let at = |percent: usize| figures.get(figures.len().saturating_sub(1) * percent / 100).copied();
    (at(50).unwrap_or_default(), at(95).unwrap_or_default())
}

/// Waits for something, looking every 20 ms.
async fn until(what: &str, mut met: impl AsyncFnMut() -> bool) -> Result<()> {
    let waited = async {
        while !met().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(WITHIN, waited).await.is_err() {
        bail!("not within {WITHIN:?}: {what}");
    }
    Ok(())
}
