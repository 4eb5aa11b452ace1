//! The adapter through its public interface: pure parts, and a server in this process on a port of its own.

mod clients;
mod commands;
mod document;
mod fixture;
mod media;
mod mirror;
mod pages;
mod projection;
mod protocol;
mod server;
