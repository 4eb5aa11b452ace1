//! HTTP and WebSocket: control protocol, WHIP and WHEP signalling, the web pages. `docs/protocol.md` describes it from outside.
//!
//! It holds no state of a meeting and no rule of what is seen: it carries what [`screen`] makes of a [`service::control::Moment`] to the pages,
//! and passes their commands on.
//!
//! `app` composes it so: make a [`Config`] with the registry of the meetings and the hop; bind a listener;
//! forward at least every `Fact::Session` of the hop into `events` (a `Closed` that is lost would leave an address behind that leads
//! nowhere, so there is always room; a node has a limit of sessions, and each of them ends once); then
//!
//! ```text
//! http::serve(listener, config, stop).await?;
//! ```
//!
//! which returns when `stop` is done and connections have ended, at most 3 s later.

mod answer;
mod auth;
mod body;
mod buckets;
mod clock;
mod commands;
mod connection;
mod context;
mod hub;
mod media;
mod meter;
mod name;
mod network;
mod office;
mod origin;
mod pace;
mod pages;
mod peer;
mod query;
mod reading;
mod server;
mod sessions;
mod shape;
mod socket;
mod strangers;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use service::office::MeetingFiles;
use service::office::apply::Office;
use service::port::hop::{Fact, Hop};
use service::registry::Registry;
use service::token::TokenKey;
use tokio::sync::mpsc;

pub use server::{CONNECTIONS_MAX, serve};

/// What the adapter is made of.
pub struct Config {
    /// The meetings, and the tokens that were revoked.
    pub meetings: Registry,
    /// Media.
    pub hop: Arc<dyn Hop>,
    /// What tokens are read by.
    pub key: TokenKey,
    /// Life of this server process: another text at each start.
    pub boot: String,
    /// Origins whose pages may use this server beside its own, as in `https://hall.example`.
    pub origins: Vec<String>,
    /// Addresses of proxies whose header `X-Forwarded-For` says where a request comes from.
    pub proxies: Vec<IpAddr>,
    /// TCP connections that may be open at one time: at most [`CONNECTIONS_MAX`], fewer where the system gives few files.
    pub connections_max: usize,
    /// The date.
    pub clock: Arc<dyn service::port::clock::Clock>,
    /// What the hop reports; only sessions matter here, everything else is passed over.
    pub events: mpsc::UnboundedReceiver<Fact>,
    /// Takes meeting files, if this server takes any.
    pub office: Option<Arc<dyn MeetingFiles>>,
    /// The links that were given out, if this server has any.
    pub links: Option<Arc<Office>>,
    /// The token of the administrator, for meeting files and links.
    pub admin: Option<String>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("boot", &self.boot)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}
