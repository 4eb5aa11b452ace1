//! Who asks: the token of a request.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use base::MeetingId;
use base::limits::{MESSAGES_PER_SECOND_MAX, READS_PER_SECOND_MAX};
use service::registry::{Hold, NotHeld};
use service::token::{Claims, TokenError};
use wire::ErrorCode;

use crate::answer::Refused;
use crate::body;
use crate::context::HandlerContext;

/// After how many seconds a meeting that is not open yet may be asked for again.
const LOAD_RETRY_S: u32 = 2;

/// Reads a token, and looks up whether it was revoked.
pub(crate) fn read(context: &HandlerContext, token: &str) -> Result<Claims, TokenError> {
    let claims = context.key.read(token, context.clock.now())?;
    if context.meetings.is_revoked(&claims.id) {
        return Err(TokenError::Revoked);
    }
    context.meetings.note_used(&claims.id);
    Ok(claims)
}

/// Whether a token that was good still is: asked again after whatever may take long.
///
/// # Errors
/// 401 if it was revoked or is over by now.
pub(crate) fn still(context: &HandlerContext, claims: &Claims) -> Result<(), Refused> {
    let error = if context.meetings.is_revoked(&claims.id) {
        TokenError::Revoked
    } else if context.clock.now().0 / 1000 >= claims.expires_s {
        TokenError::Expired
    } else {
        return Ok(());
    };
    Err(unauthorized(code(error), &error.to_string()))
}

/// Reads the body of a request of that token, which must be good still when the body is there.
pub(crate) async fn body(
    context: &HandlerContext,
    claims: &Claims,
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
) -> Result<Vec<u8>, Refused> {
    let bytes = body::read(headers, body, bytes_max).await?;
    still(context, claims)?;
    Ok(bytes)
}

/// The meeting of an address, held, and the claims of a token that is for it. It is loaded if need be: the token is good, so somebody needs it.
pub(crate) async fn meeting(
    context: &HandlerContext,
    headers: &HeaderMap,
    id: &str,
) -> Result<(Hold, Claims), Refused> {
    let claims =
        read(context, bearer(headers)?).map_err(|error| unauthorized(code(error), &error.to_string()))?;
    if claims.meeting.as_str() != id {
        named(context, id).await?;
        let detail = format!("the token is for the meeting {}, not for {id}", claims.meeting);
        return Err(Refused::forbidden(ErrorCode::WrongMeeting, detail));
    }
    let hold = hold(context, &claims.meeting).await?;
    still(context, &claims)?;
    Ok((hold, claims))
}

/// One more command, or session to publish, of that token.
///
/// # Errors
/// 429 if there are too many.
pub(crate) fn may_act(context: &HandlerContext, claims: &Claims) -> Result<(), Refused> {
    let what = format!("more than {MESSAGES_PER_SECOND_MAX} commands a second by this token");
    if context.may_act(&claims.id) { Ok(()) } else { Err(flood(what)) }
}

/// One more reading of state or log by that token.
///
/// # Errors
/// 429 if there are too many.
pub(crate) fn may_read(context: &HandlerContext, claims: &Claims) -> Result<(), Refused> {
    let what = format!("more than {READS_PER_SECOND_MAX} readings a second by this token");
    if context.may_read(&claims.id) { Ok(()) } else { Err(flood(what)) }
}

fn flood(what: String) -> Refused {
    let refused = Refused::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::Flood, what);
    refused.with(header::RETRY_AFTER, HeaderValue::from(1))
}

/// A meeting, held.
pub(crate) async fn hold(context: &HandlerContext, id: &MeetingId) -> Result<Hold, Refused> {
    context.meetings.hold(id).await.map_err(|why| match why {
        NotHeld::Unknown => unknown(id.as_str()),
        NotHeld::Full => Refused::busy(ErrorCode::Full, why, LOAD_RETRY_S),
        NotHeld::Slow | NotHeld::Failed => Refused::busy(ErrorCode::NotOpen, why, LOAD_RETRY_S),
    })
}

/// Looks whether there is such a meeting, which is not loaded for that.
pub(crate) async fn named(context: &HandlerContext, id: &str) -> Result<(), Refused> {
    let id = MeetingId::new(id).map_err(|_| unknown(id))?;
    match context.meetings.knows(&id).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(unknown(id.as_str())),
        Err(error) => {
            if let Some(unsaid) = context.line_due("named") {
                tracing::error!(%error, unsaid, meeting = %id, "whether there is such a meeting cannot be read");
            }
            Err(Refused::busy(ErrorCode::NotOpen, NotHeld::Failed, LOAD_RETRY_S))
        }
    }
}

fn unknown(id: &str) -> Refused {
    Refused::not_found(ErrorCode::UnknownMeeting, format!("there is no meeting {id:?} on this server"))
}

/// The text behind `Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, Refused> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(unauthorized(ErrorCode::NoToken, "the header Authorization: Bearer is missing"));
    };
    let text = value.to_str().ok().and_then(|text| text.split_once(' '));
    match text {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        Some(_) | None => {
            Err(unauthorized(ErrorCode::BadToken, "the header Authorization is not of the form Bearer TOKEN"))
        }
    }
}

/// The code of what is wrong with a token.
pub(crate) fn code(error: TokenError) -> ErrorCode {
    match error {
        TokenError::Expired => ErrorCode::Expired,
        TokenError::Malformed | TokenError::UnknownAlgorithm | TokenError::Forged | TokenError::Revoked => {
            ErrorCode::BadToken
        }
    }
}

pub(crate) fn unauthorized(code: ErrorCode, detail: &str) -> Refused {
    Refused::new(StatusCode::UNAUTHORIZED, code, detail)
        .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// Whether two secrets are equal, in a time that depends on their length alone.
pub(crate) fn same_secret(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}
