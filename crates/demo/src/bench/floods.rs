//! What desk, venues and sound feel of floods: one after another, each by a process of its own that is held to one core.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use base::Mono;
use bots::Slot;
use bots::fleet::{Fleet, FleetOptions};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use wire::ReadyLine;

use super::server::Server;
use super::until;
use crate::floods::{Flood, Target, Usual};

/// A command that is acknowledged later, of a hundred one, is too late.
const ACK_P99_MAX: Duration = Duration::from_millis(300);
/// A listener without a packet of sound for longer hears it.
const SOUND_GAP_MAX: Duration = Duration::from_millis(100);
/// How often a listener is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(2);
const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const OTHERS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// What was felt of one flood.
struct Felt {
    flood: Flood,
    tried: u64,
    acks: Vec<Duration>,
    refused: Vec<String>,
    sound_gap: Duration,
}

/// Plays all floods within so many seconds, prints what was felt, and fails where it was too much. Given a server that runs already, it measures
/// that one, and no sound.
pub(super) async fn measure(seconds: u64, given: Option<&Path>) -> Result<()> {
    let each = Duration::from_secs(seconds) / u32::try_from(Flood::ALL.len())?;
    if let Some(file) = given {
        let ready: ReadyLine = serde_json::from_slice(&std::fs::read(file)?)?;
        return judge(&play(file, &ready, None, each).await?);
    }
    let server = Server::start(None).await?;
    let venues = server.ready.venues.iter().map(|venue| venue.id.clone());
    let others = venues.clone().filter(|id| id.as_str() != "main").collect();
    let main = FleetOptions { without: others, whims: None, ..FleetOptions::default() };
    let publisher = Fleet::start(&server.ready, main)?;
    until("the main venue publishes", async || server.decodable("main.1").await).await?;
    server.take("main.1").await?;
    let watcher =
        FleetOptions { without: venues.collect(), whims: None, watchers: 1, ..FleetOptions::default() };
    let listener = Fleet::start(&server.ready, watcher)?;
    until("the listener hears", async || heard(&listener).is_some()).await?;
    let file = std::env::temp_dir().join(format!("onehall-floods-{}.json", std::process::id()));
    std::fs::write(&file, serde_json::to_vec(&server.ready)?)?;
    let all = play(&file, &server.ready, Some(&listener), each).await;
    std::fs::remove_file(&file)?;
    listener.stop();
    publisher.stop();
    server.stop().await?;
    judge(&all?)
}

async fn play(file: &Path, ready: &ReadyLine, listener: Option<&Fleet>, each: Duration) -> Result<Vec<Felt>> {
    // One desk and one venue for all of it, for no act of theirs is another's repeat.
    let mut usual = Usual::of(ready, Target::of(ready, OTHERS)?)?;
    let mut all = Vec::new();
    for flood in Flood::ALL {
        if !flood.permitted() {
            tracing::warn!("skipped: the flood {} needs root", flood.name());
            continue;
        }
        let felt = feel(flood, file, &mut usual, listener, each).await;
        all.push(felt.with_context(|| format!("the flood of {}", flood.name()))?);
    }
    Ok(all)
}

async fn feel(
    flood: Flood,
    file: &Path,
    usual: &mut Usual,
    listener: Option<&Fleet>,
    lasts: Duration,
) -> Result<Felt> {
    let mut attacker = attacker(flood, file)?;
    let began = Instant::now();
    let mut felt = Felt { flood, tried: 0, acks: Vec::new(), refused: Vec::new(), sound_gap: Duration::ZERO };
    let rounds = async {
        while began.elapsed() < lasts {
            let round = usual.round().await;
            felt.acks.extend(round.ack);
            felt.refused.extend(round.refused);
            // Desk and venue give some ten commands a second, as they may.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let gap = longest_gap(listener, began + lasts);
    let ((), gap) = tokio::join!(rounds, gap);
    felt.sound_gap = gap;
    // It ends when its standard input does, and then says how often it tried.
    drop(attacker.stdin.take());
    let mut said = String::new();
    if let Some(mut stdout) = attacker.stdout.take() {
        stdout.read_to_string(&mut said).await?;
    }
    attacker.wait().await?;
    felt.tried = said.trim().parse().context("the attacker does not say how often it tried")?;
    Ok(felt)
}

/// The process of an attacker, held to one core.
fn attacker(flood: Flood, file: &Path) -> Result<Child> {
    Command::new("taskset")
        .args(["--cpu-list", "0"])
        .arg(std::env::current_exe()?)
        .args(["bench", "--flood", flood.name(), "--ready"])
        .arg(file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the attacker cannot be started; taskset is of util-linux")
}

/// Is the attacker: floods until standard input ends.
#[expect(clippy::print_stdout, reason = "the number of attempts is what the bench reads")]
pub(super) async fn attack(name: &str, file: &Path) -> Result<()> {
    let Some(flood) = Flood::ALL.into_iter().find(|flood| flood.name() == name) else {
        bail!("there is no flood {name}");
    };
    let ready: ReadyLine = serde_json::from_slice(&std::fs::read(file)?)?;
    let tried = Arc::new(AtomicU64::new(0));
    let told_to_end = async {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while lines.next_line().await.is_ok_and(|line| line.is_some()) {}
    };
    flood.run(&Target::of(&ready, ATTACKER)?, Arc::clone(&tried), told_to_end).await;
    println!("{}", tried.load(Ordering::Relaxed));
    Ok(())
}

/// When the listener's last packet of sound came.
fn heard(listener: &Fleet) -> Option<Mono> {
    listener.reports().first()?.slots.get(&Slot::Audio(0))?.last_at
}

/// The longest time without a packet of sound.
async fn longest_gap(listener: Option<&Fleet>, until: Instant) -> Duration {
    let Some(listener) = listener else { return Duration::ZERO };
    let (mut last, mut longest) = (heard(listener), Duration::ZERO);
    while Instant::now() < until {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = heard(listener);
        if let (Some(now), Some(before)) = (now, last) {
            longest = longest.max(now.since(before));
        }
        last = now.or(last);
    }
    longest
}

#[expect(clippy::print_stdout, reason = "the table is what this command is asked for")]
fn judge(all: &[Felt]) -> Result<()> {
    println!("| Flood | Tried | Rounds | Refused | Ack p50, ms | Ack p99, ms | Sound gap, ms |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let mut broken = Vec::new();
    for felt in all {
        let mut acks = felt.acks.clone();
        acks.sort_unstable();
        let at = |permille: usize| acks.get(acks.len().saturating_sub(1) * permille / 1000).copied();
        let (half, most) = (at(500).unwrap_or_default(), at(990).unwrap_or_default());
        let name = felt.flood.name();
        println!(
            "| {name} | {} | {} | {} | {:.1} | {:.1} | {:.0} |",
            felt.tried,
            acks.len(),
            felt.refused.len(),
            half.as_secs_f64() * 1e3,
            most.as_secs_f64() * 1e3,
            felt.sound_gap.as_secs_f64() * 1e3
        );
        if let Some(first) = felt.refused.first() {
            broken.push(format!("{name}: {} refused, first {first}", felt.refused.len()));
        }
        if most > ACK_P99_MAX {
            broken.push(format!("{name}: acknowledged after {most:?}, of a hundred one"));
        }
        if felt.sound_gap > SOUND_GAP_MAX {
            broken.push(format!("{name}: {:?} without sound", felt.sound_gap));
        }
    }
    if broken.is_empty() { Ok(()) } else { bail!("{}", broken.join("; ")) }
}
