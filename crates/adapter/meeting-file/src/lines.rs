//! What applying a meeting file changes, in lines for people.

use base::{ChangeKind, UnitId, VenueId, Wall};
use directory::change::{Becomes, Change, PlacedItem};
use directory::{Contact, Person, Plan, Source, Text, Unit, Venue};
use jiff::tz::TimeZone;
use service::office::ChangeLine;

use crate::time::shown;

/// The lines of changes: one for what comes or goes, one per field of what changes. Dates are as one reads them in `zone`.
#[must_use]
pub fn lines(changes: &[Change], zone: &TimeZone) -> Vec<ChangeLine> {
    let mut lines = Lines::default();
    let time = |at: Option<Wall>| at.map_or(String::new(), |at| shown(at, zone));
    for change in changes {
        match change {
            Change::Organisation { old, new } => {
                lines.field("organisation", "", "", &worded(old), &worded(new));
            }
            Change::Tiers { old, new } => lines.field("tiers", "", "", &listed(old), &listed(new)),
            Change::Unit(becomes) => lines.thing("unit", becomes, unit_facts),
            Change::Venue(becomes) => lines.thing("venue", becomes, venue_facts),
            Change::Person(becomes) => lines.thing("person", becomes, person_facts),
            Change::Meeting(becomes) => lines.thing("meeting", becomes, |plan| plan_facts(plan, time)),
            Change::VenueJoins(venue) => lines.push(ChangeKind::Added, MEETING_VENUE, venue.as_str(), ""),
            Change::VenueLeaves(venue) => lines.push(ChangeKind::Removed, MEETING_VENUE, venue.as_str(), ""),
            Change::Item(becomes) => lines.thing("item", becomes, |placed| item_facts(placed, time)),
        }
    }
    lines.0
}

const MEETING_VENUE: &str = "venue of the meeting";

/// What is said of a thing: its id, its name, and facts by their names.
struct Facts {
    id: String,
    name: String,
    facts: Vec<(&'static str, String)>,
}

#[derive(Default)]
struct Lines(Vec<ChangeLine>);

impl Lines {
    fn push(&mut self, kind: ChangeKind, what: &str, id: &str, detail: impl Into<String>) {
        self.0.push(ChangeLine { kind, what: what.to_owned(), id: id.to_owned(), detail: detail.into() });
    }

    /// One fact of a thing. `name` is that of the fact, empty where the thing is its only fact.
    fn field(&mut self, what: &str, id: &str, name: &str, old: &str, new: &str) {
        if old == new {
            return;
        }
        let name = if name.is_empty() { String::new() } else { format!("{name} ") };
        let or_none = |text: &str| if text.is_empty() { "(none)".to_owned() } else { text.to_owned() };
        let detail = format!("{name}{} → {}", or_none(old), or_none(new));
        self.push(ChangeKind::Changed, what, id, detail);
    }

    fn thing<T>(&mut self, what: &str, becomes: &Becomes<T>, facts: impl Fn(&T) -> Facts) {
        match becomes {
            Becomes::Added(thing) => {
                let facts = facts(thing);
                self.push(ChangeKind::Added, what, &facts.id, facts.name);
            }
            Becomes::Changed { old, new } => {
                let (old, new) = (facts(old), facts(new));
                self.field(what, &new.id, "name", &old.name, &new.name);
                for ((name, old), (_, fresh)) in old.facts.iter().zip(&new.facts) {
                    self.field(what, &new.id, name, old, fresh);
                }
            }
            Becomes::Removed(thing) => {
                let facts = facts(thing);
                self.push(ChangeKind::Removed, what, &facts.id, facts.name);
            }
        }
    }
}

fn unit_facts(unit: &Unit) -> Facts {
    Facts {
        id: unit.id.to_string(),
        name: worded(&unit.name),
        facts: vec![
            ("short name", worded(&unit.short)),
            ("upper unit", unit.upper.as_ref().map_or(String::new(), UnitId::to_string)),
            ("rank", unit.rank.to_string()),
        ],
    }
}

fn venue_facts(venue: &Venue) -> Facts {
    let source = |source: &Source| format!("{} {}", source.id, worded(&source.name));
    Facts {
        id: venue.id.to_string(),
        name: worded(&venue.name),
        facts: vec![
            ("short name", worded(&venue.short)),
            ("unit", venue.unit.to_string()),
            ("rank", venue.rank.to_string()),
            ("camera positions", venue.sources.iter().map(source).collect::<Vec<_>>().join(", ")),
            ("technician", contact(venue.technician.as_ref())),
            ("search words", venue.search.join(", ")),
        ],
    }
}

fn person_facts(person: &Person) -> Facts {
    Facts {
        id: person.id.to_string(),
        name: worded(&person.name),
        facts: vec![("unit", person.unit.to_string()), ("rank", person.rank.to_string())],
    }
}

fn plan_facts(plan: &Plan, time: impl Fn(Option<Wall>) -> String) -> Facts {
    Facts {
        id: plan.id.to_string(),
        name: worded(&plan.title).replace('\n', " "),
        facts: vec![
            ("start", time(plan.start)),
            ("time zone", plan.zone.clone()),
            ("chair's venue", plan.chair_venue.to_string()),
            ("chair", plan.chair.as_ref().map_or(String::new(), ToString::to_string)),
            ("contact", contact(plan.contact.as_ref())),
            ("codec", plan.codec.to_string()),
        ],
    }
}

fn item_facts(placed: &PlacedItem, time: impl Fn(Option<Wall>) -> String) -> Facts {
    let item = &placed.item;
    Facts {
        id: item.id.to_string(),
        name: worded(&item.title),
        facts: vec![
            ("place", placed.place.to_string()),
            ("minutes", item.minutes.to_string()),
            ("start", time(item.start)),
            ("person", item.person.as_ref().map_or(String::new(), ToString::to_string)),
            ("venue", item.venue.as_ref().map_or(String::new(), VenueId::to_string)),
        ],
    }
}

fn contact(contact: Option<&Contact>) -> String {
    contact.map_or(String::new(), |contact| format!("{} {}", worded(&contact.name), contact.phone))
}

/// Chinese and English without their tags where both are there, once where they are the same; else each text behind its language.
fn worded(text: &Text) -> String {
    let pair = [text.zh(), text.en()];
    let (mut parts, untagged) = match pair {
        ["", _] | [_, ""] => (Vec::new(), 0),
        [zh, en] if zh == en => (vec![zh.to_owned()], 2),
        [zh, en] => (vec![zh.to_owned(), en.to_owned()], 2),
    };
    parts.extend(text.iter().skip(untagged).map(|(language, text)| format!("{language}: {text}")));
    parts.join(" / ")
}

fn listed(texts: &[Text]) -> String {
    texts.iter().map(worded).collect::<Vec<_>>().join(", ")
}
