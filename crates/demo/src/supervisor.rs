//! `onehall demo`: a supervisor of two processes, server and bots.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base::limits::VENUES_MAX;
use base::{Codec, Wall};
use serde::Deserialize;
use service::office::links::technician_page;
use store_sqlite::StoreError;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinSet;
use wire::ReadyLine;

use crate::args::DemoArgs;
use crate::hints::Beginning;
use crate::{opening, organisation};

/// Pause before a child that died comes back; short, so that a killed server is missed for little more than its own start.
const RESTART_PAUSE: Duration = Duration::from_millis(100);
/// How long a server may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// A server that dies this often before it was ever ready will not get better.
const FAILED_STARTS_MAX: u32 = 3;

/// What `server.json` says of where a server is, so that one that comes back is there again.
#[derive(Debug, Deserialize)]
struct Ports {
    http: SocketAddr,
    media_port: u16,
}

impl Ports {
    fn read(data: &Path) -> Result<Self> {
        let file = std::fs::read(data.join("server.json")).context("the server left no server.json")?;
        serde_json::from_slice(&file).context("server.json cannot be read")
    }
}

/// Runs the demo until it is `stopped`. The meeting is planned to begin `now`.
///
/// # Errors
/// If the data folder cannot be prepared, or the server cannot be started.
pub async fn run(args: &DemoArgs, now: Wall, stopped: impl Future<Output = Result<()>>) -> Result<()> {
    let mut stopped = pin!(stopped);
    let data = DataFolder::of(args)?;
    let (meeting, goes_on) = prepare(&data.path, args, now).await?;
    let mut server = Server::start(&data.path, &meeting, args.address, media_port(args.address)).await?;
    let ready = server.ready.clone();
    let ready_file = data.path.join("ready.json");
    keep(&ready_file, &ready).context("the ready line cannot be kept")?;
    let due = opening::due(&data.path);
    let beginning = match due {
        Some(_) => Beginning::Opened,
        None if args.no_bots => Beginning::Dark,
        None if goes_on => Beginning::GoesOn,
        None => Beginning::Slate,
    };
    let line: ReadyLine = serde_json::from_str(&ready).context("the server's ready line cannot be read")?;
    if args.json {
        tell_scripts(&ready);
    } else {
        tell_people(&line, beginning);
    }
    // Ended with this function, before the folder goes.
    let mut script = JoinSet::new();
    if let Some(done) = due {
        script.spawn(opening::play(line, data.path.clone(), done));
    }
    let mut bots = if args.no_bots { None } else { Some(start_bots(&ready_file, args.codec)?) };
    let ports = Ports::read(&data.path)?;
    let mut failed_starts = 0;
    loop {
        tokio::select! {
            stop = &mut stopped => {
                stop?;
                break;
            }
            _ = server.child.wait() => {
                tokio::time::sleep(RESTART_PAUSE).await;
                match Server::start(&data.path, &meeting, ports.http, ports.media_port).await {
                    Ok(again) => {
                        failed_starts = 0;
                        server = again;
                        tracing::warn!("the server is back");
                    }
                    Err(cause) => {
                        failed_starts += 1;
                        if failed_starts >= FAILED_STARTS_MAX {
                            return Err(cause);
                        }
                    }
                }
            }
            () = ended(bots.as_mut()) => {
                tokio::time::sleep(RESTART_PAUSE).await;
                bots = Some(start_bots(&ready_file, args.codec)?);
                tracing::warn!("the bots are back");
            }
        }
    }
    drop(bots);
    server.stop().await;
    Ok(())
}

/// Writes what lets its reader in, for the owner of the folder alone.
fn keep(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())
}

/// The data folder: kept if it was named, else removed at the end.
struct DataFolder {
    path: PathBuf,
    kept: bool,
}

impl DataFolder {
    fn of(args: &DemoArgs) -> Result<Self> {
        let (path, kept) = match &args.data {
            Some(path) => (path.clone(), true),
            None => (std::env::temp_dir().join(format!("onehall-demo-{}", std::process::id())), false),
        };
        if !kept && path.exists() {
            std::fs::remove_dir_all(&path).context("an earlier demo's folder cannot be removed")?;
        }
        // For its owner alone: in it are all links. One that is not kept must be new, since others may write beside it.
        let made = DirBuilder::new().recursive(kept).mode(0o700).create(&path);
        made.with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self { path: path.canonicalize()?, kept })
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        if !self.kept {
            // What remains lies in the system's temporary folder.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// The same number as HTTP, as the documents say, or a free one.
fn media_port(address: SocketAddr) -> u16 {
    address.port()
}

/// The meeting, and whether it is one that goes on.
async fn prepare(data: &Path, args: &DemoArgs, now: Wall) -> Result<(base::MeetingId, bool)> {
    let branches = usize::from(args.venues);
    if branches + 2 > VENUES_MAX {
        bail!("a meeting has at most {VENUES_MAX} venues");
    }
    let mut organisation = organisation::organisation(branches, args.codec)?;
    let meeting = organisation.plan.id.clone();
    let store = store_sqlite::Store::open(data).await.context("the data folder cannot be opened")?;
    let (start, goes_on) = match store.load(&meeting).await {
        // A demo that goes on keeps its times.
        Ok((_, plan)) => (plan.start, true),
        Err(StoreError::NoMeeting(_)) => (None, false),
        Err(cause) => return Err(cause.into()),
    };
    let opens = !args.slate && !args.no_bots;
    opening::prepare(data, !goes_on, opens).context("the data folder cannot be written")?;
    organisation.start_at(start.unwrap_or(now));
    store.replace(organisation.directory, organisation.plan).await?;
    store.close().await;
    Ok((meeting, goes_on))
}

/// A server child that is ready.
struct Server {
    child: Child,
    /// Closed when this is dropped, and the server ends.
    stdin: Option<ChildStdin>,
    /// Kept, so that the server's standard output stays open.
    _stdout: Lines<BufReader<ChildStdout>>,
    ready: String,
}

impl Server {
    async fn start(
        data: &Path,
        meeting: &base::MeetingId,
        address: SocketAddr,
        media_port: u16,
    ) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--json", "--with-parent", "--start", "--meeting", meeting.as_str()])
            .arg("--data")
            .arg(data)
            .args(["--address", &address.to_string(), "--media-port", &media_port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server cannot be started")?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().context("the server has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(READY_WITHIN, lines.next_line()).await;
        match line.context("the server was not ready in time")?? {
            Some(ready) => Ok(Self { child, stdin, _stdout: lines, ready }),
            None => bail!("the server ended before it was ready; its last lines say why"),
        }
    }

    async fn stop(mut self) {
        drop(self.stdin.take());
        if tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await.is_err() {
            tracing::warn!("the server did not end; killing it");
            // It is gone if it cannot be killed.
            let _ = self.child.kill().await;
        }
    }
}

/// A bots child. Waiting for a child closes its standard input, which would end it, so that is held apart.
struct Bots {
    child: Child,
    _stdin: Option<ChildStdin>,
}

fn start_bots(ready: &Path, codec: Codec) -> Result<Bots> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["bots", "--with-parent", "--codec", codec.name(), "--ready"])
        .arg(ready)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("the bots cannot be started")?;
    let stdin = child.stdin.take();
    Ok(Bots { child, _stdin: stdin })
}

async fn ended(bots: Option<&mut Bots>) {
    match bots {
        Some(bots) => {
            // Whatever the reason, they come back.
            let _ = bots.child.wait().await;
        }
        None => std::future::pending().await,
    }
}

#[expect(clippy::print_stdout, reason = "the line is what a script waits for")]
fn tell_scripts(ready: &str) {
    println!("{ready}");
}

#[expect(clippy::print_stderr, reason = "telling the operator is what this is for")]
fn tell_people(ready: &ReadyLine, beginning: Beginning) {
    let guest = ready.venues.iter().find(|venue| venue.id.as_str() == organisation::GUEST);
    let hall = ready.venues.iter().find(|venue| venue.id.as_str() != "main" && Some(*venue) != guest);
    eprintln!("\nThe meeting is under way in {} venues.\n", ready.venues.len());
    let rows = [
        ("Desk", "direct the meeting", ready.desk.clone()),
        ("Watch", "see and hear the programme", ready.watch.clone()),
        ("Guest", "join with your own camera", guest.map(|venue| venue.page.clone())),
        (
            "Guest's technician",
            "tally and microphone of that venue",
            guest.and_then(|venue| technician_page(&venue.page)),
        ),
        ("A branch", "what its technician sees", hall.and_then(|venue| technician_page(&venue.page))),
    ];
    for (name, what, address) in rows {
        if let Some(address) = address {
            eprintln!("{name}: {what}\n  {address}\n");
        }
    }
    for hints in beginning.hints() {
        eprintln!("{}", hints.title);
        for (number, line) in (1..).zip(hints.lines) {
            eprintln!("  {number}. {line}");
        }
        eprintln!();
    }
    eprintln!("Data: {}\nEnd with Ctrl+C.", ready.data);
}
