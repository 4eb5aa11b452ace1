//! What comes next.

use base::SourceId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::declares;

declares!(PreviewSection);

/// The preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewSection {
    /// The source.
    #[ts(type = "string | null")]
    pub source: Option<SourceId>,
    /// It came here by a take and is untold until touched.
    pub held: bool,
    /// A picture of it can be decoded now.
    pub ready: bool,
}
