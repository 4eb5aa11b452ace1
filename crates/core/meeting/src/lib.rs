//! The meeting: commands, events, state and the rules between them.
