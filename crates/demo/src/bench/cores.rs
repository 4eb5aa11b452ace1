//! Which cores server and watchers have, so that neither pays for the other.

use std::fs;

use anyhow::{Context as _, Result};

/// The shares of this machine.
#[derive(Debug, Clone)]
pub(super) struct Cores {
    /// What the server has, and the floor while it is measured; none where there is one core for all.
    pub(super) server: Option<usize>,
    /// What the bench has itself: publisher and watchers.
    pub(super) own: Vec<usize>,
}

impl Cores {
    /// Gives the first core to the server, and holds this process to the others.
    ///
    /// # Errors
    /// If the kernel does not let it.
    pub(super) fn shared_out() -> Result<Self> {
        let all = sys::cores().context("the cores of this machine")?;
        let [server, own @ ..] = all.as_slice() else { return Ok(Self { server: None, own: all }) };
        if own.is_empty() {
            return Ok(Self { server: None, own: vec![*server] });
        }
        for thread in fs::read_dir("/proc/self/task")? {
            if let Some(thread) = thread?.file_name().to_str().and_then(|name| name.parse().ok()) {
                sys::hold_to(Some(thread), own).context("this process cannot be held to its cores")?;
            }
        }
        Ok(Self { server: Some(*server), own: own.to_vec() })
    }

    /// In words.
    pub(super) fn said(&self) -> String {
        match self.server {
            Some(server) => {
                format!("server and floor on core {server}, publisher and watchers on {:?}", self.own)
            }
            None => "one core for server, publisher and watchers together".to_owned(),
        }
    }
}

/// Hundredths of a second that all cores have run, and that a hypervisor took from them (`/proc/stat`, first line).
///
/// # Errors
/// If the kernel does not tell.
pub(super) fn stolen() -> Result<(u64, u64)> {
    let stat = fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().unwrap_or_default();
    let numbers: Vec<u64> =
        line.split_whitespace().skip(1).filter_map(|number| number.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal; guests are counted among users.
    Ok((numbers.iter().take(8).sum(), numbers.get(7).copied().unwrap_or_default()))
}
