//! The meeting: commands become events, events become state, and nothing else changes it.
//!
//! [`decide`] checks a command against the [`State`] and answers with events or a [`Refusal`]; [`State::apply`] takes an event and cannot
//! fail. Four variables are never mixed (rule R1): membership, floor, programme, view; every event writes at most one of them
//! ([`Event::variable`]). No sockets, files, clock or random source: ids come from sequence numbers, times are arguments.
//!
//! Rules are cited by the numbers of `docs/rules.md`; each that lies here has a test with its number in the name.

pub mod across;
mod act;
mod cause;
mod command;
mod decide;
mod event;
pub mod keys;
pub mod part;
pub mod planted;
mod roster;
mod scene;
mod state;
mod told;

pub use across::invariant::broken_invariant;
pub use across::returns::Returns;
pub use across::summary::{HeldItem, Speech, Summary};
pub use act::Act;
pub use cause::{Cause, Outage, decide_cause};
pub use command::{Actor, By, Command, Refusal, RefusalCode};
pub use decide::decide;
pub use event::{Event, Form, Record, Variable};
pub use keys::{Answer, Keys};
pub use part::course::Phase;
pub use part::floor::{CallOn, FloorClosedWhy, Lease, LeaseKind};
pub use part::queue::{RemovedWhy, Request};
pub use part::{course, floor, membership, preview, programme, queue};
pub use roster::{Roster, RosterVenue};
pub use scene::Scene;
pub use state::{Parts, State};
pub use told::Told;
