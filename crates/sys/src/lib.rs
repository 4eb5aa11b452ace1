//! The only `unsafe` code: system calls that no library wraps without allocating, or at all. Linux.

mod affinity;
mod option;
mod receive;
mod send;

pub use affinity::{cores, hold_to};
pub use receive::{Inbox, join_datagrams};
pub use send::{MESSAGES_MAX, Message, SEGMENTS_MAX, cuts_into_segments, send_batch};
