//! Values of the database: ids, numbers, texts.

use base::Text;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// A stored id or word.
pub(crate) fn parsed<T: std::str::FromStr>(what: &'static str, value: &str) -> Result<T, StoreError> {
    value.parse().map_err(|_| StoreError::Value { what, value: value.to_owned() })
}

/// A stored number that is not negative.
pub(crate) fn count<T: TryFrom<i64>>(what: &'static str, value: i64) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::Value { what, value: value.to_string() })
}

/// The place of something in a list. Lists are far shorter than 2^63.
pub(crate) fn place_number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

/// What is stored as a JSON object, in the form of the database.
pub(crate) fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|cause| StoreError::Value { what: "a text by language", value: cause.to_string() })
}

/// A stored text by language.
pub(crate) fn text(value: &str) -> Result<Text, StoreError> {
    from_json("a text by language", value)
}

/// A row of the table `personal`.
pub(crate) fn of_person<T: DeserializeOwned>(value: &str) -> Result<T, StoreError> {
    from_json("a row of the table personal", value)
}

/// The value itself may name a person, so the error does not repeat it.
fn from_json<T: DeserializeOwned>(what: &'static str, value: &str) -> Result<T, StoreError> {
    serde_json::from_str(value).map_err(|cause| StoreError::Value { what, value: cause.to_string() })
}

/// SQLite's integers have a sign.
pub(crate) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number)
        .map_err(|_| StoreError::Value { what: "a number of at most 63 bits", value: number.to_string() })
}
