//! What the ports of a store promise, as suites that any store runs.
//!
//! A suite is given a [`Harness`] afresh for each promise, and names the first promise that is broken. [`MemoryStore`](crate::MemoryStore)
//! can be made to break one, so that each suite is known to find what it is for.

pub mod directories;
pub mod log;
pub mod runs;
pub mod tokens;

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use service::port::directories::Directories;
use service::port::log::Log;
use service::port::runs::Runs;
use service::port::tokens::Tokens;

/// A store: all that a server keeps.
pub trait Store: Log + Directories + Runs + Tokens {}

impl<T: Log + Directories + Runs + Tokens> Store for T {}

/// A store, empty at first, and what can happen to it.
pub trait Harness {
    /// The store as it is open now.
    fn store(&self) -> Arc<dyn Store>;
    /// Closes it in good order and opens it again.
    fn reopen(&mut self) -> impl Future<Output = ()>;
    /// Ends it at once and opens what is left. As near to a loss of power as the harness can come.
    fn crash(&mut self) -> impl Future<Output = ()>;
}

/// A promise that a store has broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("broken: {promise}: {seen}")]
pub struct Broken {
    /// The promise, one of those that the suite names.
    pub promise: &'static str,
    /// What was seen instead.
    pub seen: String,
}

/// How the look at one promise ends.
type Seen = Result<(), String>;

fn kept(promise: &'static str, seen: Seen) -> Result<(), Broken> {
    seen.map_err(|seen| Broken { promise, seen })
}

/// What was seen is what was promised.
fn same<T: PartialEq + Debug>(what: &str, seen: &T, promised: &T) -> Seen {
    if seen == promised { Ok(()) } else { Err(format!("{what} is {seen:?} and not {promised:?}")) }
}

/// What a port refused to do.
fn refused(what: &'static str) -> impl FnOnce(Box<dyn std::error::Error>) -> String {
    move |cause| format!("the store would not {what}: {cause}")
}

/// An answer of a port that was to be given.
trait Given<T> {
    /// The answer, or what was refused.
    fn given(self, what: &'static str) -> Result<T, String>;
}

impl<T, E: std::error::Error + 'static> Given<T> for Result<T, E> {
    fn given(self, what: &'static str) -> Result<T, String> {
        self.map_err(|cause| refused(what)(Box::new(cause)))
    }
}
