//! The simulator and fixtures; used by tests alone.
