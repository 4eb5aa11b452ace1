//! What of the opening is kept in the data folder: how many acts are done. No file is there where none is due any more, or none ever was.

use std::io;
use std::path::{Path, PathBuf};

use super::Step;

fn file(data: &Path) -> PathBuf {
    data.join("opening")
}

/// Before the meeting is stored: a run that is to begin is to be opened, if it is `wanted`. Where it is not, it never will be.
///
/// # Errors
/// If the folder cannot be written.
pub(crate) fn prepare(data: &Path, begins: bool, wanted: bool) -> io::Result<()> {
    match (begins, wanted) {
        (true, true) => note(data, 0),
        (false, true) => Ok(()),
        (_, false) => forget(data),
    }
}

/// How many acts are done, if the run is being opened.
pub(crate) fn due(data: &Path) -> Option<usize> {
    let done = std::fs::read_to_string(file(data)).ok()?.trim().parse().ok()?;
    (done < Step::ALL.len()).then_some(done)
}

pub(super) fn note(data: &Path, done: usize) -> io::Result<()> {
    std::fs::write(file(data), format!("{done}\n"))
}

/// Nothing more is to be done, now or later.
pub(super) fn forget(data: &Path) -> io::Result<()> {
    match std::fs::remove_file(file(data)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
