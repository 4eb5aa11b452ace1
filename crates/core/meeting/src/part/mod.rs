//! The parts of a meeting: each is one state variable (rule R1).

pub mod course;
pub mod floor;
pub mod membership;
pub mod preview;
pub mod programme;
pub mod queue;
