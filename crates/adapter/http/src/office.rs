//! The office of the administrator: `POST /api/v1/apply`, a meeting file that is applied while the server runs, and `POST /api/v1/links`, the links
//! that were given out.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::limits::FILE_BYTES_MAX;
use service::office::{FileApplied, OfficeError};
use service::port::tokens::TokenRow;
use wire::{ChangeEntry, ErrorCode, GivenLink, LinkEntry, LinksAnswer, LinksAsk, OfficeAnswer};

use crate::answer::{Refused, json};
use crate::context::HandlerContext;
use crate::query::Once;
use crate::{auth, body};

/// What is asked of links is short.
const ASK_BYTES_MAX: usize = 4 * 1024;

/// `POST /api/v1/apply`.
pub(crate) async fn apply(
    State(context): State<Arc<HandlerContext>>,
    Once(query): Once,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let office =
        administered(&context, &headers, context.office.as_ref(), "this server takes no meeting files")?;
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

/// `POST /api/v1/links`.
pub(crate) async fn links(
    State(context): State<Arc<HandlerContext>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let office = administered(&context, &headers, context.links.as_ref(), "this server gives out no links")?;
    let bytes = body::read(&headers, body, ASK_BYTES_MAX).await?;
    let ask = serde_json::from_slice(&bytes).map_err(|error| Refused::bad(ErrorCode::BadBody, error))?;
    let (rows, link) = match ask {
        LinksAsk::List { meeting } => (office.given(&meeting).await.map_err(refuse)?, None),
        LinksAsk::Revoke { id } => (vec![office.revoke(&id).await.map_err(refuse)?], None),
        LinksAsk::Renew { id } => {
            let (row, link) = office.renew(&id).await.map_err(refuse)?;
            (vec![row], Some(LinkEntry { who: link.who, address: link.address }))
        }
    };
    Ok(json(StatusCode::OK, &LinksAnswer { links: rows.into_iter().map(given).collect(), link }))
}

/// What the administrator asks for, if it is there and it is the administrator who asks.
fn administered<'a, T>(
    context: &HandlerContext,
    headers: &HeaderMap,
    asked: Option<&'a Arc<T>>,
    lacks: &str,
) -> Result<&'a Arc<T>, Refused>
where
    T: ?Sized,
{
    let (Some(asked), Some(admin)) = (asked, &context.admin) else {
        return Err(Refused::not_found(ErrorCode::NoOffice, lacks));
    };
    if !auth::same_secret(auth::bearer(headers)?, admin) {
        return Err(auth::unauthorized(ErrorCode::BadToken, "the token is not that of the administrator"));
    }
    Ok(asked)
}

fn given(row: TokenRow) -> GivenLink {
    let TokenRow { id, meeting, role, venue, expires, revoked, made, used } = row;
    GivenLink { id, meeting, role, venue, made, expires, used, revoked }
}

fn refuse(error: OfficeError) -> Refused {
    match &error {
        OfficeError::Bad(_) => Refused::bad(ErrorCode::BadFile, error),
        OfficeError::Busy(_) => Refused::busy(ErrorCode::Busy, error, 1),
        OfficeError::Broke(cause) | OfficeError::Store(cause) | OfficeError::Links(cause) => {
            tracing::error!(%error, %cause, "what the administrator asked for was not done");
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
