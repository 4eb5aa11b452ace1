//! The log and the directory in SQLite.
