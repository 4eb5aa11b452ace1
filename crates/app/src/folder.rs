//! Who has a data folder: this process, or the server that runs.

use std::path::Path;
use std::time::Duration;

use store_sqlite::{Store, StoreError};
use tokio::time::{Instant, sleep};

use crate::server_file::ServerFile;

/// How long another command, or a server that begins or ends, is waited for.
const FREE_WITHIN: Duration = Duration::from_secs(3);
/// How often it is tried meanwhile.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// A data folder, by who has it.
pub(crate) enum Folder {
    /// This process has it.
    Here(Store),
    /// A server has it.
    There(ServerFile),
}

impl Folder {
    /// Takes the folder, or a copy of what is in it, or finds the server that has it.
    ///
    /// # Errors
    /// [`StoreError`]: it cannot be opened; [`StoreError::Locked`] if who has it is no server that runs, and keeps it.
    pub(crate) async fn open(data: &Path, as_copy: bool) -> Result<Self, StoreError> {
        let until = Instant::now() + FREE_WITHIN;
        loop {
            let opened = if as_copy { Store::open_copy(data).await } else { Store::open(data).await };
            match opened {
                Ok(store) => {
                    if !as_copy {
                        // Whoever has the folder knows that no server runs: what one says there that was killed is old.
                        ServerFile::remove(data);
                    }
                    return Ok(Self::Here(store));
                }
                Err(locked @ StoreError::Locked { .. }) => match ServerFile::of_running(data) {
                    Some(server) => return Ok(Self::There(server)),
                    None if Instant::now() >= until => return Err(locked),
                    None => sleep(AGAIN_AFTER).await,
                },
                Err(other) => return Err(other),
            }
        }
    }
}
