//! The simulator and fixtures; used only by tests.
//!
//! [`run`] plays the sequence of a seed: at least sixty commands by at least eight actors in twelve venues, against the real core
//! and sequencer, a [`FakeHop`] with core's real gates, and a [`FakeLog`]. Time is virtual and both clocks are ours, so a seed gives the same
//! sequence on every machine. Messages are lost, doubled, late and out of order; appends fail; processes die. After every step all
//! invariants of [`Oracle`] are checked; [`Failure`] names the seed.
//!
//! Screens are those of the crate `screen`: what they show of a gate is compared with what the hop reported (R4), and whom they let see video before the
//! whole state is there (R10).
//!
//! [`small`] is a meeting for tests of single cases, and [`held::Held`] holds one without IO. [`MemoryStore`] stands behind the ports of a
//! store, and [`conformance`] has the suites of those ports.
//!
//! Main types: [`Organisation`], [`Counts`], [`Trace`], [`run_many`].

mod actor;
mod asking;
mod client;
pub mod conformance;
mod counts;
mod door;
mod due;
mod fake_hop;
mod fake_log;
mod fault;
pub mod held;
mod house;
mod many;
mod memory_store;
mod oracle;
mod organisation;
pub mod pinned;
mod screen;
mod server;
mod serving;
pub mod small;
mod storing;
mod trace;
mod weather;
mod world;

pub use counts::Counts;
pub use fake_hop::FakeHop;
pub use fake_log::{FakeLog, NotStored};
pub use house::run;
pub use many::{replay, run_many};
pub use memory_store::{MemoryStore, Planted};
pub use oracle::Oracle;
pub use organisation::Organisation;
pub use trace::Trace;
pub use world::Failure;
