//! What applying a meeting file would change, in lines for people.

use std::collections::BTreeMap;
use std::fmt;

use base::{UnitId, VenueId, Wall};
use directory::{Codec, Contact, Directory, Item, Person, Plan, Source, Text, Unit, Venue};
use jiff::tz::TimeZone;

use crate::Prepared;
use crate::time::shown;

/// What is there before a file is applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// The organisation, none before the first file.
    pub directory: Option<Directory>,
    /// The plan of the file's meeting, none before its first file.
    pub plan: Option<Plan>,
}

/// Kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// It comes.
    Added,
    /// It stays and becomes another.
    Changed,
    /// It goes.
    Removed,
}

/// One change. Shown as a line: `+ venue v017 Ningbo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Kind.
    pub sign: Sign,
    /// Of what: `venue`, `unit`, `item`, `title`.
    pub what: &'static str,
    /// Id, empty for what there is one of.
    pub id: String,
    /// Its name, or what changes about it.
    pub text: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.sign {
            Sign::Added => '+',
            Sign::Changed => '~',
            Sign::Removed => '-',
        };
        write!(f, "{sign} {}", self.what)?;
        for part in [&self.id, &self.text] {
            if !part.is_empty() {
                write!(f, " {part}")?;
            }
        }
        Ok(())
    }
}

/// What would change, in the order organisation, units, venues, people, meeting, rundown; of each, what comes or changes first, then what goes.
/// Empty if nothing would.
#[must_use]
pub fn diff(before: &Before, after: &Prepared) -> Vec<Change> {
    let empty = Directory::default();
    let old = before.directory.as_ref().unwrap_or(&empty);
    let new = &after.directory;
    let mut changes = Changes::default();
    changes.field("organisation", "", "", &both(old.organisation()), &both(new.organisation()));
    changes.field("tiers", "", "", &listed(old.tiers()), &listed(new.tiers()));
    changes.list("unit", old.units(), new.units(), unit_facts);
    changes.list("venue", old.venues(), new.venues(), venue_facts);
    let (old_people, new_people) = (people(old), people(new));
    changes.list("person", &old_people, &new_people, person_facts);
    meeting(&mut changes, before.plan.as_ref(), &after.plan, &after.zone);
    changes.0
}

/// What is said of a thing: its id, its name, and facts by their names.
struct Facts {
    id: String,
    name: String,
    facts: Vec<(&'static str, String)>,
}

#[derive(Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn push(&mut self, sign: Sign, what: &'static str, id: &str, text: impl Into<String>) {
        self.0.push(Change { sign, what, id: id.to_owned(), text: text.into() });
    }

    /// One fact of a thing. `name` is that of the fact, empty where the thing is its only fact.
    fn field(&mut self, what: &'static str, id: &str, name: &str, old: &str, new: &str) {
        if old == new {
            return;
        }
        let name = if name.is_empty() { String::new() } else { format!("{name} ") };
        let or_none = |text: &str| if text.is_empty() { "(none)".to_owned() } else { text.to_owned() };
        let text = format!("{name}{} → {}", or_none(old), or_none(new));
        self.push(Sign::Changed, what, id, text);
    }

    fn list<T>(&mut self, what: &'static str, old: &[T], new: &[T], facts: impl Fn(&T) -> Facts) {
        let old: Vec<Facts> = old.iter().map(&facts).collect();
        let new: Vec<Facts> = new.iter().map(&facts).collect();
        let old_by_id: BTreeMap<&str, &Facts> = old.iter().map(|facts| (facts.id.as_str(), facts)).collect();
        let new_by_id: BTreeMap<&str, &Facts> = new.iter().map(|facts| (facts.id.as_str(), facts)).collect();
        for facts in &new {
            match old_by_id.get(facts.id.as_str()) {
                None => self.push(Sign::Added, what, &facts.id, facts.name.as_str()),
                Some(before) => {
                    self.field(what, &facts.id, "name", &before.name, &facts.name);
                    for ((name, old), (_, new)) in before.facts.iter().zip(&facts.facts) {
                        self.field(what, &facts.id, name, old, new);
                    }
                }
            }
        }
        for facts in old.iter().filter(|facts| !new_by_id.contains_key(facts.id.as_str())) {
            self.push(Sign::Removed, what, &facts.id, facts.name.as_str());
        }
    }
}

fn unit_facts(unit: &Unit) -> Facts {
    Facts {
        id: unit.id.to_string(),
        name: both(&unit.name),
        facts: vec![
            ("short name", both(&unit.short)),
            ("upper unit", unit.upper.as_ref().map_or(String::new(), UnitId::to_string)),
            ("rank", unit.rank.to_string()),
        ],
    }
}

fn venue_facts(venue: &Venue) -> Facts {
    let source = |source: &Source| format!("{} {}", source.id, both(&source.name));
    Facts {
        id: venue.id.to_string(),
        name: both(&venue.name),
        facts: vec![
            ("short name", both(&venue.short)),
            ("unit", venue.unit.to_string()),
            ("rank", venue.rank.to_string()),
            ("camera positions", venue.sources.iter().map(source).collect::<Vec<_>>().join(", ")),
            ("technician", contact(venue.technician.as_ref())),
            ("search words", venue.search.join(", ")),
        ],
    }
}

/// People in the order of posts.
fn people(directory: &Directory) -> Vec<&Person> {
    let mut people: Vec<&Person> = directory.people().values().collect();
    people.sort_by(|a, b| (a.rank, &a.id).cmp(&(b.rank, &b.id)));
    people
}

fn person_facts(person: &&Person) -> Facts {
    Facts {
        id: person.id.to_string(),
        name: both(&person.name),
        facts: vec![("unit", person.unit.to_string()), ("rank", person.rank.to_string())],
    }
}

fn meeting(changes: &mut Changes, old: Option<&Plan>, new: &Plan, zone: &TimeZone) {
    let time = |at: Option<Wall>| at.map_or(String::new(), |at| shown(at, zone));
    let facts = |plan: &Plan| Facts {
        id: plan.id.to_string(),
        name: both(&plan.title),
        facts: vec![
            ("start", time(plan.start)),
            ("chair's venue", plan.chair_venue.to_string()),
            ("chair", plan.chair.as_ref().map_or(String::new(), ToString::to_string)),
            ("contact", contact(plan.contact.as_ref())),
            (
                "codec",
                match plan.codec {
                    Codec::Vp8 => "vp8".to_owned(),
                    Codec::H264 => "h264".to_owned(),
                },
            ),
        ],
    };
    let old_plan: Vec<&Plan> = old.into_iter().collect();
    changes.list("meeting", &old_plan, &[new], |plan| facts(plan));
    let of = |venue: &VenueId| Facts { id: venue.to_string(), name: String::new(), facts: Vec::new() };
    let old_venues = old.map_or(&[][..], |plan| &plan.venues);
    changes.list("venue of the meeting", old_venues, &new.venues, of);
    let old_items: Vec<(usize, &Item)> =
        old.map_or(Vec::new(), |plan| plan.items.iter().enumerate().collect());
    let new_items: Vec<(usize, &Item)> = new.items.iter().enumerate().collect();
    let item_facts = |(place, item): &(usize, &Item)| Facts {
        id: item.id.to_string(),
        name: both(&item.title),
        facts: vec![
            ("place", (place + 1).to_string()),
            ("minutes", item.minutes.to_string()),
            ("start", time(item.start)),
            ("person", item.person.as_ref().map_or(String::new(), ToString::to_string)),
            ("venue", item.venue.as_ref().map_or(String::new(), VenueId::to_string)),
        ],
    };
    changes.list("item", &old_items, &new_items, item_facts);
}

fn contact(contact: Option<&Contact>) -> String {
    contact.map_or(String::new(), |contact| format!("{} {}", both(&contact.name), contact.phone))
}

fn both(text: &Text) -> String {
    if text.zh == text.en { text.zh.clone() } else { format!("{} / {}", text.zh, text.en) }
}

fn listed(texts: &[Text]) -> String {
    texts.iter().map(both).collect::<Vec<_>>().join(", ")
}
