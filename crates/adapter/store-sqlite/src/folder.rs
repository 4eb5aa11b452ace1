//! The data folder: its lock and the token key.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Name of the database file.
const DATABASE: &str = "onehall.db";

/// Bytes of the key that tokens are signed with.
pub const TOKEN_KEY_BYTES: usize = 32;

/// That folder holds a store already.
#[must_use]
pub fn exists(folder: &Path) -> bool {
    folder.join(DATABASE).exists()
}

/// A data folder that this process has to itself, until this is dropped or the process ends in any way.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Locked; the system lets go of it when the process ends.
    _lock: File,
}

impl Folder {
    /// Makes the folder if need be and takes it.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("make", path))?;
        let lock_path = path.join("store.lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .map_err(failed("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(locked(path, &mut lock)),
            Err(TryLockError::Error(cause)) => return Err(failed("lock", &lock_path)(cause)),
        }
        let write = |lock: &mut File| {
            lock.set_len(0)?;
            lock.rewind()?;
            lock.write_all(format!("{}\n", std::process::id()).as_bytes())
        };
        write(&mut lock).map_err(failed("write", &lock_path))?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The database file.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The token key, made at the first call.
    pub(crate) fn token_key(&self) -> Result<[u8; TOKEN_KEY_BYTES], StoreError> {
        let path = self.path.join("token.key");
        match File::open(&path) {
            Ok(file) => read_key(&path, file),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => self.make_key(&path),
            Err(cause) => Err(failed("open", &path)(cause)),
        }
    }

    /// Writes the key beside its place and moves it there, so that a crash leaves a whole key or none.
    fn make_key(&self, path: &Path) -> Result<[u8; TOKEN_KEY_BYTES], StoreError> {
        let mut key = [0; TOKEN_KEY_BYTES];
        getrandom::fill(&mut key).map_err(StoreError::Random)?;
        let beside = self.path.join("token.key.new");
        let write = || {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(&key)?;
            file.sync_all()?;
            fs::rename(&beside, path)?;
            File::open(&self.path)?.sync_all()
        };
        write().map_err(failed("write", path))?;
        Ok(key)
    }
}

fn read_key(path: &Path, file: File) -> Result<[u8; TOKEN_KEY_BYTES], StoreError> {
    let mode = file.metadata().map_err(failed("look at", path))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(StoreError::KeyOpen { path: path.to_owned(), mode });
    }
    let mut bytes = Vec::new();
    // One byte more than a key, so that a longer file is told from a key without reading all of it.
    file.take(TOKEN_KEY_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed("read", path))?;
    let found = bytes.len();
    bytes.try_into().map_err(|_| StoreError::KeyLength {
        path: path.to_owned(),
        bytes: found,
        wanted: TOKEN_KEY_BYTES,
    })
}

fn locked(folder: &Path, lock: &mut File) -> StoreError {
    let mut pid = String::new();
    // The lock is what counts; the number is only for the reader of the message.
    let read = lock.take(32).read_to_string(&mut pid);
    let pid = pid.trim();
    let pid = if read.is_ok() && !pid.is_empty() { pid } else { "that wrote no number" };
    StoreError::Locked { folder: folder.to_owned(), pid: pid.to_owned() }
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    move |cause| StoreError::File { doing, path: path.to_owned(), cause }
}
