//! What a client of a sequence asked for.

use base::{CommandKey, Wall};
use meeting::Act;
use service::control::Acked;

/// A command that a client gave.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) actor: usize,
    pub(crate) act: Act,
    pub(crate) key: CommandKey,
    /// The client has an answer.
    pub(crate) done: bool,
    /// The first acknowledgement: each further one must be the same.
    pub(crate) acked: Option<Acked>,
    pub(crate) refused: bool,
    /// How often it was sent.
    pub(crate) tries: u32,
    /// When it reached a server last, in microseconds of the sequence.
    pub(crate) arrived: Option<u64>,
    /// How often it reached the server in office, and was not answered there.
    pub(crate) open: u32,
    /// When it took effect while the log could not be written.
    pub(crate) closed: Option<Wall>,
    /// The key was used before, for another kind of act.
    pub(crate) reused: bool,
}
