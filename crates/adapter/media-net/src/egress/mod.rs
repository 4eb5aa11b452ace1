//! Egress: what goes out to subscribers. It shares no field with the [conductor](crate::conductor), so that it can have a thread of its own.

pub(crate) mod serve;
