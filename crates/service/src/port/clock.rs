//! The port to the machine's clocks.

use base::{Mono, Wall};

/// Both clocks of control. Machines are given times, the tasks around them ask here.
pub trait Clock: Send + Sync {
    /// Since the process began.
    fn mono(&self) -> Mono;
    /// The date.
    fn wall(&self) -> Wall;
}
