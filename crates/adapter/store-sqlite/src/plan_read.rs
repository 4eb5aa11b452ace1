//! Reading the directory and the plan of a meeting.

use std::collections::BTreeMap;

use base::{MeetingId, Text, Wall};
use directory::{Codec, Contact, Directory, Item, Person, Plan, Source, Unit, Venue};
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::value::{count, parsed, personal, text};

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
    let organisation: Option<String> = sqlx::query_scalar("SELECT name FROM organisation")
        .fetch_optional(&mut *connection)
        .await
        .tried("read the organisation")?;
    let Some(organisation) = organisation else { return Ok(None) };
    let tiers: Vec<String> = sqlx::query_scalar("SELECT name FROM tier ORDER BY place")
        .fetch_all(&mut *connection)
        .await
        .tried("read the tiers")?;
    let tiers = tiers.iter().map(|tier| text(tier)).collect::<Result<_, _>>()?;
    let units = units(connection).await?;
    let venues = venues(connection).await?;
    let people = people(connection).await?;
    Directory::new(text(&organisation)?, tiers, units, venues, people)
        .map(Some)
        .map_err(StoreError::Directory)
}

type UnitRow = (String, Option<String>, i64, String, String);

async fn units(connection: &mut SqliteConnection) -> Result<Vec<Unit>, StoreError> {
    let rows: Vec<UnitRow> = sqlx::query_as("SELECT id, upper, rank, name, short FROM unit")
        .fetch_all(connection)
        .await
        .tried("read the units")?;
    rows.into_iter()
        .map(|(id, upper, rank, name, short)| {
            Ok(Unit {
                id: parsed("the id of a unit", &id)?,
                upper: upper.map(|upper| parsed("the id of a unit", &upper)).transpose()?,
                rank: count("a rank", rank)?,
                name: text(&name)?,
                short: text(&short)?,
            })
        })
        .collect()
}

type VenueRow = (String, String, i64, String, String, Option<String>);

async fn venues(connection: &mut SqliteConnection) -> Result<Vec<Venue>, StoreError> {
    let mut sources = sources(connection).await?;
    let mut words = words(connection).await?;
    let rows: Vec<VenueRow> = sqlx::query_as(
        "SELECT v.id, unit, rank, name, short, p.value
         FROM venue v LEFT JOIN personal p ON p.id = v.technician",
    )
    .fetch_all(connection)
    .await
    .tried("read the venues")?;
    rows.into_iter()
        .map(|(id, unit, rank, name, short, technician)| {
            Ok(Venue {
                unit: parsed("the id of a unit", &unit)?,
                rank: count("a rank", rank)?,
                name: text(&name)?,
                short: text(&short)?,
                sources: sources.remove(&id).unwrap_or_default(),
                technician: technician.map(|value| personal::<Contact>(&value)).transpose()?,
                search: words.remove(&id).unwrap_or_default(),
                id: parsed("the id of a venue", &id)?,
            })
        })
        .collect()
}

async fn sources(connection: &mut SqliteConnection) -> Result<BTreeMap<String, Vec<Source>>, StoreError> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT venue, id, name FROM source ORDER BY venue, place")
            .fetch_all(connection)
            .await
            .tried("read the camera positions")?;
    let mut sources: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    for (venue, id, name) in rows {
        let source = Source { id: parsed("the id of a source", &id)?, name: text(&name)? };
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

type PlanRow = (String, Option<i64>, String, Option<String>, Option<String>, String);

async fn plan(connection: &mut SqliteConnection, id: &MeetingId) -> Result<Option<Plan>, StoreError> {
    let row: Option<PlanRow> = sqlx::query_as(
        "SELECT title, start_ms, chair_venue, chair, p.value, codec
         FROM meeting m LEFT JOIN personal p ON p.id = m.contact WHERE m.id = ?",
    )
    .bind(id.as_str())
    .fetch_optional(&mut *connection)
    .await
    .tried("read a meeting")?;
    let Some((title, start, chair_venue, chair, contact, codec)) = row else { return Ok(None) };
    let venues: Vec<String> =
        sqlx::query_scalar("SELECT venue FROM meeting_venue WHERE meeting = ? ORDER BY place")
            .bind(id.as_str())
            .fetch_all(&mut *connection)
            .await
            .tried("read the venues of a meeting")?;
    Ok(Some(Plan {
        id: id.clone(),
        title: text(&title)?,
        start: start.map(Wall),
        chair_venue: parsed("the id of a venue", &chair_venue)?,
        chair: chair.map(|chair| parsed("the id of a person", &chair)).transpose()?,
        contact: contact.map(|value| personal::<Contact>(&value)).transpose()?,
        codec: codec_from_name(&codec).ok_or(StoreError::Value { what: "a codec", value: codec })?,
        venues: venues.iter().map(|venue| parsed("the id of a venue", venue)).collect::<Result<_, _>>()?,
        items: items(connection, id).await?,
    }))
}

type ItemRow = (String, String, i64, Option<i64>, Option<String>, Option<String>);

async fn items(connection: &mut SqliteConnection, meeting: &MeetingId) -> Result<Vec<Item>, StoreError> {
    let rows: Vec<ItemRow> = sqlx::query_as(
        "SELECT id, title, minutes, start_ms, person, venue FROM item WHERE meeting = ? ORDER BY place",
    )
    .bind(meeting.as_str())
    .fetch_all(connection)
    .await
    .tried("read the rundown")?;
    rows.into_iter()
        .map(|(id, title, minutes, start, person, venue)| {
            Ok(Item {
                id: parsed("the id of an item", &id)?,
                title: text(&title)?,
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
