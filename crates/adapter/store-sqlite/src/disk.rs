//! What is known of the disk though nobody asks it for anything: that the last write failed, that one does not come to its end, that there is no room.
//! Whatever it is, it is so for all runs.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::LogCause;
use rustix::fs::{StatVfsMountFlags, statvfs};
use tokio::time::Instant;

use crate::StoreError;

/// A commit that takes so long hangs (R17).
const HANGS_AFTER: Duration = Duration::from_secs(2);
/// With less room than this a batch may find none.
const ROOM_BYTES: u64 = 64 * 1024;

/// The disk of a data folder. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    folder: PathBuf,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    /// Why the last write failed, if it did.
    failed: Option<LogCause>,
    /// Since when a write is under way.
    writes: Option<Instant>,
}

impl Disk {
    pub(crate) fn of(folder: PathBuf) -> Self {
        Self { folder, known: Arc::default() }
    }

    /// A write begins.
    pub(crate) fn begins(&self) {
        self.known().writes = Some(Instant::now());
    }

    /// What was under way came to its end, and has written something, nothing, or failed. Gives why, where that is the disk's fault and was not known.
    pub(crate) fn ended(&self, written: Result<bool, &StoreError>) -> Option<LogCause> {
        // Looked at before anybody waits for what is known. What is the fault of one log says nothing of the disk.
        let failed = written.err().filter(|cause| cause.is_of_disk()).map(|cause| self.why(cause));
        let mut known = self.known();
        known.writes = None;
        if let Ok(true) = written {
            known.failed = None;
        }
        let news = failed.filter(|_| known.failed != failed);
        known.failed = failed.or(known.failed);
        news
    }

    /// Why nothing can be written. Waits for nothing.
    pub(crate) fn trouble(&self) -> Option<LogCause> {
        let known = self.known();
        let hangs = known.writes.is_some_and(|since| since.elapsed() >= HANGS_AFTER);
        known.failed.or(hangs.then_some(LogCause::Hangs))
    }

    /// Whether a write may fail, as far as the file system tells without one.
    pub(crate) async fn is_doubtful(&self) -> bool {
        let disk = self.clone();
        // On a thread that may wait for the disk.
        let told = tokio::task::spawn_blocking(move || disk.told().is_some()).await;
        self.trouble().is_some() || told.unwrap_or(false)
    }

    /// Why a write failed: on a full disk much fails that does not say so.
    fn why(&self, cause: &StoreError) -> LogCause {
        let why = cause.log_cause();
        if why == LogCause::IoError { self.told().unwrap_or(why) } else { why }
    }

    /// What the file system says of itself.
    fn told(&self) -> Option<LogCause> {
        let there = statvfs(&self.folder).ok()?;
        if there.f_flag.contains(StatVfsMountFlags::RDONLY) {
            return Some(LogCause::ReadOnly);
        }
        (there.f_bavail.saturating_mul(there.f_frsize) < ROOM_BYTES).then_some(LogCause::DiskFull)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(kind: std::io::ErrorKind) -> StoreError {
        StoreError::File { doing: "write", path: "x".into(), cause: kind.into() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_does_not_come_to_its_end_is_told_after_two_seconds_and_until_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::of(folder.path().to_owned());
        disk.begins();
        tokio::time::advance(HANGS_AFTER - Duration::from_millis(1)).await;
        assert_eq!(disk.trouble(), None);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(disk.trouble(), Some(LogCause::Hangs));
        disk.ended(Ok(true));
        assert_eq!(disk.trouble(), None);
    }

    #[tokio::test]
    async fn a_failed_write_is_told_until_one_succeeds_unless_it_is_the_fault_of_one_log() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::of(folder.path().to_owned());
        disk.begins();
        assert_eq!(disk.ended(Err(&failed(std::io::ErrorKind::Other))), Some(LogCause::IoError));
        disk.begins();
        assert_eq!(disk.ended(Err(&failed(std::io::ErrorKind::Other))), None, "told before");
        assert_eq!((disk.trouble(), disk.is_doubtful().await), (Some(LogCause::IoError), true));
        disk.ended(Ok(false));
        assert_eq!(
            disk.trouble(),
            Some(LogCause::IoError),
            "a transaction that writes nothing succeeds on any disk"
        );
        for of_log in [StoreError::NotOpened, StoreError::Value { what: "an act", value: String::new() }] {
            assert_eq!(disk.ended(Err(&of_log)), None);
            assert_eq!(disk.trouble(), Some(LogCause::IoError));
        }
        disk.ended(Ok(true));
        assert_eq!(disk.trouble(), None);
    }
}
