//! The copy of the database that is made before it is migrated: the way back to the version before.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;

/// Copies of one schema that may lie beside the database: each is as large as it was.
const COPIES_MAX: usize = 9;

/// Copies the database, which has schema `schema`, to `onehall.db.SCHEMA` beside it, for its owner alone. A copy that is there already stays:
/// the next is `onehall.db.SCHEMA.2`, and so on. What has that name is whole, whenever a crash comes.
pub(crate) async fn beside(
    connection: &mut SqliteConnection,
    database: &Path,
    schema: i64,
) -> Result<PathBuf, StoreError> {
    let copy = free_name(database, schema)?;
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
    let kept = written.and_then(|_| keep(&unfinished, &copy).map_err(failed("keep", &copy)));
    if let Err(cause) = kept {
        // Whatever there is of it is no copy, and the next attempt begins it afresh.
        let _ = fs::remove_file(&unfinished);
        return Err(cause);
    }
    Ok(copy)
}

fn free_name(database: &Path, schema: i64) -> Result<PathBuf, StoreError> {
    let first = with_ending(database, &schema.to_string());
    let further = (2..=COPIES_MAX).map(|n| with_ending(database, &format!("{schema}.{n}")));
    let mut names = std::iter::once(first.clone()).chain(further);
    names.find(|name| name.symlink_metadata().is_err()).ok_or(StoreError::Copies { first, count: COPIES_MAX })
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
