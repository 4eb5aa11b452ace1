//! What is wrong with a meeting file, and where.

use std::fmt;
use std::path::PathBuf;

use base::limits::FILE_BYTES_MAX;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// The key, as in `venues[3].short`, counted from 1. Empty where no key is meant.
    pub key: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)
    }
}

/// Why a meeting file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("the meeting file {} cannot be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: std::io::Error,
    },
    /// It is longer than the limit.
    #[error("the meeting file {} is longer than {FILE_BYTES_MAX} bytes", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
    /// It is not UTF-8.
    #[error("the meeting file {} is not UTF-8 text from line {line} on", path.display())]
    NotText {
        /// Which.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
    },
    /// Something in it is wrong.
    #[error("the meeting file {} is not right:{}", path.display(), listed(faults))]
    Wrong {
        /// Which.
        path: PathBuf,
        /// What is wrong, in the order of the file where there are several.
        faults: Vec<Fault>,
    },
}

fn listed(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

/// The known word that is most like `given`, if one is like it at all.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(word, given), word))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}
