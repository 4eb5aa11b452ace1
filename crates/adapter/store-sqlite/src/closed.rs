//! The page of closing acts: the file `closed` of the data folder, 64 KiB that are allocated before the server is ready, so that a disk which fills up
//! later still takes them (R17).
//!
//! Entries follow on each other from the beginning: a status byte (1 live, 2 done), the length of the body as four bytes (big endian), the SHA-256 of the
//! body, the body as JSON. The first one that does not verify is the end. An entry that is done is marked in place; when all are, the page is begun
//! anew. A file system that copies on write may refuse even this; then whoever closed is told that it is not kept.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use base::RunId;
use service::port::unlogged::{Closing, Entry, Unlogged, UnloggedError, UnloggedFuture};
use sha2::{Digest, Sha256};

use crate::StoreError;

const NAME: &str = "closed";
const PAGE_BYTES: usize = 64 * 1024;
/// Room that is kept for entries of all branches.
const RESERVE_BYTES: usize = 4 * 1024;
const HEAD_BYTES: usize = 1 + 4 + 32;
const LIVE: u8 = 1;
const DONE: u8 = 2;

/// The page.
#[derive(Debug, Clone)]
pub struct ClosedPage {
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug)]
struct Inside {
    file: File,
    placed: Vec<Placed>,
}

/// An entry where it stands.
#[derive(Debug)]
struct Placed {
    at: usize,
    bytes: usize,
    live: bool,
    entry: Entry,
}

impl ClosedPage {
    /// Opens the page of a data folder, and writes one in full where there is none.
    ///
    /// # Errors
    /// [`StoreError::File`]: it cannot be read or allocated.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(NAME);
        let failed = |doing| {
            let path = path.clone();
            move |cause| StoreError::File { doing, path, cause }
        };
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(failed("open"))?;
        let mut page = vec![0; PAGE_BYTES];
        let length = usize::try_from(file.metadata().map_err(failed("look at"))?.len()).unwrap_or(PAGE_BYTES);
        file.read_exact_at(&mut page[..length.min(PAGE_BYTES)], 0).map_err(failed("read"))?;
        if length < PAGE_BYTES {
            // Written in full, not merely made longer: a file with holes has no room on a disk that is full.
            file.write_all_at(&page, 0).map_err(failed("write"))?;
            file.sync_all().map_err(failed("sync"))?;
        }
        let placed = placed(&page);
        Ok(Self { inside: Arc::new(Mutex::new(Inside { file, placed })) })
    }

    async fn with<T: Send + 'static>(
        &self,
        doing: &'static str,
        what: impl FnOnce(&mut Inside) -> std::io::Result<T> + Send + 'static,
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
        Box::pin(self.with("read", move |inside| Ok(inside.live(&run).cloned().collect())))
    }

    fn clear(&self, entry: Entry) -> UnloggedFuture<'_, ()> {
        Box::pin(self.with("written", move |inside| inside.clear(|known| known.is(&entry))))
    }
}

impl Inside {
    fn live(&self, run: &RunId) -> impl Iterator<Item = &Entry> {
        self.placed.iter().filter(move |placed| placed.live && placed.entry.run == *run).map(|p| &p.entry)
    }

    fn put(&mut self, entry: Entry) -> std::io::Result<()> {
        if self.placed.iter().any(|placed| placed.live && placed.entry.is(&entry)) {
            return Ok(());
        }
        // That one says it all, but for the picture.
        if entry.closing != Closing::Slate && self.live(&entry.run).any(Entry::is_of_all) {
            return Ok(());
        }
        if self.append(entry.clone(), PAGE_BYTES - RESERVE_BYTES)? {
            return Ok(());
        }
        let whole = Entry::of_all(entry.run.clone(), entry.at);
        if !self.append(whole.clone(), PAGE_BYTES)? {
            return Err(std::io::Error::other("the page is full"));
        }
        self.clear(|known| known.run == entry.run && !known.is(&whole) && known.closing != Closing::Slate)
    }

    /// Writes an entry behind the last one. False if there is no room for it before `end`.
    fn append(&mut self, entry: Entry, end: usize) -> std::io::Result<bool> {
        let body = serde_json::to_vec(&entry)?;
        let at = self.placed.last().map_or(0, |last| last.at + last.bytes);
        let bytes = HEAD_BYTES + body.len();
        if at + bytes > end {
            return Ok(false);
        }
        let mut written = vec![LIVE];
        written.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
        written.extend(Sha256::digest(&body));
        written.extend(body);
        self.file.write_all_at(&written, at as u64)?;
        self.file.sync_data()?;
        self.placed.push(Placed { at, bytes, live: true, entry });
        Ok(true)
    }

    fn clear(&mut self, which: impl Fn(&Entry) -> bool) -> std::io::Result<()> {
        for placed in self.placed.iter_mut().filter(|placed| placed.live && which(&placed.entry)) {
            self.file.write_all_at(&[DONE], placed.at as u64)?;
            placed.live = false;
        }
        if self.placed.iter().all(|placed| !placed.live) {
            self.placed.clear();
        }
        self.file.sync_data()
    }
}

/// The entries that a page holds. One behind the end that is read again is marked as done, since all were before the page was begun anew.
fn placed(page: &[u8]) -> Vec<Placed> {
    let mut placed = Vec::new();
    let mut at = 0;
    while let Some((bytes, live, entry)) = read(&page[at..]) {
        placed.push(Placed { at, bytes, live, entry });
        at += bytes;
    }
    if placed.iter().all(|placed| !placed.live) {
        placed.clear();
    }
    placed
}

fn read(page: &[u8]) -> Option<(usize, bool, Entry)> {
    let status = *page.first()?;
    let length = u32::from_be_bytes(page.get(1..5)?.try_into().ok()?) as usize;
    let body = page.get(HEAD_BYTES..HEAD_BYTES.checked_add(length)?)?;
    if !(status == LIVE || status == DONE) || Sha256::digest(body)[..] != page[5..HEAD_BYTES] {
        return None;
    }
    Some((HEAD_BYTES + length, status == LIVE, serde_json::from_slice(body).ok()?))
}
