//! Who asks: the token of a request.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use base::MeetingId;
use service::control::Meeting;
use service::token::{Claims, TokenError};
use wire::ErrorCode;

use crate::answer::Refused;
use crate::shared::Shared;

/// Reads a token, and looks up whether it was revoked.
pub(crate) fn read(shared: &Shared, token: &str) -> Result<Claims, TokenError> {
    let claims = shared.key.read(token, shared.now())?;
    if shared.meetings.is_revoked(&claims.id) { Err(TokenError::Revoked) } else { Ok(claims) }
}

/// The meeting of an address, and the claims of a token that is for it.
pub(crate) fn meeting(shared: &Shared, headers: &HeaderMap, id: &str) -> Result<(Meeting, Claims), Refused> {
    let claims =
        read(shared, bearer(headers)?).map_err(|error| unauthorized(code(error), &error.to_string()))?;
    let meeting = loaded(shared, id)?;
    if claims.meeting != meeting.id {
        let detail = format!("the token is for the meeting {}, not for {}", claims.meeting, meeting.id);
        return Err(Refused::forbidden(ErrorCode::WrongMeeting, detail));
    }
    Ok((meeting, claims))
}

/// A meeting that is loaded.
pub(crate) fn loaded(shared: &Shared, id: &str) -> Result<Meeting, Refused> {
    let unknown = || {
        Refused::not_found(ErrorCode::UnknownMeeting, format!("there is no meeting {id:?} on this server"))
    };
    let id = MeetingId::new(id).map_err(|_| unknown())?;
    shared.meetings.meeting(&id).ok_or_else(unknown)
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
