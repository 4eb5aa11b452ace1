//! The bots against a second str0m: the machine in virtual time, and the fleet over loopback.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[cfg(feature = "net")]
mod fleet;
mod machine;
mod network;
mod peer;
#[cfg(feature = "net")]
mod server;
