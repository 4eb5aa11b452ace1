//! The ports: what service asks of the world outside. Adapters implement them, `testing` fakes them, and a suite of `testing` says what each
//! implementation owes.

pub mod clock;
pub mod directories;
pub mod hop;
pub mod log;
pub mod runs;
pub mod tokens;
pub mod unlogged;
