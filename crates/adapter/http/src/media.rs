//! WHIP (RFC 9725) to publish and WHEP to watch: an offer comes, an answer goes, the session has an address nobody can guess.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::limits::{SDP_BYTES_MAX, SDP_MEDIA_MAX};
use base::{ClientId, SourceId, VenueId};
use directory::policy::Role;
use media::slots::Page;
use service::control::Moment;
use service::port::hop::{CloseReason, HopError, Sdp, SessionKind, SessionSpec, VideoCodec};
use service::registry::Hold;
use service::token::Claims;
use wire::ErrorCode;

use crate::answer::Refused;
use crate::context::HandlerContext;
use crate::query::Once;
use crate::sessions::Session;
use crate::{auth, name};

/// The header by which a page names itself (R10).
const CLIENT: HeaderName = HeaderName::from_static("onehall-client");
const SDP: &str = "application/sdp";
/// How long the hop may take to answer an offer.
const OPEN_WITHIN: Duration = Duration::from_secs(5);
/// After how many seconds a full node may be asked again.
const FULL_RETRY_S: u32 = 5;

/// `POST /whip/{meeting}/{source}`.
pub(crate) async fn publish(
    State(context): State<Arc<HandlerContext>>,
    Path((meeting, source)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let (hold, claims) = auth::meeting(&context, &headers, &meeting).await?;
    let moment = hold.meeting.moment.borrow().clone();
    auth::may_act(&context, &claims)?;
    let (source, venue) = find_source(&moment, &source)?;
    match (claims.role, &claims.venue) {
        (Role::Venue, Some(own)) if *own == venue => {}
        (Role::Venue, Some(own)) => {
            let detail = format!("the token is of the venue {own}, and {source} is a source of {venue}");
            return Err(Refused::forbidden(ErrorCode::WrongVenue, detail));
        }
        (Role::Venue | Role::Director | Role::Chair | Role::Watcher, _) => {
            return Err(Refused::forbidden(ErrorCode::WrongRole, "only a venue publishes"));
        }
    }
    let base = format!("/whip/{}/{source}", claims.meeting);
    open(&context, hold, &claims, &headers, body, SessionKind::Publish { source, venue }, &base).await
}

/// `POST /whep/{meeting}?page=…`.
pub(crate) async fn watch(
    State(context): State<Arc<HandlerContext>>,
    Path(meeting): Path<String>,
    Once(query): Once,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let (hold, claims) = auth::meeting(&context, &headers, &meeting).await?;
    let (page, venue) = page(&query, &claims)?;
    if page == Page::Wall && !headers.contains_key(&CLIENT) {
        return Err(Refused::bad(ErrorCode::NoClient, "a wall names its page in the header Onehall-Client"));
    }
    let base = format!("/whep/{}", claims.meeting);
    let kind = SessionKind::Watch { venue, wishes: page.wishes() };
    open(&context, hold, &claims, &headers, body, kind, &base).await
}

/// `DELETE` of a session's address.
pub(crate) async fn close(
    State(context): State<Arc<HandlerContext>>,
    Path(path): Path<BTreeMap<String, String>>,
) -> Result<StatusCode, Refused> {
    let secret = path.get("session").map(String::as_str).unwrap_or_default();
    let taken = context.sessions().take(secret);
    let Some(session) = taken else { return Err(no_session()) };
    if let Some(client) = &session.client {
        context.clients().closed(client, session.id);
    }
    context.hop.close(session.id, CloseReason::Left);
    Ok(StatusCode::OK)
}

/// `PATCH` of a session's address: neither trickle ICE nor ICE restart is taken yet (RFC 9725, section 4.3).
pub(crate) async fn patch(
    State(context): State<Arc<HandlerContext>>,
    Path(path): Path<BTreeMap<String, String>>,
) -> Refused {
    let secret = path.get("session").map(String::as_str).unwrap_or_default();
    if context.sessions().find(secret).is_none() {
        return no_session();
    }
    let detail = "trickle ICE and ICE restart are not taken; send all candidates in the offer, and open a new session to restart";
    Refused::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::NoPatch, detail)
        .with(header::ALLOW, HeaderValue::from_static("DELETE"))
}

fn no_session() -> Refused {
    Refused::not_found(ErrorCode::UnknownSession, "there is no such session; it may have ended")
}

/// A source of this meeting, or the first one of the venue that is named.
fn find_source(moment: &Moment, named: &str) -> Result<(SourceId, VenueId), Refused> {
    let venues = moment.plan.venues.iter().filter_map(|id| moment.directory.venue(id));
    let found = venues.into_iter().find_map(|venue| {
        let first = venue.sources.first().filter(|_| venue.id.as_str() == named);
        let source = first.or_else(|| venue.sources.iter().find(|source| source.id.as_str() == named))?;
        Some((source.id.clone(), venue.id.clone()))
    });
    found.ok_or_else(|| {
        Refused::not_found(
            ErrorCode::UnknownSource,
            format!("there is no source or venue {named:?} in this meeting"),
        )
    })
}

/// The page that watches, and the venue whose it is.
fn page(query: &BTreeMap<String, String>, claims: &Claims) -> Result<(Page, Option<VenueId>), Refused> {
    let Some(page) = query.get("page") else { return Ok((Page::Plain, None)) };
    let desk = matches!(claims.role, Role::Director | Role::Chair);
    match (page.as_str(), &claims.venue) {
        ("hall", Some(venue)) => Ok((Page::Hall, Some(venue.clone()))),
        ("technician", Some(venue)) => Ok((Page::Technician, Some(venue.clone()))),
        ("desk", _) if desk => Ok((Page::Desk, None)),
        ("wall", _) if desk => Ok((Page::Wall, None)),
        ("watch", _) => Ok((Page::Watch, None)),
        ("hall" | "technician", None) => {
            Err(Refused::forbidden(ErrorCode::WrongRole, format!("page={page} is for the token of a venue")))
        }
        ("desk" | "wall", _) => {
            Err(Refused::forbidden(ErrorCode::WrongRole, format!("page={page} is for director and chair")))
        }
        _ => {
            let detail = format!("page={page:?} is none of hall, technician, desk, wall, watch");
            Err(Refused::bad(ErrorCode::UnknownPage, detail))
        }
    }
}

async fn open(
    context: &Arc<HandlerContext>,
    hold: Hold,
    claims: &Claims,
    headers: &HeaderMap,
    body: Body,
    kind: SessionKind,
    base: &str,
) -> Result<Response, Refused> {
    check_media_types(headers)?;
    let client = client(headers)?;
    let admitted = match &client {
        Some(client) => context.clients().admitted(client, &claims.meeting, &claims.id).ok_or_else(|| {
            let detail = format!("no page {client} is on the control connection; say hello first");
            Refused::new(StatusCode::CONFLICT, ErrorCode::UnknownClient, detail)
        })?,
        None => true,
    };
    if !context.sessions().has_place(claims.role, &claims.id) {
        return Err(refuse_offer(HopError::Full(claims.role)));
    }
    let offer = offer(auth::body(context, claims, headers, body, SDP_BYTES_MAX).await?)?;
    let codec = match hold.meeting.moment.borrow().plan.codec {
        directory::Codec::Vp8 => VideoCodec::Vp8,
        directory::Codec::H264 => VideoCodec::H264,
    };
    let spec = SessionSpec {
        meeting: claims.meeting.clone(),
        role: claims.role,
        kind: kind.clone(),
        client: client.clone(),
        admitted,
        codec,
        token: claims.id.clone(),
        good_for: claims.good_for(context.clock.now()),
    };
    let opened = tokio::time::timeout(OPEN_WITHIN, context.hop.open(spec, offer)).await;
    let (id, answer) = opened
        .map_err(|_| Refused::busy(ErrorCode::Slow, "the media plane did not answer in time", 1))?
        .map_err(refuse_offer)?;
    if let Err(ended) = auth::still(context, claims) {
        // It ended while the hop was at work, which may have been told before it knew of this session.
        context.hop.close(id, CloseReason::LinkEnded);
        return Err(ended);
    }
    let (role, token, meeting) = (claims.role, claims.id.clone(), claims.meeting.clone());
    let session = Session { id, role, token, meeting, client: client.clone(), kind };
    let secret = note(context, session, hold)?;
    if let Some(client) = &client
        && !admitted
        && context.clients().opened(client, id)
    {
        context.hop.admit(id);
    }
    created(&format!("{base}/{secret}"), answer)
}

/// Notes a session, which holds its meeting from now on, and closes those that it takes the place of.
fn note(context: &HandlerContext, session: Session, hold: Hold) -> Result<String, Refused> {
    let id = session.id;
    let secret = name::secret().map_err(|error| {
        tracing::error!(%error, "a session gets no address");
        context.hop.close(id, CloseReason::Failed);
        Refused::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Failed, error)
    })?;
    let surplus = context.sessions().insert(secret.clone(), session, hold);
    for old in surplus {
        if let Some(client) = &old.client {
            context.clients().closed(client, old.id);
        }
        context.hop.close(old.id, CloseReason::Left);
    }
    Ok(secret)
}

fn created(location: &str, answer: Sdp) -> Result<Response, Refused> {
    let location = HeaderValue::from_str(location).map_err(|_| {
        Refused::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::Failed,
            "the session's address cannot be written",
        )
    })?;
    let kind = HeaderValue::from_static(SDP);
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, kind), (header::LOCATION, location)], answer.0)
        .into_response())
}

fn client(headers: &HeaderMap) -> Result<Option<ClientId>, Refused> {
    let Some(value) = headers.get(CLIENT) else { return Ok(None) };
    let text =
        value.to_str().map_err(|_| Refused::bad(ErrorCode::BadClient, "Onehall-Client is not plain text"))?;
    let client = ClientId::new(text)
        .map_err(|error| Refused::bad(ErrorCode::BadClient, format!("Onehall-Client: {error}")))?;
    Ok(Some(client))
}

fn check_media_types(headers: &HeaderMap) -> Result<(), Refused> {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(essence);
    if sent.as_deref() != Some(SDP) {
        let detail =
            format!("the offer is {SDP}, not {}", sent.as_deref().unwrap_or("a body without a type"));
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::NotSdp, detail));
    }
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_none_or(|accept| {
        accept.split(',').map(essence).any(|kind| matches!(kind.as_str(), SDP | "application/*" | "*/*"))
    });
    if accepted {
        return Ok(());
    }
    Err(Refused::new(
        StatusCode::NOT_ACCEPTABLE,
        ErrorCode::NotSdp,
        format!("the answer is {SDP}, which Accept leaves out"),
    ))
}

/// What can be seen without reading SDP: it is text, begins like one, and has not too many lines. The words are those of the hop.
fn offer(bytes: Vec<u8>) -> Result<Sdp, Refused> {
    let bad = |why: &str| refuse_offer(HopError::BadOffer(why.to_owned()));
    let text = String::from_utf8(bytes).map_err(|_| bad("it is not UTF-8"))?;
    if !text.starts_with("v=0\n") && !text.starts_with("v=0\r\n") {
        return Err(bad("it does not begin with v=0"));
    }
    let lines = text.lines().filter(|line| line.starts_with("m=")).count();
    match lines {
        0 => Err(bad("it has no m= line")),
        1..=SDP_MEDIA_MAX => Ok(Sdp(text)),
        _ => Err(refuse_offer(HopError::TooManyLines { lines, max: SDP_MEDIA_MAX })),
    }
}

fn refuse_offer(error: HopError) -> Refused {
    match &error {
        HopError::TooLarge { .. } => Refused::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::TooLarge, error),
        HopError::TooManyLines { .. } | HopError::BadOffer(_) => Refused::bad(ErrorCode::BadSdp, error),
        HopError::Full(_) | HopError::MeetingsFull(_) => Refused::busy(ErrorCode::Full, error, FULL_RETRY_S),
        HopError::Stopped => Refused::busy(ErrorCode::Stopped, error, 1),
    }
}
