//! What each role sees of a meeting, and what it may be sent of it. Pure: no sockets, no tasks, no clock.
//!
//! [`projection`] turns a [`service::control::View`] into the sections of the protocol and says what each role sees of them;
//! [`mirror::Mirror`] keeps what was published, so that each client gets what changed since it looked last; [`clients::Clients`] says who is
//! on the control connection and which media sessions wait for whom (R10); [`levels`] makes the frame of levels; [`convert`] stands between
//! the words of the protocol and those of the core. The http adapter carries all this to the pages, and the simulator asks it directly.

pub mod clients;
pub mod convert;
pub mod levels;
pub mod mirror;
pub mod projection;
