//! The page of closing acts: the file `closed` of the data folder, 64 KiB that are written before the server is ready, so that a disk which fills up
//! later still takes them (R17).
//!
//! It is two halves, written in place by turns, each time with all that is owed: a turn (8 bytes), the length of the body (4), the SHA-256 of the
//! turn, the length and the body (32), the body as JSON; numbers big-endian. The newer half that verifies counts, so that one that was torn leaves what
//! was there before. What a half has no room for is said in fewer words ([`abridged`]). A file system that copies on write may refuse even this; then
//! whoever closed is told that it is not kept.

mod abridged;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::RunId;
use service::port::unlogged::{Entry, Unlogged, UnloggedError, UnloggedFuture};
use sha2::{Digest, Sha256};
use tokio::time::{MissedTickBehavior, interval};

use crate::StoreError;

const NAME: &str = "closed";
/// Under which a page is made anew.
const NAME_NEW: &str = "closed.new";
const PAGE_BYTES: usize = 64 * 1024;
const HALF_BYTES: usize = PAGE_BYTES / 2;
const HEAD_BYTES: usize = 8 + 4 + 32;
/// How often it is looked after.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The page. Clones are the same.
#[derive(Debug, Clone)]
pub struct ClosedPage {
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug)]
struct Inside {
    folder: PathBuf,
    /// Device and inode of the folder. One that stands in its place has another database, and gets no page.
    identity: (u64, u64),
    file: File,
    /// Of the newer half.
    turn: u64,
    /// What is owed to logs, in the order in which it came.
    entries: Vec<Entry>,
    /// The file says something else.
    stale: bool,
    /// The last look failed, which was told.
    failing: bool,
}

impl ClosedPage {
    /// Opens the page of a data folder, and writes one in full where there is none.
    ///
    /// # Errors
    /// [`StoreError::File`]: it cannot be read or written.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(NAME);
        let failed = |doing| {
            let path = path.clone();
            move |cause| StoreError::File { doing, path, cause }
        };
        let file = options().create(true).open(&path).map_err(failed("open"))?;
        let mut page = vec![0; PAGE_BYTES];
        let length = usize::try_from(file.metadata().map_err(failed("look at"))?.len()).unwrap_or(PAGE_BYTES);
        file.read_exact_at(&mut page[..length.min(PAGE_BYTES)], 0).map_err(failed("read"))?;
        if length != PAGE_BYTES {
            // Written in full, not merely made longer: a file with holes has no room on a disk that is full.
            file.write_all_at(&page, 0).map_err(failed("write"))?;
            file.set_len(PAGE_BYTES as u64).map_err(failed("write"))?;
            file.sync_all().map_err(failed("sync"))?;
        }
        let newest = page.chunks(HALF_BYTES).filter_map(read).max_by_key(|(turn, _)| *turn);
        if newest.is_none() && page.iter().any(|byte| *byte != 0) {
            tracing::warn!(page = %path.display(), "what closed while a log could not be written cannot be read from its page");
        }
        let (turn, entries) = newest.unwrap_or_default();
        let identity = identity(folder).map_err(failed("look at the folder of"))?;
        let inside =
            Inside { folder: folder.to_owned(), identity, file, turn, entries, stale: false, failing: false };
        Ok(Self { inside: Arc::new(Mutex::new(inside)) })
    }

    /// Looks after the page for as long as this is awaited: what could not be written is written when it can be, and a page that is not in the folder
    /// any more is made anew.
    pub async fn keep(self) {
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            self.look().await;
        }
    }

    /// Looks after it once. What fails is told once and tried again at the next look.
    pub async fn look(&self) {
        let looked = self.with("kept", |inside| {
            let looked = inside.look();
            let told = std::mem::replace(&mut inside.failing, looked.is_err());
            Ok(looked.err().filter(|_| !told))
        });
        match looked.await {
            Ok(None) => {}
            Ok(Some(error)) => tracing::error!(%error,
                "the page of closing acts cannot be kept: what closes while a log cannot be written is lost by a restart"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the page cannot be looked at")
            }
        }
    }

    async fn with<T: Send + 'static>(
        &self,
        doing: &'static str,
        what: impl FnOnce(&mut Inside) -> io::Result<T> + Send + 'static,
    ) -> Result<T, UnloggedError> {
        let inside = Arc::clone(&self.inside);
        let done = tokio::task::spawn_blocking(move || {
            what(&mut inside.lock().unwrap_or_else(PoisonError::into_inner))
        });
        let failed = |cause: Box<dyn std::error::Error + Send + Sync>| UnloggedError { doing, cause };
        done.await.map_err(|cause| failed(cause.into()))?.map_err(|cause| failed(cause.into()))
    }
}

impl Unlogged for ClosedPage {
    fn put(&self, entry: Entry) -> UnloggedFuture<'_, ()> {
        Box::pin(self.with("written", move |inside| inside.put(entry)))
    }

    fn all(&self, run: &RunId) -> UnloggedFuture<'_, Vec<Entry>> {
        let run = run.clone();
        Box::pin(self.with("read", move |inside| {
            Ok(inside.entries.iter().filter(|entry| entry.run == run).cloned().collect())
        }))
    }

    fn clear(&self, run: &RunId) -> UnloggedFuture<'_, ()> {
        let run = run.clone();
        Box::pin(self.with("written", move |inside| inside.clear(&run)))
    }
}

impl Inside {
    fn put(&mut self, entry: Entry) -> io::Result<()> {
        if !self.entries.iter().any(|known| known.is(&entry)) {
            let mut entries = self.entries.clone();
            entries.push(entry);
            // One that finds no room leaves the others as they are.
            let fitting = abridged::to_fit(entries, HALF_BYTES - HEAD_BYTES)?;
            self.entries = fitting.ok_or_else(|| io::Error::other("the page is full"))?;
            self.stale = true;
        }
        self.write()
    }

    fn clear(&mut self, run: &RunId) -> io::Result<()> {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.run != *run);
        self.stale |= self.entries.len() < before;
        self.write()
    }

    /// Brings the file to what is owed.
    fn write(&mut self) -> io::Result<()> {
        self.check()?;
        if self.stale {
            let turn = self.turn + 1;
            write_half(&self.file, turn, &self.entries)?;
            (self.turn, self.stale) = (turn, false);
        }
        Ok(())
    }

    /// What a restart reads is this file.
    fn check(&self) -> io::Result<()> {
        let path = self.folder.join(NAME);
        let (there, ours) = (fs::metadata(&path)?, self.file.metadata()?);
        let same = (there.dev(), there.ino()) == (ours.dev(), ours.ino());
        if same && ours.len() == PAGE_BYTES as u64 {
            return Ok(());
        }
        Err(io::Error::other(format!("{} was deleted or replaced while it was in use", path.display())))
    }

    fn look(&mut self) -> io::Result<()> {
        let Err(gone) = self.check() else { return self.write() };
        if identity(&self.folder)? != self.identity {
            return Err(gone);
        }
        self.make_anew()?;
        tracing::warn!(why = %gone, "the page of closing acts is made anew");
        Ok(())
    }

    /// Writes a page beside its place and moves it there.
    fn make_anew(&mut self) -> io::Result<()> {
        let beside = self.folder.join(NAME_NEW);
        let file = options().create(true).truncate(true).open(&beside)?;
        let turn = self.turn + 1;
        file.write_all_at(&[0; PAGE_BYTES], 0)?;
        write_half(&file, turn, &self.entries)?;
        file.sync_all()?;
        fs::rename(&beside, self.folder.join(NAME))?;
        File::open(&self.folder)?.sync_all()?;
        (self.file, self.turn, self.stale) = (file, turn, false);
        Ok(())
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).truncate(false).mode(0o600);
    options
}

fn identity(folder: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(folder).map(|there| (there.dev(), there.ino()))
}

/// Writes the half whose turn it is; the other stays as it is.
fn write_half(file: &File, turn: u64, entries: &[Entry]) -> io::Result<()> {
    let body = serde_json::to_vec(entries)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    let mut half = turn.to_be_bytes().to_vec();
    half.extend(length.to_be_bytes());
    let signed = Sha256::new().chain_update(&half).chain_update(&body).finalize();
    half.extend(signed);
    half.extend(body);
    let at = if turn.is_multiple_of(2) { 0 } else { HALF_BYTES };
    file.write_all_at(&half, at as u64)?;
    file.sync_data()
}

/// Turn and entries of a half, if it is whole.
fn read(half: &[u8]) -> Option<(u64, Vec<Entry>)> {
    let turn = u64::from_be_bytes(half.get(..8)?.try_into().ok()?);
    let length = u32::from_be_bytes(half.get(8..12)?.try_into().ok()?) as usize;
    let body = half.get(HEAD_BYTES..HEAD_BYTES.checked_add(length)?)?;
    let signed = Sha256::new().chain_update(&half[..12]).chain_update(body).finalize();
    if signed[..] != half[12..HEAD_BYTES] {
        return None;
    }
    Some((turn, serde_json::from_slice(body).ok()?))
}
