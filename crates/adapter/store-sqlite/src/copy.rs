//! The copy of the database that is made before it is migrated: the way back to the version before.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;

/// Copies of one schema that may lie beside the database: each is as large as it was.
const COPIES_MAX: usize = 9;

/// A copy beside the database.
pub(crate) struct Copied {
    pub(crate) path: PathBuf,
    /// It was not there before.
    pub(crate) made: bool,
}

/// Copies the database, which has schema `schema`, to `onehall.db.SCHEMA` beside it, for its owner alone. A copy that is there already stays:
/// the same one is used again, and another is `onehall.db.SCHEMA.2`, and so on. What has that name is whole, whenever a crash comes.
pub(crate) async fn beside(
    connection: &mut SqliteConnection,
    database: &Path,
    schema: i64,
) -> Result<Copied, StoreError> {
    let unfinished = with_ending(database, "copy");
    // What a crash left there goes, whatever its mode is or it points to; what cannot go keeps the copy from being made.
    let _ = fs::remove_file(&unfinished);
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished);
    drop(made.map_err(failed("make", &unfinished))?);
    // SQLite writes into a file that is there if it is empty, so it never has another mode.
    let written = sqlx::query("VACUUM INTO ?")
        .bind(unfinished.to_string_lossy().as_ref())
        .execute(connection)
        .await
        .tried("copy itself");
    let copied = written.and_then(|_| named(&unfinished, database, schema));
    if !matches!(copied, Ok(Copied { made: true, .. })) {
        // Whatever there is of it is no copy, or one too many, and the next attempt begins it afresh.
        let _ = fs::remove_file(&unfinished);
    }
    copied
}

/// The same copy if it is there, else this one under the first free name.
fn named(unfinished: &Path, database: &Path, schema: i64) -> Result<Copied, StoreError> {
    let first = with_ending(database, &schema.to_string());
    let further = (2..=COPIES_MAX).map(|n| with_ending(database, &format!("{schema}.{n}")));
    let mut free = None;
    for path in std::iter::once(first.clone()).chain(further) {
        match path.symlink_metadata() {
            // What cannot be read is not known to be the same.
            Ok(there) if there.is_file() && same(unfinished, &path).unwrap_or(false) => {
                return Ok(Copied { path, made: false });
            }
            Ok(_) => {}
            Err(_) => free = free.or(Some(path)),
        }
    }
    let path = free.ok_or(StoreError::Copies { first, count: COPIES_MAX })?;
    keep(unfinished, &path).map_err(failed("keep", &path))?;
    Ok(Copied { path, made: true })
}

/// Both hold the same. What `SQLite` counts in the header may differ: a copy of a copy has one more change of the schema.
fn same(left: &Path, right: &Path) -> std::io::Result<bool> {
    let (mut left, mut right) = (File::open(left)?, File::open(right)?);
    if left.metadata()?.len() != right.metadata()?.len() || header(&mut left)? != header(&mut right)? {
        return Ok(false);
    }
    let (mut left, mut right) = (BufReader::new(left), BufReader::new(right));
    loop {
        let (a, b) = (left.fill_buf()?, right.fill_buf()?);
        let count = a.len().min(b.len());
        if a[..count] != b[..count] {
            return Ok(false);
        }
        if count == 0 {
            return Ok(a.len() == b.len());
        }
        left.consume(count);
        right.consume(count);
    }
}

/// The header of a database without its counters: changes of the file and of the schema, and which change was written by which `SQLite`
/// (its file format, §1.3).
fn header(database: &mut File) -> std::io::Result<[u8; 100]> {
    let mut header = [0; 100];
    database.read_exact(&mut header)?;
    for counter in [24..28, 40..44, 92..100] {
        header[counter].fill(0);
    }
    Ok(header)
}

/// On disk before it has its name, and its name on disk before anything is migrated.
fn keep(unfinished: &Path, copy: &Path) -> std::io::Result<()> {
    File::open(unfinished)?.sync_all()?;
    fs::rename(unfinished, copy)?;
    copy.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn with_ending(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    move |cause| StoreError::File { doing, path: path.to_owned(), cause }
}
