//! The log, the directory and the plans of meetings in SQLite: one file in a data folder.
//!
//! [`Store`] opens a data folder for one process, or a copy of one to try things on, and implements the ports `Log`, `Directories`, `Runs`
//! and `Tokens` of [`service::port`]. One writer commits whatever waits in one transaction with one fsync (WAL, synchronous=FULL) and answers
//! after it; readers are connections of their own.
//!
//! It decides nothing about a meeting and holds no state of one: what a run is follows from its events alone. What an event says of a
//! person is an id; names and telephone numbers are in the table `personal`, so that erasing one leaves the chain whole.
//!
//! In the data folder: `onehall.db` with `-wal` and `-shm`, `token.key`, `heads`, which says how far each log had come (R19), `closed`, the page of
//! closing acts (R17), and `store.lock`, which holds the id of the process that has the folder; after a migration `onehall.db.N`, the database as it was
//! at schema N.

mod beside;
mod closed;
mod connection;
mod copy;
mod disk;
mod error;
mod folder;
mod heads;
mod port;
mod schema;
mod seal;
mod store;
mod table;
mod value;
mod writer;

pub use closed::ClosedPage;
pub use error::StoreError;
pub use folder::{TOKEN_KEY_BYTES, exists};
pub use schema::SCHEMA_VERSION;
pub use store::{Opening, Store};
