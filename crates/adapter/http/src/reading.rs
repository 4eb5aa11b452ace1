//! What can be read over HTTP: state, log, health.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{ClientId, LogCause, LogCondition, MeetingId, Sequence};
use directory::Person;
use directory::policy::Role;
use screen::Viewer;
use screen::convert;
use screen::mirror::Reader;
use service::control::Meeting;
use service::port::log::StoredEvent;
use wire::{ErrorCode, Health, LogAnswer, LogEntry, PersonEntry, ServerFrame};

use crate::answer::{Refused, json};
use crate::auth;
use crate::context::HandlerContext;
use crate::hub::Hubs;
use crate::query::Once;

/// Events of one answer, if the request names no number.
const EVENTS_DEFAULT: u32 = 500;
/// Events of one answer.
const EVENTS_MAX: u32 = 5_000;
/// How long a reader of the log waits: the disk may hang.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// How long of that for its first event.
const BEGUN_WITHIN: Duration = Duration::from_secs(2);

/// `GET /api/v1/health`.
pub(crate) async fn health(State(context): State<Arc<HandlerContext>>) -> Response {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let shut: BTreeMap<MeetingId, LogCause> = context.meetings.all().iter().filter_map(shut).collect();
    let refused = context.meetings.refused();
    let health = Health {
        ok: shut.is_empty() && refused.is_empty(),
        shut,
        refused,
        boot: context.boot.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: wire::VERSION,
        at: context.clock.now(),
        meetings: count(context.meetings.all().len()),
        clients: count(context.clients().total()),
        sessions: count(context.sessions().len()),
    };
    json(StatusCode::OK, &health)
}

/// Why the log of a meeting cannot be written, if it cannot.
fn shut(meeting: &Meeting) -> Option<(MeetingId, LogCause)> {
    let log = meeting.moment.borrow().log;
    Some((meeting.id.clone(), log.cause.filter(|_| log.condition == LogCondition::Shut)?))
}

/// `GET …/state`: the snapshot frame, as the token's role sees it. Its `client` names no page.
pub(crate) async fn state(
    State(context): State<Arc<HandlerContext>>,
    State(hubs): State<Hubs>,
    Path(meeting): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (hold, claims) = auth::meeting(&context, &headers, &meeting).await?;
    auth::may_read(&context, &claims)?;
    let hub = hubs.of(&hold.meeting);
    hub.refresh();
    let viewer = Viewer { role: claims.role, venue: claims.venue.clone() };
    let (rev, state) = Reader::new(viewer).snapshot(&hub.mirror());
    let frame = ServerFrame::Snapshot {
        boot: context.boot.clone(),
        rev,
        client: ClientId::new("none").expect("none is an id"),
        at: context.clock.now(),
        state: Box::new(state),
        you: convert::you(&claims),
    };
    Ok(json(StatusCode::OK, &frame))
}

/// `GET …/venues/{venue}/people`: who may speak there, for a page of that venue, director and chair.
pub(crate) async fn people(
    State(context): State<Arc<HandlerContext>>,
    Path((meeting, venue)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (hold, claims) = auth::meeting(&context, &headers, &meeting).await?;
    auth::may_read(&context, &claims)?;
    match claims.role {
        Role::Director | Role::Chair => {}
        Role::Venue if claims.venue.as_ref().is_some_and(|own| own.as_str() == venue) => {}
        Role::Venue => {
            let detail = "a venue is told of its own people alone";
            return Err(Refused::forbidden(ErrorCode::WrongVenue, detail));
        }
        Role::Watcher => {
            let detail = "people are for director, chair and their venue";
            return Err(Refused::forbidden(ErrorCode::WrongRole, detail));
        }
    }
    let moment = Arc::clone(&hold.meeting.moment.borrow());
    let found = moment.plan.venues.iter().find(|id| id.as_str() == venue);
    let found = found.and_then(|id| moment.directory.venue(id)).ok_or_else(|| {
        Refused::not_found(ErrorCode::UnknownVenue, format!("there is no venue {venue:?} in this meeting"))
    })?;
    let people = moment.directory.people_of(found, &moment.plan.venues);
    let entry = |person: &Person| PersonEntry { id: person.id.clone(), name: convert::text(&person.name) };
    Ok(json(StatusCode::OK, &people.into_iter().map(entry).collect::<Vec<_>>()))
}

/// `GET …/log?from=&count=`, for director and chair.
pub(crate) async fn log(
    State(context): State<Arc<HandlerContext>>,
    Path(meeting): Path<String>,
    Once(query): Once,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (hold, claims) = auth::meeting(&context, &headers, &meeting).await?;
    auth::may_read(&context, &claims)?;
    let meeting = &hold.meeting;
    if !matches!(claims.role, Role::Director | Role::Chair) {
        return Err(Refused::forbidden(ErrorCode::WrongRole, "the log is for director and chair"));
    }
    let from = number(&query, "from", 1)?.max(1);
    let count = number(&query, "count", u64::from(EVENTS_DEFAULT))?.clamp(1, u64::from(EVENTS_MAX));
    let count = u32::try_from(count).unwrap_or(EVENTS_MAX);
    // One more than is told says whether there is more to tell.
    let read = tokio::time::timeout(READ_WITHIN, async {
        begun(meeting).await;
        meeting.log.read(&meeting.run, Sequence(from), count.saturating_add(1)).await
    });
    let slow = |_| Refused::busy(ErrorCode::Slow, "the log was not read within 10 s", 1);
    let mut events = read.await.map_err(slow)?.map_err(|error| {
        if let Some(unsaid) = context.line_due("log") {
            tracing::warn!(%error, unsaid, meeting = %meeting.id, "the log was not read");
        }
        Refused::busy(ErrorCode::Log, error, 1)
    })?;
    auth::still(&context, &claims)?;
    let told = usize::try_from(count).unwrap_or(usize::MAX);
    let next = events.get(told).map(|event| event.seq);
    events.truncate(told);
    let events = events.into_iter().map(entry).collect();
    Ok(json(StatusCode::OK, &LogAnswer { run: meeting.run.clone(), events, next }))
}

/// A run that was just opened has its first event in a moment; a log that cannot be written must not keep its reader.
async fn begun(meeting: &Meeting) {
    let mut moment = meeting.moment.clone();
    let first = moment.wait_for(|moment| moment.state.seq > Sequence(0));
    let _ = tokio::time::timeout(BEGUN_WITHIN, first).await;
}

fn number(query: &BTreeMap<String, String>, name: &str, default: u64) -> Result<u64, Refused> {
    match query.get(name) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_| Refused::bad(ErrorCode::BadQuery, format!("{name}={text:?} is not a whole number"))),
    }
}

fn entry(event: StoredEvent) -> LogEntry {
    LogEntry {
        seq: event.seq,
        epoch: event.epoch,
        at: event.at,
        kind: event.kind,
        ver: event.ver,
        alg: event.alg,
        // Bodies are JSON, which is UTF-8; a damaged one shows as such, and no longer fits its hash.
        body: String::from_utf8_lossy(&event.body).into_owned(),
        prev: hex(&event.prev),
        hash: hex(&event.hash),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
