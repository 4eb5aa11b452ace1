//! Forwarding decisions and byte rewriting over slices.
