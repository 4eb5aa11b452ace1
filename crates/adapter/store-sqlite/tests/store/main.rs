//! The store through its public API.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod closed;
mod common;
mod copied;
mod course;
mod faults;
mod first_light;
mod folder;
mod log;
mod losses;
mod plan;
mod upgrade;
