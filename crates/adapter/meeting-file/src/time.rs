//! Dates and times as people write them.

use base::Wall;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::{AmbiguousOffset, Disambiguation, TimeZone};
use jiff::{Timestamp, ZonedDateTime};

use crate::file::PlannedTime;

/// When a meeting starts, and how to read a time of its day.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) at: Wall,
    local: DateTime,
    pub(crate) zone: TimeZone,
}

/// Reads the start of a meeting. `zone` is that of a time without one.
pub(crate) fn start(planned: &PlannedTime, zone: Option<&TimeZone>) -> Result<Start, String> {
    let text = written(planned);
    if let Ok(zoned) = text.parse::<ZonedDateTime>() {
        // Read as strictly as it can be, it is an instant only if the clocks of that zone show it once.
        let once = DateTimeParser::new().disambiguation(Disambiguation::Reject);
        let local = text.parse().unwrap_or(zoned.datetime());
        let doubtful = || not_once(local, zoned.time_zone()).unwrap_or_default();
        return once.parse_zoned_datetime(&text).map(|zoned| started(&zoned)).map_err(|_| doubtful());
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        // Times of its day are meant in the zone if one is named, else at the offset that the start has.
        let zone = zone.cloned().unwrap_or_else(|| offset_of(&text));
        return Ok(started(&instant.to_zoned_datetime(zone)));
    }
    match (text.parse::<DateTime>(), zone) {
        (Ok(local), Some(zone)) if has_time(&text) => once(local, zone).map(|zoned| started(&zoned)),
        (Ok(_), None) if has_time(&text) => {
            Err("this time names no zone; give meeting.zone, as in zone = \"Asia/Shanghai\"".to_owned())
        }
        _ => Err(format!("{text:?} is not a date and time, as in 2026-12-01T09:00:00+08:00")),
    }
}

/// Reads the start of an item, which may be a time of the meeting's day. One before the meeting's start is of the next day.
pub(crate) fn item_start(
    planned: &PlannedTime,
    meeting: Option<&Start>,
    zone: Option<&TimeZone>,
) -> Result<Wall, String> {
    let text = written(planned);
    let Ok(time) = text.parse::<Time>() else { return start(planned, zone).map(|start| start.at) };
    if text.contains(['-', 'T', ' ']) {
        return start(planned, zone).map(|start| start.at);
    }
    let Some(meeting) = meeting else {
        return Err("a time alone is one of the meeting's day, and meeting.start is not given".to_owned());
    };
    let date: Result<Date, _> =
        if time < meeting.local.time() { meeting.local.date().tomorrow() } else { Ok(meeting.local.date()) };
    let date = date.map_err(|error| error.to_string())?;
    once(date.to_datetime(time), &meeting.zone).map(|zoned| Wall(zoned.timestamp().as_millisecond()))
}

/// The instant at which the clocks of a zone show that time.
fn once(local: DateTime, zone: &TimeZone) -> Result<ZonedDateTime, String> {
    match not_once(local, zone) {
        Some(doubtful) => Err(doubtful),
        None => local.to_zoned_datetime(zone.clone()).map_err(|error| error.to_string()),
    }
}

/// What is wrong with a time that the clocks of a zone show never or twice, as when summer time begins or ends.
fn not_once(local: DateTime, zone: &TimeZone) -> Option<String> {
    let time = local.strftime("%R");
    match zone.to_ambiguous_zoned_datetime(local).offset() {
        AmbiguousOffset::Unambiguous { .. } => None,
        AmbiguousOffset::Gap { .. } => {
            Some(format!("the clocks leave out {time} on that day; give another time"))
        }
        AmbiguousOffset::Fold { before, .. } => Some(format!(
            "the clocks show {time} twice on that day; write which of them by its offset, as in {}{before}",
            local.strftime("%FT%T")
        )),
    }
}

/// Names that a machine's tz database has for itself and that say nothing to another.
const NO_ZONES: [&str; 4] = ["Factory", "localtime", "posixrules", "leapseconds"];

/// A zone by its name in the tz database.
pub(crate) fn zone(name: &str) -> Result<TimeZone, String> {
    let known = !NO_ZONES.iter().any(|no| no.eq_ignore_ascii_case(name));
    let zone = if known { TimeZone::get(name).ok() } else { None };
    zone.ok_or_else(|| format!("there is no time zone {name:?}; names are as in \"Asia/Shanghai\""))
}

/// The name of a zone in the tz database. An offset of whole hours has one; another has none, and its times are told in UTC.
pub(crate) fn zone_name(zone: &TimeZone) -> String {
    if let Some(name) = zone.iana_name() {
        return name.to_owned();
    }
    match zone.to_fixed_offset() {
        // The sign of these names is that of what is added to the local time.
        Ok(offset) if offset.seconds() % 3600 == 0 && offset.seconds() != 0 => {
            format!("Etc/GMT{:+}", -offset.seconds() / 3600)
        }
        Ok(_) | Err(_) => "UTC".to_owned(),
    }
}

/// A date as one reads it in a zone, with its offset; seconds where there are any.
pub(crate) fn shown(at: Wall, zone: &TimeZone) -> String {
    let Ok(instant) = Timestamp::from_millisecond(at.0) else { return at.0.to_string() };
    let zoned = instant.to_zoned_datetime(zone.clone());
    let form = if zoned.second() == 0 { "%F %R %:z" } else { "%F %T %:z" };
    zoned.strftime(form).to_string()
}

/// A date as one reads it in UTC, to the minute.
#[must_use]
pub fn in_utc(at: Wall) -> String {
    let instant = Timestamp::from_millisecond(at.0);
    instant.map_or_else(|_| at.0.to_string(), |instant| instant.strftime("%F %RZ").to_string())
}

fn started(zoned: &ZonedDateTime) -> Start {
    Start {
        at: Wall(zoned.timestamp().as_millisecond()),
        local: zoned.datetime(),
        zone: zoned.time_zone().clone(),
    }
}

fn written(planned: &PlannedTime) -> String {
    match planned {
        PlannedTime::Toml(date) => date.to_string(),
        PlannedTime::Written(text) => text.trim().to_owned(),
    }
}

/// A date alone would be read as midnight, which nobody means.
fn has_time(text: &str) -> bool {
    text.contains(':')
}

/// The offset at the end of an instant, UTC for `Z`.
fn offset_of(text: &str) -> TimeZone {
    let pieces = jiff::fmt::temporal::Pieces::parse(text);
    pieces
        .ok()
        .and_then(|pieces| pieces.to_numeric_offset())
        .map_or(TimeZone::UTC, |offset| offset.to_time_zone())
}
