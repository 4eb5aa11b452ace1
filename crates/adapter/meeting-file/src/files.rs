//! Meeting files for the office: read, applied, and what they change in words.

use service::office::apply::{Applied, Office};
use service::office::{FileApplied, FileFuture, MeetingFiles, OfficeError};

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::{Prepared, lines, parse};

/// The office as it takes meeting files.
#[derive(Debug)]
pub struct Files {
    office: Office,
    /// One file is read at a time, so that large ones take one core at most.
    reading: Mutex<()>,
}

impl Files {
    /// Files for this office.
    #[must_use]
    pub fn new(office: Office) -> Self {
        Self { office, reading: Mutex::new(()) }
    }

    /// Applies a file that was read, or says what it would change.
    ///
    /// # Errors
    /// As the office says.
    pub async fn apply_prepared(
        &self,
        prepared: Prepared,
        dry_run: bool,
    ) -> Result<FileApplied, OfficeError> {
        let Prepared { directory, plan, zone } = prepared;
        let Applied { meeting, changes, links } = self.office.apply(directory, plan, dry_run).await?;
        Ok(FileApplied { meeting, changes: lines(&changes, &zone), links })
    }
}

impl MeetingFiles for Files {
    fn apply(&self, text: String, dry_run: bool) -> FileFuture<'_> {
        Box::pin(async move {
            let read = {
                let _reading = self.reading.lock().await;
                // Meetings are served by the threads that are awaited here: a large file must not hold one.
                spawn_blocking(move || parse(&text)).await
            };
            // A file that brings down its reader is the reader's fault, whatever it says.
            let read = read.map_err(|cause| OfficeError::Store(Box::new(cause)))?;
            let prepared = read.map_err(|faults| {
                OfficeError::Bad(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
            })?;
            self.apply_prepared(prepared, dry_run).await
        })
    }
}
