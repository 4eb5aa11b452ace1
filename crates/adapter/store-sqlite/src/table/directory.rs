//! The tables of the directory: `organisation`, `tier`, `unit`, `venue`, `source`, `venue_word`, `person`.

use std::collections::BTreeMap;

use base::UnitId;
use directory::{Contact, Directory, Person, Source, Unit, Venue};
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::table::personal;
use crate::value::{count, json, of_person, parsed, place_number, text};

/// The directory; none before the first. Whoever wants it at one moment reads inside a transaction.
pub(crate) async fn read_directory(
    connection: &mut SqliteConnection,
) -> Result<Option<Directory>, StoreError> {
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
                technician: technician.map(|value| of_person::<Contact>(&value)).transpose()?,
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
                name: name.map(|value| of_person(&value)).transpose()?.unwrap_or_default(),
            })
        })
        .collect()
}

/// Takes the directory away, but for the names in `personal`. What points to it from meetings is checked again at the commit.
pub(crate) async fn clear_directory(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for table in [
        "DELETE FROM person",
        "DELETE FROM venue",
        "DELETE FROM unit",
        "DELETE FROM tier",
        "DELETE FROM organisation",
    ] {
        sqlx::query(table).execute(&mut *connection).await.tried("take the old directory away")?;
    }
    Ok(())
}

/// Writes the directory where there is none.
pub(crate) async fn write_directory(
    connection: &mut SqliteConnection,
    directory: &Directory,
) -> Result<(), StoreError> {
    write_organisation(connection, directory).await?;
    for unit in directory.units() {
        insert_unit(connection, unit).await?;
    }
    for venue in directory.venues() {
        insert_venue(connection, venue).await?;
    }
    for person in directory.people().values() {
        insert_person(connection, person).await?;
    }
    Ok(())
}

async fn write_organisation(
    connection: &mut SqliteConnection,
    directory: &Directory,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO organisation (one, name) VALUES (1, ?)")
        .bind(json(directory.organisation())?)
        .execute(&mut *connection)
        .await
        .tried("write the organisation")?;
    for (place, tier) in directory.tiers().iter().enumerate() {
        sqlx::query("INSERT INTO tier (place, name) VALUES (?, ?)")
            .bind(place_number(place))
            .bind(json(tier)?)
            .execute(&mut *connection)
            .await
            .tried("write a tier")?;
    }
    Ok(())
}

async fn insert_unit(connection: &mut SqliteConnection, unit: &Unit) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO unit (id, upper, rank, name, short) VALUES (?, ?, ?, ?, ?)")
        .bind(unit.id.as_str())
        .bind(unit.upper.as_ref().map(UnitId::as_str))
        .bind(unit.rank)
        .bind(json(&unit.name)?)
        .bind(json(&unit.short)?)
        .execute(connection)
        .await
        .tried("write a unit")
        .map(|_| ())
}

async fn insert_venue(connection: &mut SqliteConnection, venue: &Venue) -> Result<(), StoreError> {
    let technician = match &venue.technician {
        Some(contact) => Some(personal::insert(connection, "technician", venue.id.as_str(), contact).await?),
        None => None,
    };
    sqlx::query("INSERT INTO venue (id, unit, rank, name, short, technician) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(venue.id.as_str())
        .bind(venue.unit.as_str())
        .bind(venue.rank)
        .bind(json(&venue.name)?)
        .bind(json(&venue.short)?)
        .bind(technician)
        .execute(&mut *connection)
        .await
        .tried("write a venue")?;
    for (place, source) in venue.sources.iter().enumerate() {
        sqlx::query("INSERT INTO source (id, venue, place, name) VALUES (?, ?, ?, ?)")
            .bind(source.id.as_str())
            .bind(venue.id.as_str())
            .bind(place_number(place))
            .bind(json(&source.name)?)
            .execute(&mut *connection)
            .await
            .tried("write a camera position")?;
    }
    for (place, word) in venue.search.iter().enumerate() {
        sqlx::query("INSERT INTO venue_word (venue, place, word) VALUES (?, ?, ?)")
            .bind(venue.id.as_str())
            .bind(place_number(place))
            .bind(word)
            .execute(&mut *connection)
            .await
            .tried("write a search word")?;
    }
    Ok(())
}

async fn insert_person(connection: &mut SqliteConnection, person: &Person) -> Result<(), StoreError> {
    let name = personal::insert(connection, "person", person.id.as_str(), &person.name).await?;
    sqlx::query("INSERT INTO person (id, unit, rank, name) VALUES (?, ?, ?, ?)")
        .bind(person.id.as_str())
        .bind(person.unit.as_str())
        .bind(person.rank)
        .bind(name)
        .execute(connection)
        .await
        .tried("write a person")
        .map(|_| ())
}
