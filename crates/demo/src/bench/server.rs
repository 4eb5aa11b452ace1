//! The server that is measured: the same binary in a process of its own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bots::fleet::script;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use wire::ReadyLine;

use super::{process, until};

/// A demo of three venues without bots.
pub(super) struct Server {
    supervisor: Child,
    pub(super) ready: ReadyLine,
    acts: AtomicU32,
}

impl Server {
    /// Starts it, held to a core if one is named.
    pub(super) async fn start(core: Option<usize>) -> Result<Self> {
        let own = std::env::current_exe()?;
        let mut supervisor = match core {
            None => Command::new(own),
            Some(core) => {
                let mut held = Command::new("taskset");
                held.arg("--cpu-list").arg(core.to_string()).arg(own);
                held
            }
        };
        let mut supervisor = supervisor
            .args(["demo", "--json", "--no-bots", "--slate", "--venues", "1", "--address", "127.0.0.1:0"])
            .stdout(std::process::Stdio::piped())
            .env("ONEHALL_LOG", "warn")
            .spawn()
            .context("the server cannot be started")?;
        let stdout = supervisor.stdout.take().context("the server has no standard output")?;
        let line = BufReader::new(stdout).lines().next_line().await?.context("the server ended at once")?;
        Ok(Self { supervisor, ready: serde_json::from_str(&line)?, acts: AtomicU32::new(0) })
    }

    pub(super) fn pid(&self) -> u32 {
        self.ready.pid
    }

    /// Sends an act as the director; answers when it took effect, in milliseconds of the server's date.
    pub(super) async fn act(&self, act: &str) -> Result<i64> {
        // Each act is one of its own, so each has a key of its own.
        let key = format!("bench-{}", self.acts.fetch_add(1, Ordering::Relaxed));
        let (status, answer) = script::act(&self.ready.api, self.token(), &key, act).await?;
        if status != 200 {
            bail!("{act} was answered {answer}");
        }
        answer["at"].as_i64().context("the answer has no time")
    }

    /// The state as the director sees it.
    pub(super) async fn state(&self) -> Result<serde_json::Value> {
        Ok(script::state(&self.ready.api, self.token()).await?["state"].take())
    }

    /// Puts a source on air and waits until it is.
    pub(super) async fn take(&self, source: &str) -> Result<()> {
        self.act(&format!(r#"{{"preview":{{"source":"{source}"}}}}"#)).await?;
        self.act(r#"{"take":{}}"#).await?;
        until("the source is on air", async || {
            self.state().await.is_ok_and(|state| state["programme"]["shown"]["source"] == source)
        })
        .await
    }

    /// A picture of the source arrives.
    pub(super) async fn decodable(&self, source: &str) -> bool {
        let Ok(state) = self.state().await else { return false };
        if state["preview"]["source"] == source {
            return state["preview"]["ready"] == true;
        }
        let venue = source.split('.').next().unwrap_or_default();
        let sources = state[format!("venue:{venue}")]["sources"].as_array().cloned().unwrap_or_default();
        sources.iter().any(|entry| entry["id"] == source && entry["live"] == true)
    }

    /// CPU nanoseconds of the server in a second as it is now.
    pub(super) async fn cpu_per_second(&self, over: Duration) -> Result<f64> {
        let before = process::cpu_ns(self.pid())?;
        tokio::time::sleep(over).await;
        Ok((process::cpu_ns(self.pid())? - before) as f64 / over.as_secs_f64())
    }

    pub(super) async fn stop(mut self) -> Result<()> {
        if let Some(pid) = self.supervisor.id() {
            Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
        }
        self.supervisor.wait().await?;
        Ok(())
    }

    fn token(&self) -> &str {
        self.ready.tokens.as_ref().map_or("", |tokens| &tokens.director)
    }
}
