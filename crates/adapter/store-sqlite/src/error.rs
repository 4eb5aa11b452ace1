//! Why the store did not do what it should.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{LogCause, MeetingId};
use directory::DirectoryError;

/// SQLite's primary result codes for a file that is damaged or no database.
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_NOTADB: i32 = 26;
/// Of a disk that takes nothing.
const SQLITE_READONLY: i32 = 8;
const SQLITE_IOERR: i32 = 10;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANTOPEN: i32 = 14;

/// Why the store did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file of the data folder.
    #[error("could not {doing} {}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: std::io::Error,
    },
    /// Another process has the data folder.
    #[error("the data folder {} is in use by the process {pid}", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// The process, as its lock file names it.
        pid: String,
    },
    /// Dry runs copy the database all the time.
    #[error("the data folder {} is being looked at by a dry run that does not come to its end", folder.display())]
    LookedAt {
        /// The folder.
        folder: PathBuf,
    },
    /// A newer version has written the database.
    #[error("{} has schema {found}, this version knows schemas up to {known}: a newer version wrote it (docs/operate/server.md, A new version, says how to go back)", path.display())]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// Schema found.
        found: i64,
        /// Newest schema known.
        known: i64,
    },
    /// It could not be brought to the present schema.
    #[error("{} could not be migrated from schema {found} to {wanted}; it is as it was", path.display())]
    Migration {
        /// The database.
        path: PathBuf,
        /// Schema found.
        found: i64,
        /// Schema wanted.
        wanted: i64,
        /// The cause.
        #[source]
        cause: Box<StoreError>,
    },
    /// Too many copies of earlier migrations lie beside the database.
    #[error("{} and {} more copies are there already; move away those that nobody needs", first.display(), count - 1)]
    Copies {
        /// The first of them.
        first: PathBuf,
        /// How many there are.
        count: usize,
    },
    /// The database is damaged.
    #[error("{} is damaged; put it aside and take a copy", path.display())]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What was found.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The token key is not a key.
    #[error("{} has {bytes} bytes, a token key has {wanted}", path.display())]
    KeyLength {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: usize,
        /// The length of a key.
        wanted: usize,
    },
    /// Others may read the token key.
    #[error("{} has mode {mode:o}, so others may read the token key; give it mode 600", path.display())]
    KeyOpen {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// There is a database, and the key of its links is gone.
    #[error("{} is missing beside a database: every link that was given out needs it. Put it back from the backup, or start once with `onehall serve --new-token-key`, which makes a new one and all links of before worthless", path.display())]
    NoKey {
        /// Where it should be.
        path: PathBuf,
    },
    /// Others may look into the data folder, and it is not this store's alone.
    #[error("{} has mode {mode:o}, so others may look into it, and it holds other things; give it mode 700, or name a folder for the data alone", folder.display())]
    FolderOpen {
        /// The folder.
        folder: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file that is open was deleted or replaced, so what is written into it is lost at the next start.
    #[error("{} was deleted or replaced while it was in use: what is written now would be lost. Stop the server, see what became of the folder, and start it again", path.display())]
    Gone {
        /// Which.
        path: PathBuf,
    },
    /// No random bytes for the token key.
    #[error("the system gave no random bytes for the token key")]
    Random(#[source] getrandom::Error),
    /// SQLite failed.
    #[error("the database could not {doing}")]
    Database {
        /// What was tried.
        doing: &'static str,
        /// The cause.
        #[source]
        cause: sqlx::Error,
    },
    /// A stored value that this version does not understand.
    #[error("the database holds {value:?} as {what}, which this version does not understand")]
    Value {
        /// What it should be.
        what: &'static str,
        /// What it is.
        value: String,
    },
    /// Units, venues and people that do not make a directory.
    #[error("the stored directory does not hold together")]
    Directory(#[source] DirectoryError),
    /// There is no such meeting.
    #[error("there is no meeting {0}")]
    NoMeeting(MeetingId),
    /// Something would vanish that another meeting needs.
    #[error("{what} {id} cannot be removed: meeting {meeting} names it")]
    InUse {
        /// What.
        what: &'static str,
        /// Which.
        id: String,
        /// The other meeting.
        meeting: String,
    },
    /// A commit failed earlier, or the run was never opened, so what its log holds is not known.
    #[error("the run must be opened again before anything is appended")]
    NotOpened,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The failure of a transaction that several had part in.
    #[error("the transaction failed")]
    Shared(#[source] Arc<StoreError>),
}

impl StoreError {
    /// Names the file, if what failed is that it is damaged.
    #[must_use]
    pub(crate) fn named(self, path: &Path) -> Self {
        let primary = if let Self::Database { cause, .. } = &self { primary_code(cause) } else { None };
        if matches!(primary, Some(SQLITE_CORRUPT | SQLITE_NOTADB)) {
            Self::Corrupt { path: path.to_owned(), cause: Box::new(self) }
        } else {
            self
        }
    }
}

/// Says what was tried when SQLite failed.
pub(crate) trait Tried<T> {
    /// Turns the error into one of the store.
    fn tried(self, doing: &'static str) -> Result<T, StoreError>;
}

impl<T> Tried<T> for Result<T, sqlx::Error> {
    fn tried(self, doing: &'static str) -> Result<T, StoreError> {
        self.map_err(|cause| StoreError::Database { doing, cause })
    }
}

impl StoreError {
    /// Whether this is the disk's fault, and so concerns whatever is written there.
    pub(crate) fn is_of_disk(&self) -> bool {
        match self {
            Self::Shared(cause) => cause.is_of_disk(),
            Self::File { .. } => true,
            Self::Database { cause, .. } => matches!(
                primary_code(cause),
                Some(SQLITE_READONLY | SQLITE_IOERR | SQLITE_FULL | SQLITE_CANTOPEN)
            ),
            Self::Locked { .. }
            | Self::LookedAt { .. }
            | Self::NewerSchema { .. }
            | Self::Migration { .. }
            | Self::Copies { .. }
            | Self::Corrupt { .. }
            | Self::KeyLength { .. }
            | Self::KeyOpen { .. }
            | Self::NoKey { .. }
            | Self::FolderOpen { .. }
            | Self::Gone { .. }
            | Self::Random(_)
            | Self::Value { .. }
            | Self::Directory(_)
            | Self::NoMeeting(_)
            | Self::InUse { .. }
            | Self::NotOpened
            | Self::Closed => false,
        }
    }

    /// Why a log cannot be written, in one word.
    pub(crate) fn log_cause(&self) -> LogCause {
        match self {
            Self::Shared(cause) => cause.log_cause(),
            Self::Database { cause, .. } => match primary_code(cause) {
                Some(SQLITE_FULL) => LogCause::DiskFull,
                Some(SQLITE_READONLY) => LogCause::ReadOnly,
                Some(SQLITE_CORRUPT | SQLITE_NOTADB) => LogCause::Damaged,
                Some(_) | None => LogCause::IoError,
            },
            Self::NewerSchema { .. }
            | Self::Migration { .. }
            | Self::Corrupt { .. }
            | Self::Value { .. }
            | Self::Directory(_) => LogCause::Damaged,
            Self::Gone { .. } => LogCause::FolderGone,
            Self::File { .. }
            | Self::Locked { .. }
            | Self::LookedAt { .. }
            | Self::Copies { .. }
            | Self::KeyLength { .. }
            | Self::KeyOpen { .. }
            | Self::NoKey { .. }
            | Self::FolderOpen { .. }
            | Self::Random(_)
            | Self::NoMeeting(_)
            | Self::InUse { .. }
            | Self::NotOpened
            | Self::Closed => LogCause::IoError,
        }
    }
}

/// SQLite's primary result code.
fn primary_code(cause: &sqlx::Error) -> Option<i32> {
    let sqlx::Error::Database(cause) = cause else { return None };
    cause.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff)
}
