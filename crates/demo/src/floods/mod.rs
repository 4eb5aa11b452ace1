//! Floods: what the bearer of a watcher's link, or nobody at all, can send to a server, and what must go on meanwhile (R18). They send to loopback
//! alone, from a loopback address that is no proxy's, and end when they are told to.

mod checks;
mod raw;
mod usual;

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, bail};
use tokio::task::JoinSet;
use wire::ReadyLine;

use raw::{Socket, ask, offer};
pub use usual::{Round, Usual};

/// Attempts under way at one time.
const AT_ONCE: usize = 64;
/// Connections that one attacker keeps.
const KEPT_MAX: u64 = 12_000;

/// Whom to attack, and from where.
#[derive(Debug, Clone)]
pub struct Target {
    address: SocketAddr,
    meeting: String,
    /// The token that is used, a watcher's if no other is named.
    token: String,
    from: Ipv4Addr,
}

impl Target {
    /// The server of a ready line, from a loopback address.
    ///
    /// # Errors
    /// The server is not on loopback, or has no single meeting.
    pub fn of(ready: &ReadyLine, from: Ipv4Addr) -> Result<Self> {
        let mut parts = ready.api.split('/').skip(2);
        let address: SocketAddr = parts.next().unwrap_or_default().parse().context("the server's address")?;
        if !address.ip().is_loopback() || !from.is_loopback() || !matches!(address.ip(), IpAddr::V4(_)) {
            bail!("floods are for loopback alone, not for {address}");
        }
        let meeting = ready.meeting.as_ref().context("no single meeting")?.to_string();
        let token = ready.tokens.as_ref().context("no tokens")?.watcher.clone();
        Ok(Self { address, meeting, token, from })
    }

    /// The same with another token.
    #[must_use]
    pub fn with(self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self }
    }
}

/// A way to flood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flood {
    /// Sessions that are never connected, by a watcher's link (H4).
    Sessions,
    /// Clients that say hello and stay, by a watcher's link (H4).
    Clients,
    /// Control connections that say no hello, by nobody (H4).
    Strangers,
    /// Connections that ask for nothing but to stay, by nobody (H4).
    Connections,
    /// Pongs that nobody asked for (M8).
    Pongs,
    /// Empty continuations of a message that never ends (M8).
    Continuations,
    /// Pings before the hello, by nobody (M8).
    Pings,
    /// The state over HTTP, by a watcher's link.
    State,
    /// Snapshots over the control connection, by a watcher's link.
    Resync,
    /// Acts that are not a watcher's, by its link (H5).
    Commands,
    /// Connectivity checks of one's own session, from port after port (M7).
    Checks,
    /// The same from the addresses of all others, which needs root (H3).
    Forged,
}

impl Flood {
    /// All, in the order in which they are played.
    pub const ALL: [Self; 12] = [
        Self::Sessions,
        Self::Clients,
        Self::Strangers,
        Self::Connections,
        Self::Pongs,
        Self::Continuations,
        Self::Pings,
        Self::State,
        Self::Resync,
        Self::Commands,
        Self::Checks,
        Self::Forged,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Clients => "clients",
            Self::Strangers => "strangers",
            Self::Connections => "connections",
            Self::Pongs => "pongs",
            Self::Continuations => "continuations",
            Self::Pings => "pings",
            Self::State => "state",
            Self::Resync => "resync",
            Self::Commands => "commands",
            Self::Checks => "checks",
            Self::Forged => "forged",
        }
    }

    /// Whether this process may send it.
    #[must_use]
    pub fn permitted(self) -> bool {
        self != Self::Forged || checks::forger().is_ok()
    }

    /// Floods until `end`. `tried` counts attempts.
    pub async fn run(self, target: &Target, tried: Arc<AtomicU64>, end: impl Future<Output = ()>) {
        let mut attackers = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (target, tried) = (target.clone(), Arc::clone(&tried));
            attackers.spawn(async move {
                let mut kept = Vec::new();
                loop {
                    // What the server does not let in is tried again: that is the flood.
                    let _ = self.attempt(&target, &tried, &mut kept).await;
                    tried.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            });
        }
        end.await;
    }

    async fn attempt(self, target: &Target, tried: &AtomicU64, kept: &mut Vec<Kept>) -> io::Result<()> {
        if kept.len() as u64 >= KEPT_MAX / AT_ONCE as u64 {
            kept.remove(0);
        }
        match self {
            Self::Sessions => {
                let path = format!("/whep/{}", target.meeting);
                offer(target, &path, &target.token, raw::WATCH).await.map(drop)
            }
            Self::Clients => {
                let mut socket = open(target).await?;
                if socket.hello(&target.token).await? == "snapshot" {
                    kept.push(Kept::Socket(socket));
                }
                Ok(())
            }
            Self::Strangers => {
                kept.push(Kept::Socket(open(target).await?));
                Ok(())
            }
            Self::Connections => {
                kept.push(Kept::Stream(raw::connect(target).await?));
                Ok(())
            }
            Self::Pongs => self.frames(target, tried, &raw::frame(0x8a, &[])).await,
            Self::Continuations => self.frames(target, tried, &raw::frame(0x00, &[])).await,
            Self::Pings => self.frames(target, tried, &raw::frame(0x89, &[])).await,
            Self::State => {
                let line = format!("GET /api/v1/meetings/{}/state", target.meeting);
                ask(target, &line, &target.token, "", "").await.map(drop)
            }
            Self::Resync => {
                let mut socket = open(target).await?;
                socket.hello(&target.token).await?;
                loop {
                    for _ in 0..100 {
                        socket.say(r#"{"k":"resync"}"#).await?;
                        tried.fetch_add(1, Ordering::Relaxed);
                    }
                    // It reads as well, or it would be ended as one that does not.
                    socket.next(&["snapshot"]).await?;
                }
            }
            Self::Commands => {
                let mut socket = open(target).await?;
                socket.hello(&target.token).await?;
                loop {
                    let key = tried.fetch_add(1, Ordering::Relaxed);
                    socket.say(&format!(r#"{{"k":"cmd","key":"flood-{key}","do":{{"take":{{}}}}}}"#)).await?;
                }
            }
            Self::Checks => checks::from_many_ports(target, tried).await,
            Self::Forged => checks::from_others(target, tried).await,
        }
    }

    /// The same frame for as long as the server takes it.
    async fn frames(self, target: &Target, tried: &AtomicU64, frame: &[u8]) -> io::Result<()> {
        let mut socket = open(target).await?;
        if self != Self::Pings {
            socket.hello(&target.token).await?;
        }
        if self == Self::Continuations {
            // The beginning of a message, of which nothing more follows.
            socket.frame(0x01, b"{").await?;
        }
        let many = frame.repeat(1_000);
        loop {
            socket.bytes(&many).await?;
            tried.fetch_add(1_000, Ordering::Relaxed);
        }
    }
}

/// What an attacker holds, so that its place is taken.
enum Kept {
    Socket(#[expect(dead_code, reason = "it is held, not used")] Socket),
    Stream(#[expect(dead_code, reason = "it is held, not used")] tokio::net::TcpStream),
}

async fn open(target: &Target) -> io::Result<Socket> {
    Socket::open(target).await?.map_err(|status| io::Error::other(format!("answered {status}")))
}
