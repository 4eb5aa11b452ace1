//! The directory through its public API.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeSet;

use base::{PersonId, SourceId, UnitId, VenueId};
use directory::policy::{ActKind, Permission, Role, permission, who_may};
use directory::{Directory, DirectoryError, Person, Source, Text, Unit, Venue};

fn unit(id: &str, upper: Option<&str>, rank: u32) -> Unit {
    Unit {
        id: UnitId::new(id).unwrap(),
        upper: upper.map(|u| UnitId::new(u).unwrap()),
        rank,
        name: Text::new(id, id),
        short: Text::new("短", "short"),
    }
}

fn venue(id: &str, unit: &str, rank: u32) -> Venue {
    Venue {
        id: VenueId::new(id).unwrap(),
        unit: UnitId::new(unit).unwrap(),
        rank,
        name: Text::new(id, id),
        short: Text::new("短", "short"),
        sources: vec![Source { id: SourceId::new(&format!("{id}.1")).unwrap(), name: Text::default() }],
        technician: None,
        search: vec![],
    }
}

fn build(units: Vec<Unit>, venues: Vec<Venue>) -> Result<Directory, DirectoryError> {
    Directory::new(Text::default(), vec![Text::default(); 3], units, venues, vec![])
}

#[test]
fn order_is_rank_down_the_tree_never_the_alphabet() {
    let directory = build(
        vec![unit("a", Some("z"), 2), unit("b", Some("z"), 1), unit("c", Some("a"), 1), unit("z", None, 1)],
        vec![venue("m", "c", 1), venue("n", "b", 2), venue("o", "b", 1), venue("p", "z", 1)],
    )
    .unwrap();
    let units: Vec<_> = directory.units().iter().map(|u| u.id.as_str()).collect();
    let venues: Vec<_> = directory.venues().iter().map(|v| v.id.as_str()).collect();
    assert_eq!(units, ["z", "b", "a", "c"]);
    assert_eq!(venues, ["p", "o", "n", "m"]);
    assert_eq!(directory.tier(&UnitId::new("c").unwrap()), 2);
}

#[test]
fn people_of_a_venue_are_those_of_its_unit_and_of_lower_units_without_a_venue_in_the_meeting() {
    let person = |id: &str, unit: &str, rank| Person {
        id: PersonId::new(id).unwrap(),
        unit: UnitId::new(unit).unwrap(),
        rank,
        name: Text::new(id, id),
    };
    let directory = Directory::new(
        Text::default(),
        vec![Text::default(); 3],
        vec![unit("z", None, 1), unit("b", Some("z"), 1), unit("a", Some("z"), 2), unit("c", Some("a"), 1)],
        vec![venue("p", "z", 1), venue("q", "z", 2), venue("m", "a", 1), venue("n", "b", 1)],
        vec![
            person("anne", "z", 2),
            person("bert", "z", 1),
            person("carl", "c", 1),
            person("dora", "a", 3),
            person("emil", "b", 1),
        ],
    )
    .unwrap();
    let check = |at: &str, meeting: &[&str], want: &[&str]| {
        let meeting: Vec<_> = meeting.iter().map(|id| VenueId::new(id).unwrap()).collect();
        let venue = directory.venue(&VenueId::new(at).unwrap()).unwrap();
        let people = directory.people_of(venue, &meeting);
        assert_eq!(people.iter().map(|person| person.id.as_str()).collect::<Vec<_>>(), want, "{at}");
        // One by one, the same are told.
        let one_by_one = directory.people().keys().filter(|id| directory.speaks_from(id, venue, &meeting));
        let told: BTreeSet<&str> = people.iter().map(|person| person.id.as_str()).collect();
        assert_eq!(one_by_one.map(PersonId::as_str).collect::<BTreeSet<_>>(), told, "{at}");
    };
    // All of them come to the one venue that there is, unit by unit, by their posts within it.
    check("p", &["p"], &["bert", "anne", "emil", "dora", "carl"]);
    // A unit with a venue of its own takes its lower units along.
    check("p", &["p", "m"], &["bert", "anne", "emil"]);
    check("m", &["p", "m"], &["dora", "carl"]);
    // Two venues of a unit offer the same people.
    check("q", &["p", "q", "m", "n"], &["bert", "anne"]);
    check("n", &["p", "q", "m", "n"], &["emil"]);
}

#[test]
fn a_directory_says_what_is_wrong_with_it() {
    let check = |units, venues, want: &str| {
        let error = build(units, venues).unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    };
    check(vec![unit("a", None, 1), unit("a", None, 2)], vec![], "unit a is there twice");
    check(vec![unit("a", Some("b"), 1), unit("b", Some("a"), 1)], vec![], "deeper than the tiers");
    check(vec![unit("a", Some("x"), 1)], vec![], "names the unit x");
    check(vec![unit("a", None, 1)], vec![venue("v", "x", 1)], "venue v names the unit x");
    let mut long = venue("v", "a", 1);
    long.short = Text::new("七个汉字的短名", "");
    check(vec![unit("a", None, 1)], vec![long], "longer than 12 letters");
    let mut clash = venue("v", "a", 1);
    clash.sources[0].id = SourceId::new("v").unwrap();
    check(vec![unit("a", None, 1)], vec![clash], "venue and source v");
}

#[test]
fn the_desk_does_floor_acts_for_the_chair_and_a_venue_asks_alone() {
    assert_eq!(permission(Role::Director, ActKind::CallOn), Permission::ForChair);
    assert_eq!(permission(Role::Chair, ActKind::Take), Permission::No);
    assert_eq!(permission(Role::Director, ActKind::Raise), Permission::No);
    assert_eq!(who_may(ActKind::MuteAll), [Role::Chair, Role::Director]);
    for act in ActKind::ALL {
        assert_eq!(permission(Role::Watcher, act), Permission::No);
    }
}
