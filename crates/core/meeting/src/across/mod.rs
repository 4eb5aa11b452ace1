//! What concerns several parts at once.

pub(crate) mod returns;
