//! Who there is: units, tiers, venues with their camera positions, people, and the plan of a meeting.
//!
//! Pure data with checked constructors; no meeting state. [`policy`] is the one table of what a role may do. Order is data: every
//! list is in configured rank order (建制序), never the alphabet by accident.
//!
//! Main types: [`Directory`], [`Unit`], [`Venue`], [`Person`], [`Plan`], [`policy::Role`], [`change::Change`].

pub mod change;
mod contact;
mod plan;
pub mod policy;
mod short;
mod unit;

pub use base::{Codec, Text};
pub use contact::Contact;
pub use plan::{Item, Plan};
pub use short::{SHORT_COLUMNS_MAX, columns, is_short};
pub use unit::{Directory, DirectoryError, Person, Source, Unit, Venue};
