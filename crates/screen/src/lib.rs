//! What each role sees of a meeting, and what it may be sent of it. Pure: no sockets, no tasks, no clock.
//!
//! [`mirror::Mirror`] takes each [`service::control::Moment`] of a meeting, makes those sections anew that are others now, and gives each client what
//! it sees of them and does not have yet. The sections are in `section`, one file for each: what it is made of, who sees it, how soon a
//! change of it is published. [`clients::Clients`] says who is on the control connection and which media sessions wait for whom (R10);
//! [`levels`] makes the frame of levels; [`convert`] stands between the words of the protocol and those of the core. The http adapter carries
//! all this to the pages, and the simulator asks it directly.

mod audience;
pub mod clients;
pub mod convert;
mod input;
pub mod levels;
pub mod mirror;
mod section;

pub use audience::Viewer;
