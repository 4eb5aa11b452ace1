//! What a running server leaves in its data folder for others on the machine: `server.pid`, and `server.json` for its owner alone.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A running server, as `server.json` tells of it. Readable by the owner of the data folder alone, since it holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFile {
    /// The process.
    pub pid: u32,
    /// Where it listens for HTTP.
    pub http: SocketAddr,
    /// UDP port of its media plane.
    pub media_port: u16,
    /// Secret by which `onehall meeting apply` goes through it.
    pub office: String,
}

const NAME: &str = "server.json";
const PID: &str = "server.pid";

impl ServerFile {
    /// Writes both files.
    ///
    /// # Errors
    /// As the file system says.
    pub fn write(&self, data: &Path) -> io::Result<()> {
        std::fs::write(data.join(PID), format!("{}\n", self.pid))?;
        let fresh = data.join("server.json.new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        std::fs::rename(fresh, data.join(NAME))
    }

    /// Reads `server.json`.
    ///
    /// # Errors
    /// As the file system says, or if the file is not what a server writes.
    pub fn read(data: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(data.join(NAME))?)?)
    }

    /// The server that runs on this folder. None if there is no such file, or if its process is gone: a server that was killed leaves it behind.
    #[must_use]
    pub fn of_running(data: &Path) -> Option<Self> {
        Self::read(data).ok().filter(|server| runs(server.pid))
    }

    /// Removes both files, as whoever has the folder: when the server ends in good order, or when one that was killed left them.
    pub fn remove(data: &Path) {
        for name in [NAME, PID] {
            // One that is gone already is as good as removed.
            let _ = std::fs::remove_file(data.join(name));
        }
    }
}

/// Whether there is a process of that number. Where the system does not say, there is.
fn runs(pid: u32) -> bool {
    let processes = Path::new("/proc");
    !processes.join("self").exists() || processes.join(pid.to_string()).exists()
}
