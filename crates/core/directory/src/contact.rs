//! Whom to ring.

use base::Text;
use serde::{Deserialize, Serialize};

/// A person to ring. The number is text, as one dials it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Name.
    pub name: Text,
    /// Telephone number.
    pub phone: String,
}
