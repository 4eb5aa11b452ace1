//! Configuration, composition and the parts of the `onehall` binary.
//!
//! Only this crate knows every other one: it opens the store, starts the media plane and the meetings' tasks, and serves HTTP. Its feature
//! `demo`, on by default, brings demo, synthetic venues and bench in; packages are built without. Rules live below, in `core` and `service`.

pub mod apply;
pub mod cli;
pub mod clock;
pub mod config;
mod folder;
pub mod link;
pub mod random;
pub mod ready;
pub mod request;
pub mod serve;
pub mod server_file;
pub mod stop;
