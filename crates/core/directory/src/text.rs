//! Names in the languages of the catalogue.

use serde::{Deserialize, Serialize};

/// A text in the languages of the catalogue. Either may stand for the other when it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Both languages.
    #[must_use]
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The English form, or the Chinese one where there is none.
    #[must_use]
    pub fn latin(&self) -> &str {
        if self.en.is_empty() { &self.zh } else { &self.en }
    }
}

/// A person to ring. The number is text, as one dials it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Name.
    pub name: Text,
    /// Telephone number.
    pub phone: String,
}
