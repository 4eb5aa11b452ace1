//! The `onehall` binary.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use onehall::cli::{Cli, Command, MeetingCommand};
#[cfg(feature = "demo")]
use onehall::{
    clock::Clock,
    stop::{stopped, told},
};
#[cfg(feature = "demo")]
use service::port::clock::Clock as _;
use tracing_subscriber::EnvFilter;

/// What the crates of the media plane warn of is what strangers send.
const QUIET: &str = "info,str0m=error,is=error,dimpl=error";

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Standard output is only for the ready line.
    let filter = EnvFilter::try_from_env("ONEHALL_LOG").unwrap_or_else(|_| EnvFilter::new(QUIET));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            complain(&cause);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(args) => onehall::serve::run(&args).await,
            #[cfg(feature = "demo")]
            Command::Demo(args) => demo::supervisor::run(&args, Clock::start().wall(), stopped()?).await,
            Command::Meeting(MeetingCommand::Apply(args)) => onehall::apply::run(&args, stopped()?).await,
            Command::Link(command) => onehall::link::run(&command).await,
            #[cfg(feature = "demo")]
            Command::Bench(args) => demo::bench::run(&args).await,
            #[cfg(feature = "demo")]
            Command::Bots(args) => demo::synthetic::run(&args, told(stopped()?, args.with_parent)).await,
        }
    })
}

#[expect(clippy::print_stderr, reason = "what is wrong is said on standard error, causes below one another")]
fn complain(cause: &anyhow::Error) {
    eprintln!("onehall: {cause}");
    for deeper in cause.chain().skip(1) {
        eprintln!("  because {deeper}");
    }
}
