//! The adapter through its public interface: pure parts, and a server in this process on a port of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod commands;
mod document;
mod entrance;
mod fixture;
mod media;
mod pages;
mod protocol;
mod server;
mod shares;
