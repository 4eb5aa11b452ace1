//! What changes from one state of organisation and plan to the next.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use base::{VenueId, Wall};
use directory::change::{Becomes, Change, changes};
use directory::{Codec, Contact, Directory, Item, Person, Plan, Source, Text, Unit, Venue};

/// What a directory is made of, so that a test can change one thing of it.
#[derive(Clone)]
struct Parts {
    organisation: Text,
    tiers: Vec<Text>,
    units: Vec<Unit>,
    venues: Vec<Venue>,
    people: Vec<Person>,
    plan: Plan,
}

impl Parts {
    fn directory(&self) -> Directory {
        let Self { organisation, tiers, units, venues, people, .. } = self.clone();
        Directory::new(organisation, tiers, units, venues, people).unwrap()
    }
}

fn text(name: &str) -> Text {
    Text::new(name, name)
}

fn contact(phone: &str) -> Option<Contact> {
    Some(Contact { name: text("Wang"), phone: phone.into() })
}

fn venue(id: &str, unit: &str) -> Venue {
    Venue {
        id: id.parse().unwrap(),
        unit: unit.parse().unwrap(),
        rank: 1,
        name: text(id),
        short: text(id),
        sources: vec![Source { id: format!("{id}.1").parse().unwrap(), name: text("cam 1") }],
        technician: None,
        search: vec![id.into()],
    }
}

fn person(id: &str, rank: u32) -> Person {
    Person { id: id.parse().unwrap(), unit: "head".parse().unwrap(), rank, name: text(id) }
}

fn item(id: &str) -> Item {
    Item { id: id.parse().unwrap(), title: text(id), minutes: 5, start: None, person: None, venue: None }
}

fn parts() -> Parts {
    let unit = |id: &str, upper: Option<&str>| Unit {
        id: id.parse().unwrap(),
        upper: upper.map(|upper| upper.parse().unwrap()),
        rank: 1,
        name: text(id),
        short: text(id),
    };
    Parts {
        organisation: text("Yunling"),
        tiers: vec![text("Head"), text("Branch")],
        units: vec![unit("head", None), unit("b", Some("head"))],
        venues: vec![venue("main", "head"), venue("v002", "b")],
        people: vec![person("low", 2), person("chair", 1)],
        plan: Plan {
            id: "m1".parse().unwrap(),
            title: text("Meeting"),
            start: None,
            zone: "Asia/Shanghai".to_owned(),
            chair_venue: "main".parse().unwrap(),
            chair: None,
            contact: None,
            codec: Codec::Vp8,
            venues: vec!["main".parse().unwrap(), "v002".parse().unwrap()],
            items: vec![item("i1"), item("i2")],
        },
    }
}

fn between(old: &Parts, new: &Parts) -> Vec<Change> {
    changes(Some(&old.directory()), Some(&old.plan), &new.directory(), &new.plan)
}

/// The changes that one change of the parts makes, in short words.
fn check(alter: impl FnOnce(&mut Parts), want: &[&str]) {
    let old = parts();
    let mut new = old.clone();
    alter(&mut new);
    let found: Vec<String> = between(&old, &new).iter().map(short).collect();
    assert_eq!(found, want);
}

fn short(change: &Change) -> String {
    fn of<T>(what: &str, becomes: &Becomes<T>, id: impl Fn(&T) -> String) -> String {
        match becomes {
            Becomes::Added(thing) => format!("+ {what} {}", id(thing)),
            Becomes::Changed { old, new } => {
                assert_eq!(id(old), id(new));
                format!("~ {what} {}", id(new))
            }
            Becomes::Removed(thing) => format!("- {what} {}", id(thing)),
        }
    }
    match change {
        Change::Organisation { .. } => "~ organisation".into(),
        Change::Tiers { .. } => "~ tiers".into(),
        Change::Unit(becomes) => of("unit", becomes, |unit| unit.id.to_string()),
        Change::Venue(becomes) => of("venue", becomes, |venue| venue.id.to_string()),
        Change::Person(becomes) => of("person", becomes, |person| person.id.to_string()),
        Change::Meeting(becomes) => of("meeting", becomes, |plan| plan.id.to_string()),
        Change::VenueJoins(venue) => format!("joins {venue}"),
        Change::VenueLeaves(venue) => format!("leaves {venue}"),
        Change::Item(becomes) => of("item", becomes, |placed| placed.item.id.to_string()),
    }
}

#[test]
fn the_same_state_changes_nothing() {
    check(|_| {}, &[]);
}

#[test]
fn a_first_file_adds_everything_in_order() {
    let new = parts();
    let found = changes(None, None, &new.directory(), &new.plan);
    let found: Vec<String> = found.iter().map(short).collect();
    assert_eq!(
        found,
        [
            "~ organisation",
            "~ tiers",
            "+ unit head",
            "+ unit b",
            "+ venue main",
            "+ venue v002",
            "+ person chair",
            "+ person low",
            "+ meeting m1",
            "joins main",
            "joins v002",
            "+ item i1",
            "+ item i2",
        ]
    );
}

#[test]
fn every_field_of_a_thing_is_a_change_of_that_thing() {
    check(|parts| parts.organisation = text("Other"), &["~ organisation"]);
    check(|parts| parts.tiers.push(text("Third")), &["~ tiers"]);
    let unit: [fn(&mut Unit); 4] = [
        |unit| unit.rank = 2,
        |unit| unit.name = text("Other"),
        |unit| unit.short = text("Other"),
        |unit| unit.name = Text::new("b", "Other"),
    ];
    for alter in unit {
        check(|parts| alter(&mut parts.units[1]), &["~ unit b"]);
    }
    let venue: [fn(&mut Venue); 7] = [
        |venue| venue.rank = 2,
        |venue| venue.unit = "head".parse().unwrap(),
        |venue| venue.name = text("Other"),
        |venue| venue.short = text("Other"),
        |venue| venue.sources[0].name = text("Other"),
        |venue| venue.technician = contact("8001"),
        |venue| venue.search.clear(),
    ];
    for alter in venue {
        check(|parts| alter(&mut parts.venues[1]), &["~ venue v002"]);
    }
    let person: [fn(&mut Person); 3] = [
        |person| person.rank = 9,
        |person| person.name = text("Other"),
        |person| person.unit = "b".parse().unwrap(),
    ];
    for alter in person {
        check(|parts| alter(&mut parts.people[0]), &["~ person low"]);
    }
    let plan: [fn(&mut Plan); 6] = [
        |plan| plan.title = text("Other"),
        |plan| plan.start = Some(Wall(1)),
        |plan| plan.chair_venue = "v002".parse().unwrap(),
        |plan| plan.chair = Some("chair".parse().unwrap()),
        |plan| plan.contact = contact("8000"),
        |plan| plan.codec = Codec::H264,
    ];
    for alter in plan {
        check(|parts| alter(&mut parts.plan), &["~ meeting m1"]);
    }
    let item: [fn(&mut Item); 5] = [
        |item| item.title = text("Other"),
        |item| item.minutes = 6,
        |item| item.start = Some(Wall(1)),
        |item| item.person = Some("chair".parse().unwrap()),
        |item| item.venue = Some("v002".parse().unwrap()),
    ];
    for alter in item {
        check(|parts| alter(&mut parts.plan.items[1]), &["~ item i2"]);
    }
}

#[test]
fn what_comes_of_a_kind_stands_before_what_goes() {
    check(
        |parts| {
            parts.venues[1] = venue("v003", "b");
            parts.plan.venues[1] = VenueId::new("v003").unwrap();
            parts.people[0] = person("new", 3);
            parts.plan.items.remove(0);
        },
        &[
            "+ venue v003",
            "- venue v002",
            "+ person new",
            "- person low",
            "joins v003",
            "leaves v002",
            "~ item i2",
            "- item i1",
        ],
    );
}

#[test]
fn an_item_that_moves_in_the_rundown_changes() {
    let old = parts();
    let mut new = old.clone();
    new.plan.items.swap(0, 1);
    let places: Vec<_> = between(&old, &new)
        .into_iter()
        .map(|change| {
            let Change::Item(Becomes::Changed { old, new }) = change else { panic!("{change:?}") };
            (new.item.id.to_string(), old.place, new.place)
        })
        .collect();
    assert_eq!(places, [("i2".to_owned(), 2, 1), ("i1".to_owned(), 1, 2)]);
}

#[test]
fn a_change_carries_what_was_and_what_is() {
    let old = parts();
    let mut new = old.clone();
    new.plan.items[0].minutes = 15;
    let [Change::Item(Becomes::Changed { old: before, new: after })] = &between(&old, &new)[..] else {
        panic!("one item changes")
    };
    assert_eq!((before.item.minutes, after.item.minutes, after.place), (5, 15, 1));
}

#[test]
fn the_plan_of_a_changed_meeting_leaves_venues_and_items_to_their_own_changes() {
    let found = changes(None, None, &parts().directory(), &parts().plan);
    let plan = found.iter().find_map(|change| {
        let Change::Meeting(Becomes::Added(plan)) = change else { return None };
        Some(plan)
    });
    assert!(plan.unwrap().venues.is_empty() && plan.unwrap().items.is_empty());
}
