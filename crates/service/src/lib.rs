//! Use cases. Owns the order of acts and the ports to the outside world, and no IO of its own.
//!

//! - [`hop::Hop`] and [`log::Log`]: the ports; adapters implement them, `testing` fakes them.

pub mod chain;
pub mod hop;
pub mod log;
