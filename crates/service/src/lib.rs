//! Use cases. Owns the order of acts and the ports to the outside world, and no IO of its own but through them.
//!
//! - [`sequencer::Sequencer`]: one per meeting, a machine without IO, through which every act passes.
//! - [`control::Meeting`]: the way in for screens and scripts; [`control::Moment`] is what there is to see.
//! - [`facts::Facts`] and [`alarm`]: what hop and pages report, and what of it needs a look.
//! - [`token`]: what a link lets its bearer be.
//! - [`office::apply::Office`]: an organisation and a meeting, prepared and changed while the server runs.
//! - [`registry::Registry`]: loads meetings, counts who holds them, and unloads them.
//! - [`task`]: gives the sequencer of a meeting its IO; [`mailbox`] is the way to it.
//! - [`port`]: hop, log, directories, runs, tokens, clock, as service asks for them; adapters implement the ports, `testing` fakes them.

pub mod acknowledge;
pub mod alarm;
pub mod bucket;
pub mod chain;
pub mod control;
pub mod facts;
mod hands;
pub mod mailbox;
pub mod office;
mod paging;
pub mod port;
pub mod record;
pub mod registry;
pub mod sequencer;
pub mod target;
pub mod task;
pub mod token;
