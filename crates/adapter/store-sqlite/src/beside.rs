//! What the writer looks at and writes beside the database: whether its files are still those that the folder names, and the heads.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{RunId, Sequence};
use service::port::log::StoredEvent;

use crate::StoreError;
use crate::disk::Disk;
use crate::folder::Folder;
use crate::heads::{Compared, Heads};

/// A file, however it is named: device and inode.
type File = (u64, u64);

/// The last event of a log that was committed.
#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) run: RunId,
    pub(crate) seq: Sequence,
    pub(crate) hash: Vec<u8>,
}

impl Note {
    /// What there is to note behind these events.
    pub(crate) fn of(run: &RunId, events: &[StoredEvent]) -> Option<Self> {
        events.last().map(|last| Self { run: run.clone(), seq: last.seq, hash: last.hash.clone() })
    }
}

/// What stands beside the database. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Beside {
    inside: Arc<Mutex<Inside>>,
    gone: Arc<AtomicBool>,
    disk: Disk,
}

#[derive(Debug)]
struct Inside {
    database: (PathBuf, Option<File>),
    /// Known from the first commit of a connection on, which made it.
    wal: (PathBuf, Option<File>),
    /// A copy has none, for nothing is appended there.
    heads: Option<Heads>,
}

impl Beside {
    /// Of a folder whose database is open.
    pub(crate) fn of(folder: &Folder, heads: Option<Heads>) -> Self {
        let path = folder.database();
        let database = found(&path);
        let inside = Inside { database: (path, database), wal: (folder.wal(), None), heads };
        let disk = Disk::of(folder.path().to_owned());
        Self { inside: Arc::new(Mutex::new(inside)), gone: Arc::default(), disk }
    }

    /// Looks whether the files are still there, and notes how far logs have come that were just committed.
    ///
    /// # Errors
    /// [`StoreError::Gone`]: what was committed is not in the data folder, and nothing is noted.
    pub(crate) async fn committed(&self, notes: Vec<Note>) -> Result<(), StoreError> {
        self.apart(move |inside| {
            inside.wal.1 = inside.wal.1.or_else(|| found(&inside.wal.0));
            inside.check()?;
            if let Some(heads) = &mut inside.heads {
                notes.into_iter().for_each(|note| heads.note(&note.run, note.seq, &note.hash));
            }
            Ok(())
        })
        .await
    }

    /// Looks whether the files are still there.
    ///
    /// # Errors
    /// [`StoreError::Gone`]: they are not, or others are.
    pub(crate) async fn check(&self) -> Result<(), StoreError> {
        self.apart(|inside| inside.check()).await
    }

    /// A file is gone for good, as far as this process is concerned.
    pub(crate) fn note_gone(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }

    /// Whether that was noted. Waits for nothing.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// What is known of the disk.
    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The next connection makes a new WAL.
    pub(crate) fn disconnected(&self) {
        self.inside().wal.1 = None;
    }

    /// Compares the log of a run, of which these are all events, with what was noted.
    pub(crate) fn compare(&self, run: &RunId, events: &[StoredEvent]) -> Compared {
        self.inside().heads.as_ref().map_or(Compared::Whole, |heads| heads.compare(run, events))
    }

    /// The runs of which something is noted, and the last event that is.
    pub(crate) fn noted(&self) -> Vec<(RunId, Sequence)> {
        let inside = self.inside();
        let noted = inside.heads.iter().flat_map(Heads::noted);
        noted.map(|(run, seq)| (run.clone(), seq)).collect()
    }

    /// On a thread that may wait for the disk.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Inside) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&mut shared.inside())).await;
        done.unwrap_or(Err(StoreError::Closed))
    }

    // A holder that panicked left it whole: a note is in the file or it is not.
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn check(&self) -> Result<(), StoreError> {
        for (path, file) in [&self.database, &self.wal] {
            if file.is_some() && gone(path, *file) {
                return Err(StoreError::Gone { path: path.clone() });
            }
        }
        Ok(())
    }
}

fn found(path: &PathBuf) -> Option<File> {
    fs::metadata(path).ok().map(|there| (there.dev(), there.ino()))
}

/// There is no such file any more, or another. What cannot be looked at is not known to be gone.
fn gone(path: &PathBuf, file: Option<File>) -> bool {
    match fs::metadata(path) {
        Ok(there) => Some((there.dev(), there.ino())) != file,
        Err(error) => matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    }
}
