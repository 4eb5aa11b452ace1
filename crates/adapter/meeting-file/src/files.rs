//! Meeting files for the office: read, applied, and what they change in words.

use std::sync::Arc;

use service::office::apply::{Applied, Office};
use service::office::{FileApplied, FileFuture, MeetingFiles, OfficeError};

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::{Fault, Prepared, lines, parse};

/// The office as it takes meeting files.
#[derive(Debug)]
pub struct Files {
    office: Arc<Office>,
    /// One file is read at a time, so that large ones take one core at most.
    reading: Mutex<()>,
}

impl Files {
    /// Files for this office.
    #[must_use]
    pub fn new(office: Arc<Office>) -> Self {
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
            let prepared = {
                let _reading = self.reading.lock().await;
                read(text, parse).await?
            };
            self.apply_prepared(prepared, dry_run).await
        })
    }
}

/// Reads a file on a thread of its own: meetings are served by the others, and a large file must not hold one of those.
async fn read(
    text: String,
    parse: fn(&str) -> Result<Prepared, Vec<Fault>>,
) -> Result<Prepared, OfficeError> {
    match spawn_blocking(move || parse(&text)).await {
        Ok(Ok(prepared)) => Ok(prepared),
        Ok(Err(faults)) => {
            Err(OfficeError::Bad(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
        }
        // A file that brings down its reader is the reader's fault, whatever it says.
        Err(cause) => Err(OfficeError::Broke(Box::new(cause))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_brings_down_its_reader_is_the_servers_fault() {
        let broke = read("meeting".into(), |text| panic!("cannot read {text}")).await.unwrap_err();
        assert!(matches!(broke, OfficeError::Broke(_)));
        assert!(broke.to_string().contains("its own fault; nothing was changed"), "{broke}");
        let bad = read("meeting".into(), parse).await.unwrap_err();
        assert!(matches!(&bad, OfficeError::Bad(faults) if faults.starts_with("line 1")), "{bad}");
    }
}
