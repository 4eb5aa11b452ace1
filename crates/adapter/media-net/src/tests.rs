//! Real str0m clients against the plane over an in-memory network, in virtual time.

mod floor;
mod people;
mod picture;
mod world;
