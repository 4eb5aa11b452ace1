//! The tables of meetings: `meeting`, `meeting_venue`, `item`. A plan is read and replaced together with the directory that it names.

use std::collections::BTreeSet;

use base::{MeetingId, PersonId, VenueId, Wall};
use directory::{Contact, Directory, Item, Plan};
use service::port::directories::MeetingRow;
use sqlx::SqliteConnection;

use crate::StoreError;
use crate::error::Tried;
use crate::table::directory::{clear_directory, read_directory, write_directory};
use crate::table::personal;
use crate::value::{count, json, of_person, parsed, place_number, text};

/// All meetings, by planned start, those without one last; then by id.
pub(crate) async fn list(connection: &mut SqliteConnection) -> Result<Vec<MeetingRow>, StoreError> {
    let rows: Vec<(String, String, Option<i64>)> =
        sqlx::query_as("SELECT id, title, start_ms FROM meeting ORDER BY start_ms IS NULL, start_ms, id")
            .fetch_all(connection)
            .await
            .tried("list the meetings")?;
    rows.into_iter()
        .map(|(id, title, start)| {
            Ok(MeetingRow {
                id: parsed("the id of a meeting", &id)?,
                title: text(&title)?,
                start: start.map(Wall),
            })
        })
        .collect()
}

/// That there is such a meeting, which else the error names.
pub(crate) async fn require_meeting(
    connection: &mut SqliteConnection,
    id: &MeetingId,
) -> Result<(), StoreError> {
    let there: Option<i64> = sqlx::query_scalar("SELECT 1 FROM meeting WHERE id = ?")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await
        .tried("look for a meeting")?;
    there.map(|_| ()).ok_or_else(|| StoreError::NoMeeting(id.clone()))
}

/// The directory and a plan as they were at one moment; none if there is no such meeting.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    meeting: &MeetingId,
) -> Result<Option<(Directory, Plan)>, StoreError> {
    let mut transaction = sqlx::Connection::begin(connection).await.tried("begin to read")?;
    let Some(plan) = read(&mut transaction, meeting).await? else { return Ok(None) };
    let Some(all) = read_directory(&mut transaction).await? else { return Ok(None) };
    transaction.rollback().await.tried("end reading")?;
    Ok(Some((all, plan)))
}

/// The directory as it was at one moment; none if there is none yet.
pub(crate) async fn directory(connection: &mut SqliteConnection) -> Result<Option<Directory>, StoreError> {
    let mut transaction = sqlx::Connection::begin(connection).await.tried("begin to read")?;
    let all = read_directory(&mut transaction).await?;
    transaction.rollback().await.tried("end reading")?;
    Ok(all)
}

/// Makes this the directory and this the plan of its meeting. Inside the writer's transaction.
pub(crate) async fn replace(
    connection: &mut SqliteConnection,
    new: &Directory,
    plan: &Plan,
) -> Result<(), StoreError> {
    check_others(connection, new, &plan.id).await?;
    clear(connection, &plan.id).await?;
    write_directory(connection, new).await?;
    insert(connection, plan).await
}

/// Refuses to take away what another meeting names.
pub(crate) async fn check_others(
    connection: &mut SqliteConnection,
    new: &Directory,
    meeting: &MeetingId,
) -> Result<(), StoreError> {
    let venues: BTreeSet<&str> = new.venues().iter().map(|v| v.id.as_str()).collect();
    let people: BTreeSet<&str> = new.people().keys().map(PersonId::as_str).collect();
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

/// Takes directory and plan away. The row of the meeting stays.
async fn clear(connection: &mut SqliteConnection, meeting: &MeetingId) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM personal WHERE id IN (SELECT name FROM person UNION SELECT technician FROM venue
         UNION SELECT contact FROM meeting WHERE id = ?)",
    )
    .bind(meeting.as_str())
    .execute(&mut *connection)
    .await
    .tried("take the old names away")?;
    clear_directory(connection).await?;
    for table in ["DELETE FROM item WHERE meeting = ?", "DELETE FROM meeting_venue WHERE meeting = ?"] {
        sqlx::query(table)
            .bind(meeting.as_str())
            .execute(&mut *connection)
            .await
            .tried("take the old plan away")?;
    }
    Ok(())
}

type PlanRow = (String, Option<i64>, String, String, Option<String>, Option<String>, String);

async fn read(connection: &mut SqliteConnection, id: &MeetingId) -> Result<Option<Plan>, StoreError> {
    let row: Option<PlanRow> = sqlx::query_as(
        "SELECT title, start_ms, zone, chair_venue, chair, p.value, codec
         FROM meeting m LEFT JOIN personal p ON p.id = m.contact WHERE m.id = ?",
    )
    .bind(id.as_str())
    .fetch_optional(&mut *connection)
    .await
    .tried("read a meeting")?;
    let Some((title, start, zone, chair_venue, chair, contact, codec)) = row else { return Ok(None) };
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
        zone,
        chair_venue: parsed("the id of a venue", &chair_venue)?,
        chair: chair.map(|chair| parsed("the id of a person", &chair)).transpose()?,
        contact: contact.map(|value| of_person::<Contact>(&value)).transpose()?,
        codec: parsed("a codec", &codec)?,
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

async fn insert(connection: &mut SqliteConnection, plan: &Plan) -> Result<(), StoreError> {
    let contact = match &plan.contact {
        Some(contact) => Some(personal::insert(connection, "contact", plan.id.as_str(), contact).await?),
        None => None,
    };
    // Runs and tokens point to the meeting, so its row is changed and never taken away.
    sqlx::query(
        "INSERT INTO meeting (id, title, start_ms, zone, chair_venue, chair, contact, codec)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET title = excluded.title, start_ms = excluded.start_ms, zone = excluded.zone, chair_venue = excluded.chair_venue, chair = excluded.chair,
             contact = excluded.contact, codec = excluded.codec",
    )
    .bind(plan.id.as_str())
    .bind(json(&plan.title)?)
    .bind(plan.start.map(|at| at.0))
    .bind(&plan.zone)
    .bind(plan.chair_venue.as_str())
    .bind(plan.chair.as_ref().map(PersonId::as_str))
    .bind(contact)
    .bind(plan.codec.name())
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
