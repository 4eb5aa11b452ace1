//! Synthetic venues: real WHIP and WHEP clients for demo, bench and tests.
//!
//! A [`Bot`] is a machine without IO over str0m: it sends its venue's clip (a drawn room with the venue's number, a colour and
//! a running frame counter, and a tone of its own) and counts what its slots receive, from whose clip it is. It is not a
//! browser: it decodes nothing, and it knows no meeting. Main types: [`Bot`], [`SlotCount`], [`Origin`], [`clip::Clips`],
//! [`control::Control`] (the control protocol, without IO as well), and with the feature `net` [`fleet::Fleet`]: many bots over real sockets.

pub mod bot;
mod broadcast;
pub mod clip;
pub mod colour;
pub mod control;
mod delay;
#[cfg(feature = "net")]
pub mod fleet;
pub mod origin;
pub mod packet;
mod peer;
mod publish;
mod watch;

pub use bot::{Bot, BotError, BotEvent, BotSpec, Input, Leg, Output};
pub use broadcast::{Beat, broadcast_beats};
pub use clip::Picture;
pub use colour::{PATCH, colour, patch};
pub use delay::Delays;
pub use origin::{Origin, Part, origin};
pub use peer::Datagram;
pub use publish::{RIDS, Sent};
pub use watch::{HALL, Lines, PLAIN, Slot, SlotCount};
