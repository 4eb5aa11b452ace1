//! The parts of a meeting. Each is one state variable (rule R1), with all that is its own in one file: what actors ask of it, what happens to it,
//! what it amounts to, how it is decided and applied, what must be true of it. The events of a part change the state of that part and no other.

pub mod course;
pub mod floor;
pub mod membership;
pub mod preview;
pub mod programme;
pub mod queue;
