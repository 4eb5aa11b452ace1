//! One file per table, or per few that are always read and written together.

pub(crate) mod directory;
pub(crate) mod event;
mod personal;
pub(crate) mod plan;
pub(crate) mod run;
pub(crate) mod token;
