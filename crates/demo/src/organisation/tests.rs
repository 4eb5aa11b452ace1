use super::*;
use std::collections::BTreeMap;

fn made(branches: usize) -> Prepared {
    organisation(branches, Codec::Vp8).unwrap_or_else(|error| panic!("{branches} branches: {error:?}"))
}

/// Counties by city, the guest's unit left out.
fn cities(prepared: &Prepared) -> Vec<usize> {
    let mut counties: BTreeMap<&str, usize> = BTreeMap::new();
    for unit in prepared.directory.units().iter().filter(|unit| unit.id.as_str() != GUEST) {
        match prepared.directory.tier(&unit.id) {
            1 => _ = counties.insert(unit.id.as_str(), 0),
            2 => *counties.get_mut(unit.upper.as_ref().unwrap().as_str()).unwrap() += 1,
            _ => {}
        }
    }
    counties.into_values().collect()
}

#[test]
fn twenty_four_branches_stand_in_six_cities_and_a_hundred_and_thirty_in_twenty_one() {
    let small = made(BRANCHES);
    assert_eq!((small.directory.venues().len(), cities(&small).len()), (26, 6));
    let large = made(130);
    assert_eq!((large.directory.venues().len(), cities(&large).len()), (132, 21));
    assert_eq!(cities(&large).iter().sum::<usize>(), 109);
}

#[test]
fn every_number_of_branches_makes_that_many_in_cities_of_at_most_nine_counties() {
    for branches in (0..=BRANCHES_MAX).filter(|n| *n < 150 || n % 61 == 0 || *n == BRANCHES_MAX) {
        let prepared = made(branches);
        assert_eq!(prepared.directory.venues().len(), branches + 2, "{branches}");
        let counties = cities(&prepared);
        assert!(counties.iter().all(|n| *n <= COUNTIES_MAX), "{branches}: {counties:?}");
        assert_eq!(counties.len() + counties.iter().sum::<usize>(), branches, "{branches}");
    }
    assert!(matches!(organisation(BRANCHES_MAX + 1, Codec::Vp8), Err(DemoError::TooMany(_))));
}

#[test]
fn the_number_of_a_venue_is_its_place_in_rank_order_and_the_guest_is_last() {
    for branches in [0, 1, 24, 130, 998] {
        let prepared = made(branches);
        let ids: Vec<&str> = prepared.directory.venues().iter().map(|venue| venue.id.as_str()).collect();
        assert_eq!((ids[0], ids[ids.len() - 1]), (MAIN, GUEST));
        for (place, id) in ids.iter().enumerate().take(ids.len() - 1).skip(1) {
            assert_eq!(*id, format!("v{:03}", place + 1));
        }
        let plan: Vec<&str> = prepared.plan.venues.iter().map(|id| id.as_str()).collect();
        assert_eq!(plan, ids);
    }
}

#[test]
fn sources_are_numbered_after_their_venue() {
    let prepared = made(3);
    let sources: Vec<String> = prepared
        .directory
        .venues()
        .iter()
        .flat_map(|venue| &venue.sources)
        .map(|source| format!("{} {}", source.id, source.name.en()))
        .collect();
    let expected = [
        "main.1 cam 1 podium",
        "main.2 cam 2 hall",
        "v002.1 cam 1",
        "v003.1 cam 1",
        "v004.1 cam 1",
        "guest.1 cam 1",
    ];
    assert_eq!(sources, expected);
}

#[test]
fn all_names_are_of_two_characters_fit_a_chip_and_differ_in_both_languages() {
    let prepared = made(BRANCHES_MAX);
    let (mut zh, mut en) = (BTreeSet::new(), BTreeSet::new());
    for venue in prepared.directory.venues() {
        assert!(zh.insert(venue.short.zh().to_owned()), "{:?}", venue.short);
        assert!(en.insert(venue.short.en().to_owned()), "{:?}", venue.short);
        let branch = ![MAIN, GUEST].contains(&venue.id.as_str());
        assert!(!branch || venue.short.zh().chars().count() == 2, "{:?}", venue.short);
        assert!(!branch || venue.search.contains(&venue.short.en().to_lowercase().replace('\'', "")));
    }
}

#[test]
fn technicians_have_extensions_of_their_own_and_the_rundown_names_people_and_venues_that_are_there() {
    let mut prepared = made(BRANCHES);
    let mut phones = BTreeSet::new();
    for venue in prepared.directory.venues() {
        assert!(phones.insert(venue.technician.clone().unwrap().phone), "{}", venue.id);
    }
    assert_eq!(prepared.plan.items.len(), 6);
    for item in &prepared.plan.items {
        assert!(item.person.iter().all(|person| prepared.directory.people().contains_key(person)));
        assert!(item.venue.iter().all(|venue| prepared.plan.venues.contains(venue)));
    }
    prepared.start_at(base::Wall(1_000));
    assert_eq!(prepared.plan.items[2].start, Some(base::Wall(1_000 + 25 * 60_000)));
}
