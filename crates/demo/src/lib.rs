//! The demo, the synthetic venues and the bench: what one looks at and measures with, and no part of a server that is installed.
//!
//! `app` brings it in by its feature `demo` and gives each command its clock and its end; a package is built without it, and then has
//! neither bots nor their clips. Each command starts the same binary as a process of its own for the server.
//!
//! - [`supervisor`]: `onehall demo`, two processes kept alive; [`organisation`] is what it opens, and a script plays its first minute.
//! - [`synthetic`]: `onehall bots`, the venues of a demo.
//! - [`mod@bench`]: `onehall bench`, what forwarding costs.
//! - [`floods`]: programs that attack a server of this machine, for its tests and the bench.

/// Clients for the tests of the binary, which have no other way to them.
pub use bots;

pub mod args;
pub mod bench;
pub mod floods;
mod hints;
mod opening;
pub mod organisation;
pub mod supervisor;
pub mod synthetic;
