//! The ports: what service asks of the world outside. Adapters implement them, `testing` fakes them.

pub mod clock;
pub mod hop;
pub mod log;
