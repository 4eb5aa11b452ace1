//! `POST /api/v1/apply`: a meeting file, applied while the server runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::limits::FILE_BYTES_MAX;
use service::office::{FileApplied, OfficeError};
use wire::{ChangeEntry, ErrorCode, LinkEntry, OfficeAnswer};

use crate::answer::{Refused, json};
use crate::context::HandlerContext;
use crate::{auth, body};

pub(crate) async fn apply(
    State(context): State<Arc<HandlerContext>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let (Some(office), Some(admin)) = (&context.office, &context.admin) else {
        return Err(Refused::not_found(ErrorCode::NoOffice, "this server takes no meeting files"));
    };
    if !auth::same_secret(auth::bearer(&headers)?, admin) {
        return Err(auth::unauthorized(ErrorCode::BadToken, "the token is not that of the administrator"));
    }
    let dry_run = match query.get("dry_run").map(String::as_str) {
        None | Some("false" | "0") => false,
        Some("" | "true" | "1") => true,
        Some(other) => {
            return Err(Refused::bad(
                ErrorCode::BadQuery,
                format!("dry_run={other:?} is neither true nor false"),
            ));
        }
    };
    let bytes = body::read(&headers, body, FILE_BYTES_MAX).await?;
    let text =
        String::from_utf8(bytes).map_err(|_| Refused::bad(ErrorCode::BadFile, "the file is not UTF-8"))?;
    let applied = office.apply(text, dry_run).await.map_err(refuse)?;
    Ok(json(StatusCode::OK, &answer(applied, dry_run)))
}

fn refuse(error: OfficeError) -> Refused {
    match &error {
        OfficeError::Bad(_) => Refused::bad(ErrorCode::BadFile, error),
        OfficeError::Busy(_) => Refused::busy(ErrorCode::Busy, error, 1),
        OfficeError::Broke(cause) | OfficeError::Store(cause) => {
            tracing::error!(%error, %cause, "a meeting file was not applied");
            Refused::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Failed, error)
        }
    }
}

fn answer(applied: FileApplied, dry_run: bool) -> OfficeAnswer {
    OfficeAnswer {
        meeting: applied.meeting,
        applied: !dry_run,
        changes: applied
            .changes
            .into_iter()
            .map(|change| ChangeEntry {
                change: change.kind,
                what: change.what,
                id: change.id,
                detail: change.detail,
            })
            .collect(),
        links: applied
            .links
            .into_iter()
            .map(|link| LinkEntry { who: link.who, address: link.address })
            .collect(),
    }
}
