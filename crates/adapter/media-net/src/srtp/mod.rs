//! SRTP and SRTCP: [`noting`] sees what str0m opens; [`seal`] is our own, for those who watch.

pub(crate) mod noting;
pub(crate) mod seal;
