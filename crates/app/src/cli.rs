//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use base::{MeetingId, RunId, TokenId};
use clap::{Args, Parser, Subcommand};
#[cfg(feature = "demo")]
use demo::args::{BenchArgs, BotsArgs, DemoArgs};

/// What a package says of what it lacks.
#[cfg(not(feature = "demo"))]
const WITHOUT_DEMO: &str = "This build is without the demo: there is no `onehall demo`, `bots` or `bench`.";

/// One formal meeting held in hundreds of rooms at once.
#[derive(Debug, Parser)]
#[command(name = "onehall", version, disable_help_subcommand = true)]
#[cfg_attr(not(feature = "demo"), command(after_help = WITHOUT_DEMO))]
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
    #[cfg(feature = "demo")]
    /// Open a meeting of a fictional organisation with synthetic venues, to look at.
    Demo(DemoArgs),
    /// Prepare meetings.
    #[command(subcommand)]
    Meeting(MeetingCommand),
    /// The links that were given out: list them, end them, make new ones.
    #[command(subcommand)]
    Link(LinkCommand),
    #[cfg(feature = "demo")]
    /// Synthetic venues for a running demo; `onehall demo` starts this by itself.
    #[command(hide = true)]
    Bots(BotsArgs),
    #[cfg(feature = "demo")]
    /// Measure what forwarding costs on this machine (docs/performance.md).
    #[command(hide = true)]
    Bench(BenchArgs),
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
    /// Open the log of this run though it has lost events that were acknowledged; may be given several times (docs/operate/server.md, When
    /// events are lost).
    #[arg(long, value_name = "RUN")]
    pub accept_loss: Vec<RunId>,
    /// Make a new token key where `token.key` is missing: every link that was given out is worthless then.
    #[arg(long)]
    pub new_token_key: bool,
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
    /// Whose data.
    #[command(flatten)]
    pub of: DataArgs,
}

/// What to do with the links that were given out.
#[derive(Debug, Subcommand)]
pub enum LinkCommand {
    /// List the links of a meeting: for whom, made when, good until when, last used when. What lets one in is not shown.
    List(LinkListArgs),
    /// End links: who came with one is let go within a second.
    Revoke(LinkRevokeArgs),
    /// End a link and print another for the same role or venue. It is shown this once.
    Renew(LinkRenewArgs),
}

/// Options of `onehall link list`.
#[derive(Debug, Clone, Args)]
pub struct LinkListArgs {
    /// The meeting.
    pub meeting: MeetingId,
    /// Whose data.
    #[command(flatten)]
    pub of: DataArgs,
}

/// Options of `onehall link revoke`.
#[derive(Debug, Clone, Args)]
pub struct LinkRevokeArgs {
    /// Ids of links, as the list shows them.
    #[arg(required = true)]
    pub ids: Vec<TokenId>,
    /// Whose data.
    #[command(flatten)]
    pub of: DataArgs,
}

/// Options of `onehall link renew`.
#[derive(Debug, Clone, Args)]
pub struct LinkRenewArgs {
    /// Id of the link, as the list shows it.
    pub id: TokenId,
    /// Whose data.
    #[command(flatten)]
    pub of: DataArgs,
}

/// Whose data a command is about.
#[derive(Debug, Clone, Args)]
pub struct DataArgs {
    /// Configuration file of the server.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder of the server; wins over the configuration.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_demo_is_there_where_it_is_built_in_and_the_help_says_where_it_is_not() {
        let command = Cli::command();
        let demo = command.get_subcommands().any(|command| command.get_name() == "demo");
        assert_eq!(demo, cfg!(feature = "demo"));
        let help = Cli::command().render_help().to_string();
        assert_eq!(help.contains("This build is without the demo"), !demo);
    }
}
