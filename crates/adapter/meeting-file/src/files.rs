//! Meeting files for the office: read, applied, and what they change in words.

use service::office::apply::{Applied, Office};
use service::office::{FileApplied, FileFuture, MeetingFiles, OfficeError};

use crate::{Prepared, lines, parse};

/// The office as it takes meeting files.
#[derive(Debug)]
pub struct Files(Office);

impl Files {
    /// Files for this office.
    #[must_use]
    pub fn new(office: Office) -> Self {
        Self(office)
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
        let Applied { meeting, changes, links } = self.0.apply(directory, plan, dry_run).await?;
        Ok(FileApplied { meeting, changes: lines(&changes, &zone), links })
    }
}

impl MeetingFiles for Files {
    fn apply(&self, text: String, dry_run: bool) -> FileFuture<'_> {
        Box::pin(async move {
            let prepared = parse(&text).map_err(|faults| {
                OfficeError::Bad(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
            })?;
            self.apply_prepared(prepared, dry_run).await
        })
    }
}
