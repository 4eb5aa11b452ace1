//! The data folder: its lock, who may look into it, the token key, and a copy of it to try things on.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::StoreError;

/// Names of the files.
const DATABASE: &str = "onehall.db";
const WAL: &str = "onehall.db-wal";
const SHM: &str = "onehall.db-shm";
const KEY: &str = "token.key";
const LOCK: &str = "store.lock";
const HEADS: &str = "heads";

/// Permissions of anybody but the owner.
const OTHERS: u32 = 0o077;
/// In a folder with this bit each user has files of their own, as in `/tmp`.
const STICKY: u32 = 0o1000;

/// How long whoever takes a folder waits for those who look at it: they copy its database.
const LOOKERS_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Bytes of the key that tokens are signed with.
pub const TOKEN_KEY_BYTES: usize = 32;

/// Whether that folder holds a store already.
///
/// # Errors
/// [`StoreError::File`]: that cannot be seen, as where the folder is another user's.
pub fn exists(folder: &Path) -> Result<bool, StoreError> {
    let path = database(folder);
    match fs::metadata(&path) {
        Ok(_) => Ok(true),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(failed("look at", &path)(cause)),
    }
}

/// The database file of a data folder.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// A folder that this process has to itself, until this is dropped or the process ends in any way.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _own: Own,
}

/// What makes a folder this process's own.
#[derive(Debug)]
enum Own {
    /// The system lets go of the lock when the process ends.
    Locked { _lock: File },
    /// Nobody else knows of the folder.
    Copied { _temporary: Temporary },
}

impl Folder {
    /// Makes the folder if need be, closes it to others, and takes it.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("make", path))?;
        close_to_others(path)?;
        let lock_path = path.join(LOCK);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .map_err(failed("open", &lock_path))?;
        wait_for_lookers(path, &mut lock)?;
        let write = |lock: &mut File| {
            lock.set_len(0)?;
            lock.rewind()?;
            lock.write_all(format!("{}\n", std::process::id()).as_bytes())
        };
        write(&mut lock).map_err(failed("write", &lock_path))?;
        Ok(Self { path: path.to_owned(), _own: Own::Locked { _lock: lock } })
    }

    /// Copies the database of a data folder that no process has into a temporary folder, and writes nothing in the data folder.
    pub(crate) fn copy_of(path: &Path) -> Result<Self, StoreError> {
        let _lock = look(path)?;
        let temporary = Temporary::make()?;
        // The WAL first: what a checkpoint moves meanwhile is then in both, and not in neither.
        for name in [WAL, DATABASE] {
            let (from, to) = (path.join(name), temporary.0.join(name));
            let there = match File::open(&from) {
                Err(cause) if name == WAL && cause.kind() == ErrorKind::NotFound => continue,
                opened => opened.map_err(failed("open", &from))?,
            };
            if !there.metadata().map_err(failed("look at", &from))?.is_file() {
                return Err(failed("read", &from)(ErrorKind::IsADirectory.into()));
            }
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&to);
            let copied = made.and_then(|mut made| std::io::copy(&mut &there, &mut made));
            copied.map_err(failed("copy the database to", &to))?;
        }
        Ok(Self { path: temporary.0.clone(), _own: Own::Copied { _temporary: temporary } })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The database file.
    pub(crate) fn database(&self) -> PathBuf {
        database(&self.path)
    }

    /// The file of heads; none in a copy, to which nothing is appended.
    pub(crate) fn heads(&self) -> Option<PathBuf> {
        match &self._own {
            Own::Locked { .. } => Some(self.path.join(HEADS)),
            Own::Copied { .. } => None,
        }
    }

    /// The WAL of the database.
    pub(crate) fn wal(&self) -> PathBuf {
        self.path.join(WAL)
    }

    /// Makes an empty database if there is none, for its owner alone: SQLite gives what it makes beside it the same mode.
    pub(crate) fn make_database(&self) -> Result<(), StoreError> {
        let path = self.database();
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(_) => Ok(()),
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(cause) => Err(failed("make", &path)(cause)),
        }
    }

    /// The token key, made where there is neither key nor database yet. Beside a database its links need the key that they were made with, so
    /// there another is made only if that is `renewed`: none then, until what it makes worthless is [revoked](token::revoke_all).
    pub(crate) fn token_key(&self, renewed: bool) -> Result<Option<[u8; TOKEN_KEY_BYTES]>, StoreError> {
        if let Some(key) = stored_key(&self.path)? {
            return Ok(Some(key));
        }
        if !exists(&self.path)? {
            return self.make_key().map(Some);
        }
        let path = self.path.join(KEY);
        if !renewed {
            return Err(StoreError::NoKey { path });
        }
        tracing::warn!(key = %path.display(), "a new token key is made: every link that was given out before is worthless");
        Ok(None)
    }

    /// Writes the key beside its place and moves it there, so that a crash leaves a whole key or none.
    pub(crate) fn make_key(&self) -> Result<[u8; TOKEN_KEY_BYTES], StoreError> {
        let path = self.path.join(KEY);
        let mut key = [0; TOKEN_KEY_BYTES];
        getrandom::fill(&mut key).map_err(StoreError::Random)?;
        let beside = self.path.join("token.key.new");
        let write = || {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(&key)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&self.path)?.sync_all()
        };
        write().map_err(failed("write", &path))?;
        Ok(key)
    }
}

/// Closes the folder and its database to all but their owner: in them are names. A folder that holds other things may be everybody's, as `/tmp`
/// is, and is refused instead.
fn close_to_others(folder: &Path) -> Result<(), StoreError> {
    let mode = mode(folder)?;
    if mode & OTHERS != 0 {
        let ours = if mode & STICKY == 0 { exists(folder)? } else { false };
        let empty = || fs::read_dir(folder).map(|mut entries| entries.next().is_none());
        if !ours && !empty().map_err(failed("look into", folder))? {
            return Err(StoreError::FolderOpen { folder: folder.to_owned(), mode: mode & 0o777 });
        }
        close(folder, 0o700)?;
    }
    for name in [DATABASE, WAL, SHM] {
        let path = folder.join(name);
        if fs::exists(&path).map_err(failed("look at", &path))? && self::mode(&path)? & OTHERS != 0 {
            close(&path, 0o600)?;
        }
    }
    Ok(())
}

fn mode(path: &Path) -> Result<u32, StoreError> {
    fs::metadata(path).map_err(failed("look at", path)).map(|there| there.permissions().mode())
}

fn close(path: &Path, mode: u32) -> Result<(), StoreError> {
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed("close to others", path))?;
    tracing::info!(path = %path.display(), "others could read this; now its owner alone can");
    Ok(())
}

/// A temporary folder that goes with this.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Temporary {
    /// For its owner alone, as the database is: it holds names.
    fn make() -> Result<Self, StoreError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(StoreError::Random)?;
        let path = std::env::temp_dir().join(format!("onehall-{:016x}", u64::from_le_bytes(random)));
        DirBuilder::new().mode(0o700).create(&path).map_err(failed("make", &path))?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "a copy of the database stays, which holds names: remove it");
        }
    }
}

/// Locks a data folder for as long as it is looked at. One without the lock file was never taken by anybody, and gets none.
fn look(path: &Path) -> Result<Option<File>, StoreError> {
    let lock_path = path.join(LOCK);
    let mut lock = match File::open(&lock_path) {
        Ok(lock) => lock,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(failed("open", &lock_path)(cause)),
    };
    let held = lock.try_lock_shared();
    taken(held, path, &mut lock)?;
    Ok(Some(lock))
}

/// Locks the file for this process alone. Who only looks at the folder is waited for; who has it is not.
fn wait_for_lookers(folder: &Path, lock: &mut File) -> Result<(), StoreError> {
    let until = Instant::now() + LOOKERS_WITHIN;
    loop {
        match lock.try_lock() {
            // Whoever has the folder keeps others from looking as well.
            Err(TryLockError::WouldBlock) if lock.try_lock_shared().is_ok() => {
                lock.unlock().map_err(failed("unlock", &folder.join(LOCK)))?;
            }
            held => return taken(held, folder, lock),
        }
        if Instant::now() >= until {
            return Err(StoreError::LookedAt { folder: folder.to_owned() });
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn taken(held: Result<(), TryLockError>, folder: &Path, lock: &mut File) -> Result<(), StoreError> {
    match held {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(locked(folder, lock)),
        Err(TryLockError::Error(cause)) => Err(failed("lock", &folder.join(LOCK))(cause)),
    }
}

/// The token key of a data folder that has one.
pub(crate) fn stored_key(folder: &Path) -> Result<Option<[u8; TOKEN_KEY_BYTES]>, StoreError> {
    let path = folder.join(KEY);
    match File::open(&path) {
        Ok(file) => read_key(&path, file).map(Some),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(failed("open", &path)(cause)),
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
