//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use base::{Codec, MeetingId};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

/// One formal meeting held in hundreds of rooms at once.
#[derive(Debug, Parser)]
#[command(name = "onehall", version, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server from a data folder.
    Serve(ServeArgs),
    /// Open a meeting of a fictional organisation with synthetic venues, to look at.
    Demo(DemoArgs),
    /// Prepare meetings.
    #[command(subcommand)]
    Meeting(MeetingCommand),
    /// Synthetic venues for a running demo; `onehall demo` starts this by itself.
    #[command(hide = true)]
    Bots(BotsArgs),
    /// Measure what forwarding costs on this machine (docs/performance.md).
    #[command(hide = true)]
    Bench(BenchArgs),
}

/// Options of `onehall bench`.
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// Numbers of watchers, each measured with a server of its own.
    #[arg(long, value_delimiter = ',', default_value = "25,100,200")]
    pub watchers: Vec<usize>,
    /// Seconds over which CPU and packets are counted.
    #[arg(long, default_value_t = 15)]
    pub seconds: u64,
}

/// Options of `onehall serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Configuration file (docs/operate/configuration.md); every key has a default.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder; wins over the configuration.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where to listen for HTTP, as 127.0.0.1:8440; port 0 takes a free one; wins over the configuration.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub address: Option<SocketAddr>,
    /// UDP port of media; 0 takes a free one; wins over the configuration.
    #[arg(long, value_name = "PORT")]
    pub media_port: Option<u16>,
    /// The meeting that the ready line tells of; the only one if left out.
    #[arg(long, value_name = "ID")]
    pub meeting: Option<MeetingId>,
    /// Print one line of JSON on standard output when ready.
    #[arg(long)]
    pub json: bool,
    /// Start the meeting if its run was never started.
    #[arg(long, hide = true)]
    pub start: bool,
    /// End when standard input is closed, so that no server outlives its supervisor.
    #[arg(long, hide = true)]
    pub with_parent: bool,
}

/// Options of `onehall demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Branch venues besides the main venue and the guest's.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=900))]
    pub venues: u16,
    /// No synthetic venues: people and scripts bring their own.
    #[arg(long)]
    pub no_bots: bool,
    /// Where to listen for HTTP; the media port has the same number.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8440")]
    pub address: SocketAddr,
    /// Data folder that is kept; without it the demo begins afresh each time.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Video codec of the meeting.
    #[arg(long, default_value_t = Codec::Vp8, value_parser = codec())]
    pub codec: Codec,
    /// Print one line of JSON on standard output when ready.
    #[arg(long)]
    pub json: bool,
}

fn codec() -> impl TypedValueParser<Value = Codec> {
    PossibleValuesParser::new(Codec::ALL.map(Codec::name)).try_map(|name| name.parse::<Codec>())
}

/// What to do with a meeting.
#[derive(Debug, Subcommand)]
pub enum MeetingCommand {
    /// Create or change units, venues, people, a meeting and its rundown from a file, and print its links.
    Apply(ApplyArgs),
}

/// Options of `onehall meeting apply`.
#[derive(Debug, Clone, Args)]
pub struct ApplyArgs {
    /// Meeting file (docs/how-to/meeting-file.md).
    pub file: PathBuf,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Configuration file of the server.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder of the server; wins over the configuration.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Options of `onehall bots`.
#[derive(Debug, Clone, Args)]
pub struct BotsArgs {
    /// File with the ready line of the server.
    #[arg(long, value_name = "FILE")]
    pub ready: PathBuf,
    /// Seed of what the bots do now and then.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Video codec of the meeting.
    #[arg(long, default_value_t = Codec::Vp8, value_parser = codec())]
    pub codec: Codec,
    /// End when standard input is closed.
    #[arg(long)]
    pub with_parent: bool,
}
