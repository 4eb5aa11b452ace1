//! Replacing the directory and the plan of a meeting.

use std::collections::BTreeSet;

use base::{MeetingId, PersonId, VenueId};
use directory::{Directory, Item, Person, Plan, Unit, Venue};
use serde::Serialize;
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::plan_read::codec_name;
use crate::value::{json, place_number};

/// Makes this the directory and this the plan of its meeting. Inside the writer's transaction.
pub(crate) async fn replace(
    connection: &mut SqliteConnection,
    directory: &Directory,
    plan: &Plan,
) -> Result<(), StoreError> {
    check_others(connection, directory, &plan.id).await?;
    clear(connection, &plan.id).await?;
    organisation(connection, directory).await?;
    for unit in directory.units() {
        insert_unit(connection, unit).await?;
    }
    for venue in directory.venues() {
        insert_venue(connection, venue).await?;
    }
    for person in directory.people().values() {
        insert_person(connection, person).await?;
    }
    insert_plan(connection, plan).await
}

/// Refuses to take away what another meeting names.
async fn check_others(
    connection: &mut SqliteConnection,
    directory: &Directory,
    meeting: &MeetingId,
) -> Result<(), StoreError> {
    let venues: BTreeSet<&str> = directory.venues().iter().map(|v| v.id.as_str()).collect();
    let people: BTreeSet<&str> = directory.people().keys().map(PersonId::as_str).collect();
    let named: Vec<(String, String)> = sqlx::query_as(
        "SELECT id, chair_venue FROM meeting WHERE id <> ?1
         UNION SELECT meeting, venue FROM meeting_venue WHERE meeting <> ?1
         UNION SELECT meeting, venue FROM item WHERE meeting <> ?1 AND venue IS NOT NULL ORDER BY 1, 2",
    )
    .bind(meeting.as_str())
    .fetch_all(&mut *connection)
    .await
    .tried("read the venues of other meetings")?;
    refuse("venue", named, &venues)?;
    let named: Vec<(String, String)> = sqlx::query_as(
        "SELECT id, chair FROM meeting WHERE id <> ?1 AND chair IS NOT NULL
         UNION SELECT meeting, person FROM item WHERE meeting <> ?1 AND person IS NOT NULL ORDER BY 1, 2",
    )
    .bind(meeting.as_str())
    .fetch_all(&mut *connection)
    .await
    .tried("read the people of other meetings")?;
    refuse("person", named, &people)
}

fn refuse(
    what: &'static str,
    named: Vec<(String, String)>,
    there: &BTreeSet<&str>,
) -> Result<(), StoreError> {
    match named.into_iter().find(|(_, id)| !there.contains(id.as_str())) {
        Some((meeting, id)) => Err(StoreError::InUse { what, id, meeting }),
        None => Ok(()),
    }
}

/// Takes the directory away. What points to it from other meetings is checked again at the commit.
async fn clear(connection: &mut SqliteConnection, meeting: &MeetingId) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM personal WHERE id IN (SELECT name FROM person UNION SELECT technician FROM venue
         UNION SELECT contact FROM meeting WHERE id = ?)",
    )
    .bind(meeting.as_str())
    .execute(&mut *connection)
    .await
    .tried("take the old names away")?;
    for table in [
        "DELETE FROM person",
        "DELETE FROM venue",
        "DELETE FROM unit",
        "DELETE FROM tier",
        "DELETE FROM organisation",
    ] {
        sqlx::query(table).execute(&mut *connection).await.tried("take the old directory away")?;
    }
    for table in ["DELETE FROM item WHERE meeting = ?", "DELETE FROM meeting_venue WHERE meeting = ?"] {
        sqlx::query(table)
            .bind(meeting.as_str())
            .execute(&mut *connection)
            .await
            .tried("take the old plan away")?;
    }
    Ok(())
}

async fn organisation(connection: &mut SqliteConnection, directory: &Directory) -> Result<(), StoreError> {
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
        .bind(unit.upper.as_ref().map(base::UnitId::as_str))
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
        Some(contact) => Some(insert_personal(connection, "technician", venue.id.as_str(), contact).await?),
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
    let name = insert_personal(connection, "person", person.id.as_str(), &person.name).await?;
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

async fn insert_plan(connection: &mut SqliteConnection, plan: &Plan) -> Result<(), StoreError> {
    let contact = match &plan.contact {
        Some(contact) => Some(insert_personal(connection, "contact", plan.id.as_str(), contact).await?),
        None => None,
    };
    // Runs and tokens point to the meeting, so its row is changed and never taken away.
    sqlx::query(
        "INSERT INTO meeting (id, title, start_ms, chair_venue, chair, contact, codec)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET title = excluded.title, start_ms = excluded.start_ms, chair_venue = excluded.chair_venue, chair = excluded.chair,
             contact = excluded.contact, codec = excluded.codec",
    )
    .bind(plan.id.as_str())
    .bind(json(&plan.title)?)
    .bind(plan.start.map(|at| at.0))
    .bind(plan.chair_venue.as_str())
    .bind(plan.chair.as_ref().map(PersonId::as_str))
    .bind(contact)
    .bind(codec_name(plan.codec))
    .execute(&mut *connection)
    .await
    .tried("write a meeting")?;
    for (place, venue) in plan.venues.iter().enumerate() {
        sqlx::query("INSERT INTO meeting_venue (meeting, place, venue) VALUES (?, ?, ?)")
            .bind(plan.id.as_str())
            .bind(place_number(place))
            .bind(venue.as_str())
            .execute(&mut *connection)
            .await
            .tried("write a venue of a meeting")?;
    }
    for (place, item) in plan.items.iter().enumerate() {
        insert_item(connection, &plan.id, place, item).await?;
    }
    Ok(())
}

async fn insert_item(
    connection: &mut SqliteConnection,
    meeting: &MeetingId,
    place: usize,
    item: &Item,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO item (meeting, place, id, title, minutes, start_ms, person, venue)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(meeting.as_str())
    .bind(place_number(place))
    .bind(item.id.as_str())
    .bind(json(&item.title)?)
    .bind(item.minutes)
    .bind(item.start.map(|at| at.0))
    .bind(item.person.as_ref().map(PersonId::as_str))
    .bind(item.venue.as_ref().map(VenueId::as_str))
    .execute(connection)
    .await
    .tried("write an item")
    .map(|_| ())
}

/// Writes a row of the table `personal` and gives its id.
async fn insert_personal(
    connection: &mut SqliteConnection,
    what: &'static str,
    of: &str,
    value: &impl Serialize,
) -> Result<String, StoreError> {
    let id = format!("{what}/{of}");
    sqlx::query("INSERT INTO personal (id, value) VALUES (?, ?)")
        .bind(&id)
        .bind(json(value)?)
        .execute(connection)
        .await
        .tried("write a name")?;
    Ok(id)
}
