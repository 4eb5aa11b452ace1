//! Why a task did not succeed.

use std::fmt;
use std::path::PathBuf;

use crate::step;

/// Why a task did not succeed, in a sentence that says what to do where something can be done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No task has this name.
    UnknownTask { word: String, nearest: &'static str },
    /// A task that takes no options got one.
    UnknownOption { task: &'static str, word: String },
    /// The night has no such part.
    UnknownPart { word: String, known: Vec<String> },
    /// Nothing is fuzzed by this name.
    UnknownTarget { word: String, known: Vec<String> },
    /// Something that only the person at the machine can install.
    Missing { what: String, how: String },
    /// A program could not be started.
    Start { program: String, cause: std::io::Error },
    /// A program ended badly; it has said itself why.
    Ended { what: String },
    /// A file could not be read or written.
    File { path: PathBuf, cause: std::io::Error },
    /// A program answered something that cannot be read.
    Answer { program: &'static str, cause: String },
    /// Steps failed; the summary has named them.
    Steps,
}

impl Failure {
    /// Says on standard error why, unless a summary has said so already.
    pub(crate) fn report(&self) {
        if !matches!(self, Self::Steps) {
            step::say(&format!("error: {self}"));
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTask { word, nearest } => {
                write!(
                    out,
                    "`{word}` is no task; did you mean `cargo xtask {nearest}`? `cargo xtask help` lists them"
                )
            }
            Self::UnknownOption { task, word } => {
                write!(
                    out,
                    "`cargo xtask {task}` knows no option `{word}`; `cargo xtask {task} --help` names them"
                )
            }
            Self::UnknownPart { word, known } => {
                write!(out, "`{word}` is no part of `cargo xtask nightly`; there are {}", known.join(", "))
            }
            Self::UnknownTarget { word, known } => {
                write!(out, "`{word}` is no target of `cargo xtask fuzz`; there are {}", known.join(", "))
            }
            Self::Missing { what, how } => write!(out, "{what} is missing; {how}"),
            Self::Start { program, cause } => write!(out, "`{program}` cannot be started: {cause}"),
            Self::Ended { what } => write!(out, "{what} failed"),
            Self::File { path, cause } => write!(out, "{}: {cause}", path.display()),
            Self::Answer { program, cause } => write!(out, "`{program}` gave an unreadable answer: {cause}"),
            Self::Steps => write!(out, "some steps failed"),
        }
    }
}

impl std::error::Error for Failure {}
