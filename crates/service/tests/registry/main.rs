//! The registry of meetings over virtual time: logs in memory, a hop that notes, clocks that run with tokio's.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod house;
mod life;
mod others;
