//! Real str0m clients against the plane over an in-memory network, in virtual time.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test picks the events that it is about")]

mod addresses;
mod floor;
mod forget;
mod ingest;
mod node;
mod oracle;
mod own;
mod people;
mod picture;
mod sound;
mod start;
mod streams;
mod weather;
mod world;
