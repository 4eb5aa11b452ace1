//! Configuration, composition and the parts of the `onehall` binary.
//!
//! This crate alone knows every other one: it opens the store, starts the media plane and the meetings' tasks, serves HTTP, and supervises
//! the demo. Rules live below, in `core` and `service`.

pub mod apply;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod demo_organisation;
pub mod random;
pub mod ready;
pub mod request;
pub mod serve;
pub mod server_file;
pub mod stop;
pub mod synthetic;
