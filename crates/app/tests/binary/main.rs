//! The real binary on data folders of its own.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails it by panicking")]

mod apply;
mod encoder;
mod folder;
mod hall;
mod link;
#[cfg(feature = "demo")]
mod neighbour;
mod serve;
