//! Reading the directory and the plan of a meeting.

use std::collections::BTreeMap;

use base::{MeetingId, Wall};
use directory::{Codec, Contact, Directory, Item, Person, Plan, Source, Text, Unit, Venue};
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::store::{count, parsed};

/// The directory and a plan as they were at one moment; none if there is no such meeting.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    meeting: &MeetingId,
) -> Result<Option<(Directory, Plan)>, StoreError> {
    let mut transaction = sqlx::Connection::begin(connection).await.tried("begin to read")?;
    let Some(plan) = plan(&mut transaction, meeting).await? else { return Ok(None) };
    let Some(directory) = all(&mut transaction).await? else { return Ok(None) };
    transaction.rollback().await.tried("end reading")?;
    Ok(Some((directory, plan)))
}

/// The directory as it was at one moment; none if there is none yet.
pub(crate) async fn directory(connection: &mut SqliteConnection) -> Result<Option<Directory>, StoreError> {
    let mut transaction = sqlx::Connection::begin(connection).await.tried("begin to read")?;
    let directory = all(&mut transaction).await?;
    transaction.rollback().await.tried("end reading")?;
    Ok(directory)
}

async fn all(connection: &mut SqliteConnection) -> Result<Option<Directory>, StoreError> {
    let organisation: Option<(String, String)> = sqlx::query_as("SELECT zh, en FROM organisation")
        .fetch_optional(&mut *connection)
        .await
        .tried("read the organisation")?;
    let Some((zh, en)) = organisation else { return Ok(None) };
    let tiers: Vec<(String, String)> = sqlx::query_as("SELECT zh, en FROM tier ORDER BY place")
        .fetch_all(&mut *connection)
        .await
        .tried("read the tiers")?;
    let tiers = tiers.into_iter().map(|(zh, en)| Text { zh, en }).collect();
    let units = units(connection).await?;
    let venues = venues(connection).await?;
    let people = people(connection).await?;
    Directory::new(Text { zh, en }, tiers, units, venues, people).map(Some).map_err(StoreError::Directory)
}

type UnitRow = (String, Option<String>, i64, String, String, String, String);

async fn units(connection: &mut SqliteConnection) -> Result<Vec<Unit>, StoreError> {
    let rows: Vec<UnitRow> =
        sqlx::query_as("SELECT id, upper, rank, name_zh, name_en, short_zh, short_en FROM unit")
            .fetch_all(connection)
            .await
            .tried("read the units")?;
    rows.into_iter()
        .map(|(id, upper, rank, name_zh, name_en, short_zh, short_en)| {
            Ok(Unit {
                id: parsed("the id of a unit", &id)?,
                upper: upper.map(|upper| parsed("the id of a unit", &upper)).transpose()?,
                rank: count("a rank", rank)?,
                name: Text::new(name_zh, name_en),
                short: Text::new(short_zh, short_en),
            })
        })
        .collect()
}

type VenueRow = (String, String, i64, String, String, String, String, Option<String>);

async fn venues(connection: &mut SqliteConnection) -> Result<Vec<Venue>, StoreError> {
    let mut sources = sources(connection).await?;
    let mut words = words(connection).await?;
    let rows: Vec<VenueRow> = sqlx::query_as(
        "SELECT v.id, unit, rank, name_zh, name_en, short_zh, short_en, p.value
         FROM venue v LEFT JOIN personal p ON p.id = v.technician",
    )
    .fetch_all(connection)
    .await
    .tried("read the venues")?;
    rows.into_iter()
        .map(|(id, unit, rank, name_zh, name_en, short_zh, short_en, technician)| {
            Ok(Venue {
                unit: parsed("the id of a unit", &unit)?,
                rank: count("a rank", rank)?,
                name: Text::new(name_zh, name_en),
                short: Text::new(short_zh, short_en),
                sources: sources.remove(&id).unwrap_or_default(),
                technician: technician.map(|value| personal::<Contact>(&value)).transpose()?,
                search: words.remove(&id).unwrap_or_default(),
                id: parsed("the id of a venue", &id)?,
            })
        })
        .collect()
}

async fn sources(connection: &mut SqliteConnection) -> Result<BTreeMap<String, Vec<Source>>, StoreError> {
    let rows: Vec<(String, String, String, String)> =
        sqlx::query_as("SELECT venue, id, name_zh, name_en FROM source ORDER BY venue, place")
            .fetch_all(connection)
            .await
            .tried("read the camera positions")?;
    let mut sources: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    for (venue, id, zh, en) in rows {
        let source = Source { id: parsed("the id of a source", &id)?, name: Text { zh, en } };
        sources.entry(venue).or_default().push(source);
    }
    Ok(sources)
}

async fn words(connection: &mut SqliteConnection) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT venue, word FROM venue_word ORDER BY venue, place")
            .fetch_all(connection)
            .await
            .tried("read the search words")?;
    let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (venue, word) in rows {
        words.entry(venue).or_default().push(word);
    }
    Ok(words)
}

/// A person whose name was erased has an empty one.
async fn people(connection: &mut SqliteConnection) -> Result<Vec<Person>, StoreError> {
    let rows: Vec<(String, String, i64, Option<String>)> = sqlx::query_as(
        "SELECT n.id, unit, rank, p.value FROM person n LEFT JOIN personal p ON p.id = n.name",
    )
    .fetch_all(connection)
    .await
    .tried("read the people")?;
    rows.into_iter()
        .map(|(id, unit, rank, name)| {
            Ok(Person {
                id: parsed("the id of a person", &id)?,
                unit: parsed("the id of a unit", &unit)?,
                rank: count("a rank", rank)?,
                name: name.map(|value| personal::<Text>(&value)).transpose()?.unwrap_or_default(),
            })
        })
        .collect()
}

type PlanRow = (String, String, Option<i64>, String, Option<String>, Option<String>, String);

async fn plan(connection: &mut SqliteConnection, id: &MeetingId) -> Result<Option<Plan>, StoreError> {
    let row: Option<PlanRow> = sqlx::query_as(
        "SELECT title_zh, title_en, start_ms, chair_venue, chair, p.value, codec
         FROM meeting m LEFT JOIN personal p ON p.id = m.contact WHERE m.id = ?",
    )
    .bind(id.as_str())
    .fetch_optional(&mut *connection)
    .await
    .tried("read a meeting")?;
    let Some((zh, en, start, chair_venue, chair, contact, codec)) = row else { return Ok(None) };
    let venues: Vec<String> =
        sqlx::query_scalar("SELECT venue FROM meeting_venue WHERE meeting = ? ORDER BY place")
            .bind(id.as_str())
            .fetch_all(&mut *connection)
            .await
            .tried("read the venues of a meeting")?;
    Ok(Some(Plan {
        id: id.clone(),
        title: Text { zh, en },
        start: start.map(Wall),
        chair_venue: parsed("the id of a venue", &chair_venue)?,
        chair: chair.map(|chair| parsed("the id of a person", &chair)).transpose()?,
        contact: contact.map(|value| personal::<Contact>(&value)).transpose()?,
        codec: codec_from_name(&codec).ok_or(StoreError::Value { what: "a codec", value: codec })?,
        venues: venues.iter().map(|venue| parsed("the id of a venue", venue)).collect::<Result<_, _>>()?,
        items: items(connection, id).await?,
    }))
}

type ItemRow = (String, String, String, i64, Option<i64>, Option<String>, Option<String>);

async fn items(connection: &mut SqliteConnection, meeting: &MeetingId) -> Result<Vec<Item>, StoreError> {
    let rows: Vec<ItemRow> = sqlx::query_as(
        "SELECT id, title_zh, title_en, minutes, start_ms, person, venue FROM item WHERE meeting = ? ORDER BY place",
    )
    .bind(meeting.as_str())
    .fetch_all(connection)
    .await
    .tried("read the rundown")?;
    rows.into_iter()
        .map(|(id, zh, en, minutes, start, person, venue)| {
            Ok(Item {
                id: parsed("the id of an item", &id)?,
                title: Text { zh, en },
                minutes: count("minutes", minutes)?,
                start: start.map(Wall),
                person: person.map(|person| parsed("the id of a person", &person)).transpose()?,
                venue: venue.map(|venue| parsed("the id of a venue", &venue)).transpose()?,
            })
        })
        .collect()
}

/// Name of a codec in the database.
pub(crate) const fn codec_name(codec: Codec) -> &'static str {
    match codec {
        Codec::Vp8 => "vp8",
        Codec::H264 => "h264",
    }
}

fn codec_from_name(name: &str) -> Option<Codec> {
    [Codec::Vp8, Codec::H264].into_iter().find(|codec| codec_name(*codec) == name)
}

fn personal<T: DeserializeOwned>(value: &str) -> Result<T, StoreError> {
    // The value itself may name a person, so the error does not repeat it.
    serde_json::from_str(value)
        .map_err(|cause| StoreError::Value { what: "a row of the table personal", value: cause.to_string() })
}
