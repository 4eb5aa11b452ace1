//! What is shown.

use base::SourceId;
use serde::{Deserialize, Serialize};

/// What a picture is made of. The programme is a scene from the first event version on.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scene {
    /// The slate 垫片.
    #[default]
    Slate,
    /// One source fills the picture.
    Full(SourceId),
}

impl Scene {
    /// The source, if the scene shows one.
    #[must_use]
    pub fn source(&self) -> Option<&SourceId> {
        match self {
            Self::Slate => None,
            Self::Full(source) => Some(source),
        }
    }
}
