//! `onehall bots`: the synthetic venues of a demo, in a process of their own.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use base::VenueId;
use bots::fleet::{Fleet, FleetOptions};
use wire::ReadyLine;

use crate::args::BotsArgs;
use crate::organisation::GUEST;

/// Runs the bots until they are `stopped`.
///
/// # Errors
/// If the ready line cannot be read or the bots cannot be started.
pub async fn run(args: &BotsArgs, stopped: impl Future<Output = Result<()>>) -> Result<()> {
    let line = std::fs::read_to_string(&args.ready)
        .with_context(|| format!("{} cannot be read", args.ready.display()))?;
    let ready: ReadyLine = serde_json::from_str(&line).context("the ready line cannot be read")?;
    let guest = VenueId::new(GUEST).context("the guest's id is one")?;
    let options =
        FleetOptions { seed: args.seed, without: BTreeSet::from([guest]), ..FleetOptions::default() };
    let fleet = Fleet::start(&ready, options).context("the bots cannot be started")?;
    stopped.await?;
    fleet.stop();
    Ok(())
}
