//! Synthetic venues: real WHIP and WHEP clients for demo, bench and tests.

pub mod clip;
pub mod colour;
pub mod origin;
pub mod packet;

pub use colour::{PATCH, colour, patch};
pub use origin::{Origin, Part, origin};
