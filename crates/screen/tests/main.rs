//! Sections, deltas and admission through the public interface.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod clients;
mod mirror;
mod section;
mod snapshot;
