//! The meeting: commands, events, state and the rules between them.

mod scene;
pub use scene::Scene;
