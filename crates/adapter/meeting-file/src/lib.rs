//! The meeting file: an organisation, its venues and one meeting, as a person writes them down in TOML.
//!
//! It parses, checks and words, and reads nothing but the file that it is told to. What is done with an organisation and a plan is for the
//! office of service to say.
//!
//! [`read`] takes a file, [`resolve`] what was read: it checks every name against every other, fills in ranks, search words and times,
//! and gives the [`Prepared`] directory and plan. [`lines`] says in words what applying it changes, and [`Files`]
//! hands it to the office of service. What is wrong is said with file, line,
//! key and the nearest known one. The form is that of [`MeetingFile`]; its JSON schema is committed under `docs/schema`.

mod fault;
mod file;
mod files;
mod lines;
mod locate;
mod resolve;
mod time;
mod words;

#[cfg(test)]
mod tests;

use std::io::Read as _;
use std::path::Path;

use base::Wall;
use base::limits::FILE_BYTES_MAX;
use directory::{Directory, Plan};
use jiff::tz::TimeZone;
use serde::Deserialize as _;
use toml::de::{DeTable, Deserializer};

pub use fault::{Fault, FileError};
pub use file::{
    All, ContactEntry, ItemEntry, MeetingEntry, MeetingFile, PersonEntry, PlannedTime, SourceEntry,
    TextEntry, UnitEntry, VenueEntry, VenueList, schema,
};
pub use files::Files;
pub use lines::lines;
pub use resolve::{Problem, resolve};
pub use time::in_utc;
pub use words::search_words;

/// Faults that one error lists.
const FAULTS_MAX: usize = 20;

/// What a meeting file says, checked and ordered: the organisation, and the plan of a meeting of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The organisation.
    pub directory: Directory,
    /// The plan.
    pub plan: Plan,
    /// Zone in which its times are shown.
    pub zone: TimeZone,
}

impl Prepared {
    /// Moves the planned start to `at`; each item then begins when the one before it is planned to end.
    pub fn start_at(&mut self, at: Wall) {
        self.plan.start = Some(at);
        let mut start = at;
        for item in &mut self.plan.items {
            item.start = Some(start);
            start = Wall(start.0.saturating_add(i64::from(item.minutes) * 60_000));
        }
    }
}

/// Reads a meeting file.
///
/// # Errors
/// [`FileError`] names the file, and the line and key of what is wrong in it.
pub fn read(path: &Path) -> Result<Prepared, FileError> {
    let unreadable = |cause| FileError::Unreadable { path: path.to_owned(), cause };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    // One byte over the limit tells a file that is too long, whatever its length is said to be.
    file.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLarge { path: path.to_owned() });
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count();
        FileError::NotText { path: path.to_owned(), line }
    })?;
    parse(&text).map_err(|faults| FileError::Wrong { path: path.to_owned(), faults })
}

/// Reads the text of a meeting file.
///
/// # Errors
/// All faults of the first kind that was found: a syntax error, or unknown keys, or a value of the wrong form, or names that do not fit
/// each other. At most 20.
pub fn parse(text: &str) -> Result<Prepared, Vec<Fault>> {
    let table = DeTable::parse(text).map_err(|error| vec![locate::syntax(text, &error)])?;
    let unknown = locate::unknown_keys(text, table.get_ref(), FAULTS_MAX);
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let file = MeetingFile::deserialize(Deserializer::from(table.clone()))
        .map_err(|error| vec![locate::value(text, table.get_ref(), &error)])?;
    resolve(&file).map_err(|problems| {
        problems
            .iter()
            .take(FAULTS_MAX)
            .map(|problem| locate::problem(text, table.get_ref(), problem))
            .collect()
    })
}
