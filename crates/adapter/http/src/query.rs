//! The query of an address, in which each name stands once.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use wire::ErrorCode;

use crate::answer::Refused;

/// Names and values. One name twice is refused: who wrote it means one of them, and nobody knows which.
#[derive(Debug)]
pub(crate) struct Once(pub(crate) BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|error| Refused::bad(ErrorCode::BadQuery, error.body_text()))?;
        let mut once = BTreeMap::new();
        for (name, value) in pairs {
            if once.contains_key(&name) {
                return Err(Refused::bad(ErrorCode::BadQuery, format!("{name:?} stands twice in the query")));
            }
            once.insert(name, value);
        }
        Ok(Self(once))
    }
}
