//! Egress: what goes out to subscribers. Its fields are its own. Its methods still read sessions and rings of the
//! [conductor](crate::conductor), on whose thread it runs.

pub(crate) mod batch;
pub(crate) mod outlet;
pub(crate) mod serve;
