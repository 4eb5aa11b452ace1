//! The conductor: what comes in, who is connected, what is switched, and what is told of it. What goes out to subscribers is [egress](crate::egress).
//!
//! Each part owns its fields; methods of [`Plane`](crate::plane::Plane) stand beside the part that they are about, for they lead from one to the next.

pub(crate) mod addresses;
pub(crate) mod deadlines;
pub(crate) mod handshake;
pub(crate) mod ingress;
pub(crate) mod keyframes;
pub(crate) mod sessions;
pub(crate) mod slate;
pub(crate) mod sound;
pub(crate) mod target;
pub(crate) mod tell;
pub(crate) mod upkeep;
